import { idOf, kindOf } from '../../../domain/identifiers.ts';
import type { Notice } from '../../../domain/notice.ts';
import { endOf, keepable } from '../../../domain/text.ts';
import { type About, inLine, type Mail, showing } from './about.ts';
import { approvalText, changesText, tooFewText } from './approval.ts';
import { knownErrorLines } from './page.ts';
import { notReadyText, waiverText } from './readiness.ts';
import { seatAskedText, seatTakenText } from './seat.ts';
import { movedText, taskText } from './task.ts';

/** The notice in the words of a mail. */
export const mailOf = (notice: Notice, about: About): Mail => {
  const { subject, text } = wordsOf(notice, about);
  return { subject: oneLine(subject), text };
};

const publicText = (id: string, publishedAt: string | undefined): string =>
  `\n\nThe public has heard nothing${publishedAt === undefined ? '' : ` since ${publishedAt}`}. To publish what you say:\nevenkeel incident report-status ${id} "…" --public`;

/** A subject is one header line, whatever was put into it. */
const oneLine = (text: string): string => keepable(inLine(text), 200);

const wordsOf = (notice: Notice, about: About): Mail => {
  const [kind, id] = [kindOf(about.belongsTo), idOf(about.belongsTo)];
  switch (notice.reason) {
    case 'not-ready':
      return toOwner(about, 'not ready', notReadyText(notice));
    case 'waiver-asked':
      return waiverText(notice.waiver, about);
    case 'seat-asked':
      return seatAskedText(notice, about);
    case 'seat-reassigned':
      return seatTakenText(notice, about);
    case 'start-held':
      return toOwner(
        about,
        'its start is held',
        `It has not begun: ${inLine(notice.why)}. It starts by itself as soon as it may. If it should not wait, cancel it:\nevenkeel ${kind} cancel ${id} --reason "…"`,
      );
    case 'scheduled':
      return {
        subject: `Starts ${notice.startAt}: ${about.title}`,
        text: `You have a seat in this plan. It starts at ${notice.startAt}, in its maintenance window.\n\n${showing(about)}`,
      };
    case 'seat-exhausted':
      return toOwner(
        about,
        'nobody left to ask',
        `Nobody is left to ask for the seat ${notice.seat}. Name somebody, in place of person:\nevenkeel plan assign ${id} ${notice.seat} person --reason "…"`,
      );
    case 'status-report-due':
      return toOwner(about, 'a status report is due', `evenkeel plan report-status ${id} "…"`);
    case 'still-paused':
      return toOwner(about, 'still paused', `The ${kind} is paused. Resume or cancel it.`);
    case 'incident-update-due':
      return toOwner(
        about,
        'stakeholders wait for news',
        `Say how it stands:\nevenkeel incident report-status ${id} "…"${notice.isPublic ? publicText(id, notice.publishedAt) : ''}`,
      );
    case 'incident-review-due':
      return toOwner(
        about,
        'its review is due',
        `Write it, and have somebody else sign it:\nevenkeel incident review ${id}\nevenkeel incident sign-review ${id}`,
      );
    case 'incident-action-due':
      return toOwner(
        about,
        'an action of yours is due',
        `Say when it is done:\nevenkeel incident show ${id}\nevenkeel incident complete-action ${id} NUMBER --note "…"`,
      );
    case 'incident-runbook-failed':
      return toOwner(
        about,
        'a runbook has not restored it',
        `Look at it, and order another one or restore service by hand:\nevenkeel incident timeline ${id}`,
      );
    case 'incident-hold-over':
      return toOwner(about, 'the hold is over', 'It was on hold until now, and is worked on again.');
    case 'incident-assigned':
      return toOwner(about, 'assigned to you', `evenkeel incident acknowledge ${id}`);
    case 'incident-own-at-risk':
      return toOwner(
        about,
        'nobody has it yet',
        `Three quarters of its time to own are over. Take it, or give it to somebody:\nevenkeel incident acknowledge ${id}\nevenkeel incident assign ${id} PERSON`,
      );
    case 'incident-own-breached':
      return toOwner(
        about,
        'its time to own is over',
        `Nobody has had it in time. Take it, or give it to somebody:\nevenkeel incident acknowledge ${id}\nevenkeel incident assign ${id} PERSON`,
      );
    case 'incident-resolve-at-risk':
      return toOwner(
        about,
        'its time to resolve is nearly over',
        `Three quarters of its time to resolve are over. See how it stands, and get help:\nevenkeel incident show ${id}\nevenkeel incident escalate ${id} --reason "…"`,
      );
    case 'incident-resolve-breached':
      return toOwner(
        about,
        'its time to resolve is over',
        `It was not resolved in time. Say how it stands:\nevenkeel incident report-status ${id} "…"`,
      );
    case 'incident-known-error':
      return toOwner(about, 'what helps is known', knownErrorLines(notice.known, Number(id)).join('\n'));
    case 'problem-workaround-weak':
      return toOwner(
        about,
        'its workaround helps too seldom',
        `It has restored service ${notice.restored} of ${notice.applied} times. Say what helps better:\nevenkeel problem known-error ${id} FILE`,
      );
    case 'problem-assigned':
      return toOwner(about, 'yours to investigate', `evenkeel problem claim ${id} "…"`);
    case 'problem-action-due':
      return toOwner(
        about,
        'an action of yours is due',
        `Say when it is done:\nevenkeel problem complete-action ${id} NUMBER --note "…"`,
      );
    case 'problem-judged':
      return toOwner(about, 'its fix was judged', 'This is what the numbers show of it.');
    case 'problem-risk-expiring':
      return toOwner(
        about,
        'its risk is accepted for a while yet',
        'Plan a fix, or ask for it again when it has expired.',
      );
    case 'problem-risk-expired':
      return toOwner(
        about,
        'its risk is accepted no longer',
        `It is open again. Plan a fix, or ask somebody to accept the risk for longer:\nevenkeel problem accept-risk ${id} --until DATE --reason "…"`,
      );
    case 'problem-risk-refused':
      return toOwner(
        about,
        'nobody accepts its risk',
        `It stays open:\nevenkeel approval list --belongs-to problem/${id}`,
      );
    case 'activity-failed':
      return toOwner(
        about,
        `${notice.activity} failed`,
        `The task of ${notice.activity} failed. Retry or skip it, or cancel the ${kind}. Without a decision, what was done will be undone.`,
      );
    case 'undo-failed':
      return toOwner(
        about,
        'an undo failed',
        `Could not be undone: ${notice.activities.join(', ')}. Retry or skip each. Without a decision, the ${kind} ends as failed.`,
      );
    case 'broke-off':
      return {
        subject: `${about.title}: the ${kind} broke off`,
        text: `${nameOf(about)} has ended: ${notice.why}. Check what it left behind.\n\n${showing(about)}`,
      };
    case 'task-opened':
      return { subject: `Task: ${notice.task.title}`, text: taskText(notice.task) };
    case 'task-reminded':
      return { subject: `Reminder: ${notice.task.title}`, text: taskText(notice.task) };
    case 'task-late':
      return { subject: `Late: ${notice.task.title}`, text: taskText(notice.task) };
    case 'task-reassigned':
      return { subject: `Task: ${notice.task.title}`, text: `${movedText(notice.task)}\n\n${taskText(notice.task)}` };
    case 'task-taken':
      return {
        subject: `Reassigned: ${notice.task.title}`,
        text: `${movedText(notice.task)}\n\nYou need not do anything.\n\nevenkeel task show ${notice.task.id}`,
      };
    case 'step-held':
      return toOwner(
        about,
        `${notice.step} is held`,
        `${notice.step} has not begun: ${notice.why}. It begins by itself as soon as it may. If it should not wait, skip it or cancel the ${kind}.`,
      );
    case 'failure-heard':
      return toOwner(
        about,
        'the deployment failed after all',
        `${notice.why}. The ${kind} is paused: resume it, or cancel it.\n\nevenkeel ${kind} resume ${id} --reason "…"\nevenkeel ${kind} cancel ${id} --reason "…"`,
      );
    case 'step-failed':
      return {
        subject: `Step failed: ${notice.step}`,
        text: `${notice.failure}\n\n${saidBy(about)}Retry it, skip it, or cancel the ${kind}.\n\n${showing(about)}`,
      };
    case 'step-undo-failed':
      return {
        subject: `Undo failed: ${notice.step}`,
        text: `${notice.step} could not be undone: ${notice.failure}\n\n${saidBy(about)}Retry it, or skip it to leave it as it is.\n\n${showing(about)}`,
      };
    case 'approval-asked':
    case 'approval-escalated':
      return { subject: `Approval needed: ${notice.approval.question}`, text: approvalText(notice.approval, about) };
    case 'approval-reminded':
      return {
        subject: `Reminder: Approval needed: ${notice.approval.question}`,
        text: approvalText(notice.approval, about),
      };
    case 'changes-requested':
      return changesText(notice.approval, about);
    case 'too-few-approvers':
      return tooFewText(notice);
    case 'stalled':
      return toOwner(
        about,
        'is stuck',
        `${notice.what === 'workflow' ? 'Its workflow' : notice.what} keeps failing and is being retried: ${notice.why}\n\nNothing is lost. The ${kind} continues by itself once the cause is gone. Whoever runs Evenkeel can see more:\nevenkeel stall list`,
      );
    case 'reported':
      return { subject: notice.title, text: notice.markdown };
  }
};

/** The end of an output stands apart from our words, so that none of its lines can pass for one of them. */
const saidBy = ({ output }: About): string =>
  output === undefined ? '' : `Its output:\n${endOf(output).replaceAll(/^/gm, '  | ')}\n\n`;

const nameOf = ({ belongsTo }: About): string => {
  const kind = kindOf(belongsTo);
  return `${kind[0]!.toUpperCase()}${kind.slice(1)} ${idOf(belongsTo)}`;
};

const toOwner = (about: About, subject: string, text: string): Mail => ({
  subject: `${about.title}: ${subject}`,
  text: [text, '', nameOf(about), ...about.facts.map(inLine), showing(about)].join('\n'),
});
