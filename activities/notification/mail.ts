import type { Approval } from '../../domain/approval.ts';
import { idOf, kindOf } from '../../domain/identifiers.ts';
import { triggeredByText } from '../../domain/login.rules.ts';
import type { Notice } from '../../domain/notice.ts';
import type { Reference } from '../../domain/reference.ts';
import type { Task } from '../../domain/task.ts';
import { endOf } from '../../domain/text.ts';

/** What a mail says besides the notice: which record it is about, and where people find Evenkeel. */
export interface About {
  belongsTo: Reference;
  /** The record in a few words: `checkout in production`. */
  title: string;
  publicUrl: string;
  /** What the target of a step said. */
  output?: string | undefined;
  /** What whoever decides has to know. */
  brief: readonly string[];
}

interface Mail {
  subject: string;
  text: string;
}

/** The notice in the words of a mail. */
export const mailOf = (notice: Notice, about: About): Mail => {
  const { subject, text } = wordsOf(notice, about);
  return { subject: oneLine(subject), text };
};

/** A subject is one header line, whatever was put into it. */
const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ').slice(0, 200);

const wordsOf = (notice: Notice, about: About): Mail => {
  const [kind, id] = [kindOf(about.belongsTo), idOf(about.belongsTo)];
  switch (notice.reason) {
    case 'not-ready':
      return toOwner(about, 'not ready', `These checks stand in the way:\n${notice.blockers.join('\n')}`);
    case 'seat-asked':
      return {
        subject: `Can you take part? ${about.title}`,
        text: `You are asked to take the seat ${notice.seat}.\n\nevenkeel plan accept ${id} ${notice.seat}\nevenkeel plan decline ${id} ${notice.seat} --reason "…"`,
      };
    case 'scheduled':
      return {
        subject: `Begins ${notice.startAt}: ${about.title}`,
        text: `You have a seat in it. It begins at ${notice.startAt}, in its maintenance window.\n\n${showing(about)}`,
      };
    case 'seat-exhausted':
      return toOwner(
        about,
        'nobody left to ask',
        `Nobody is left to ask for ${notice.seat}. Name somebody, here by the name of person:\nevenkeel plan assign ${id} ${notice.seat} person --reason "…"`,
      );
    case 'status-report-due':
      return toOwner(about, 'a status report is due', `evenkeel plan report-status ${id} "…"`);
    case 'still-paused':
      return toOwner(about, 'still paused', `The ${kind} is paused. Resume or cancel it.`);
    case 'activity-failed':
      return toOwner(
        about,
        `${notice.activity} failed`,
        `The task of ${notice.activity} failed. Retry or skip it, or cancel the ${kind}; after a while what was done is undone.`,
      );
    case 'undo-failed':
      return toOwner(
        about,
        'an undo failed',
        `Not undone: ${notice.activities.join(', ')}. Retry or skip each; after a while the ${kind} ends as failed.`,
      );
    case 'broke-off':
      return {
        subject: `${about.title}: the ${kind} broke off`,
        text: `${nameOf(about)} has failed: ${notice.why}. Look at what it left, and deploy anew.\n\n${showing(about)}`,
      };
    case 'task-opened':
      return { subject: `Task: ${notice.task.title}`, text: taskText(notice.task) };
    case 'task-reminded':
      return { subject: `Reminder: ${notice.task.title}`, text: taskText(notice.task) };
    case 'task-late':
      return { subject: `Late: ${notice.task.title}`, text: taskText(notice.task) };
    case 'step-held':
      return toOwner(
        about,
        `${notice.step} is held`,
        `${notice.step} has not begun: ${notice.why}. It begins by itself when it may. Skip it, or cancel the ${kind}, if it is not to wait.`,
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
        'does not go on',
        `${notice.what === 'workflow' ? 'Its workflow' : notice.what} fails and is tried again and again: ${notice.why}\n\nNothing is lost, and it goes on by itself once that works. Whoever runs Evenkeel sees more:\nevenkeel stall list`,
      );
    case 'reported':
      return { subject: notice.title, text: notice.markdown };
  }
};

/** The end of an output stands apart from our words, so that none of its lines passes for one of them. */
const saidBy = ({ output }: About): string =>
  output === undefined ? '' : `Its output:\n${endOf(output).replaceAll(/^/gm, '  | ')}\n\n`;

const nameOf = ({ belongsTo }: About): string => {
  const kind = kindOf(belongsTo);
  return `${kind[0]!.toUpperCase()}${kind.slice(1)} ${idOf(belongsTo)}`;
};

const showing = ({ belongsTo }: About): string => `evenkeel ${kindOf(belongsTo)} show ${idOf(belongsTo)}`;

const toOwner = (about: About, subject: string, text: string): Mail => ({
  subject: `${about.title}: ${subject}`,
  text: `${text}\n\n${nameOf(about)}\n${showing(about)}`,
});

const taskText = ({ id, title, instructions, dueAt, form }: Task): string => {
  const fields = form.map(
    ({ field, label, type, required }) => `- ${field}: ${label} (${type}${required ? '' : ', may be left out'})`,
  );
  const set = form.filter(({ required }) => required).map(({ field, type }) => ` --set ${field}=${samples[type]}`);
  const asked = fields.length === 0 ? [] : ['Fill in:', ...fields, ''];
  return [
    title,
    '',
    instructions,
    '',
    `Due ${dueAt}.`,
    '',
    ...asked,
    `evenkeel task complete ${id}${set.join('')}`,
  ].join('\n');
};

/** What may stand in a field of each type, so that the command can be pasted, and edited. */
const samples = { text: '"…"', number: '0', boolean: 'true' } as const;

const approvalText = (approval: Approval, { brief, publicUrl }: About): string => {
  const { id, requester, triggeredBy, question, digest, deadlineAt } = approval;
  const command = (decision: string): string => `evenkeel approval ${decision} ${id} --digest ${digest}`;
  return [
    `${requester} asks: ${question}`,
    ...(triggeredBy ? [`Triggered by ${triggeredByText(triggeredBy)}.`] : []),
    `Decide by ${deadlineAt}. Without a decision it is not approved.`,
    '',
    ...(brief.length === 0 ? [] : [...brief, '']),
    ...stagesText(approval),
    '',
    `${publicUrl}/v1/approvals/${id}`,
    `evenkeel approval show ${id}`,
    command('approve'),
    `${command('reject')} --reason "…"`,
  ].join('\n');
};

/** Who decides now, and who is asked after them. */
const stagesText = ({ stage, stages, policy }: Approval): string[] => {
  const { needed, eligible } = stages[stage]!;
  const later = policy.stages
    .slice(stage + 1)
    .map(({ approvers }) => `Then: ${approvers.map(approverText).join(', ')}`);
  return [`Now: ${needed} of ${eligible.join(', ')}`, ...later];
};

const approverText = (approver: Approval['policy']['stages'][number]['approvers'][number]): string => {
  if ('person' in approver) return approver.person;
  return 'team' in approver ? `team ${approver.team} (${approver.role})` : `who is on call by ${approver.onCall}`;
};

const changesText = ({ question, votes }: Approval, about: About): Mail => {
  const command = `evenkeel ${kindOf(about.belongsTo)}`;
  const id = idOf(about.belongsTo);
  const said = votes
    .filter(({ decision }) => decision === 'request-changes')
    .map(({ voter, reason }) => `${voter} asks for changes: ${reason}`);
  return {
    subject: `Changes are asked for: ${question}`,
    text: `${said.join('\n')}\n\nLeave activities out, or ask again when nothing has to change; for anything else cancel it, and deploy anew.\n\n${showing(about)}\n${command} amend ${id} --drop activity --reason "…"\n${command} reassess ${id} --reason "…"\n${command} cancel ${id} --reason "…"`,
  };
};

/** Silence would only be rejected at the deadline: whoever can change something hears of it at once. */
const tooFewText = ({ approval, leftOut }: Extract<Notice, { reason: 'too-few-approvers' }>): Mail => {
  const { id, question, stages, stage, escalated, policy, deadlineAt } = approval;
  const { eligible, needed } = stages[stage]!;
  const left = leftOut.map(({ person, why }) => `${person} may not vote: ${person} ${why}.`);
  const otherwise = !escalated && policy.escalateTo.length > 0 ? 'more people are asked' : 'it is rejected';
  return {
    subject: `Nobody can approve: ${question}`,
    text: `It takes ${needed} and only ${eligible.join(', ') || 'nobody'} may vote.\n${left.join('\n')}\n\nName more approvers, who neither ask nor execute, and apply; then cancel the plan and deploy anew. Otherwise ${otherwise} at ${deadlineAt}.\n\nevenkeel approval show ${id}`,
  };
};
