import { styleText } from 'node:util';
import type { Approval, Vote } from '../domain/approval.ts';
import { approverText } from '../domain/approval/stage.rules.ts';
import { idOf } from '../domain/identifiers.ts';
import { triggeredByText } from '../domain/login.rules.ts';
import type { PlanContent } from '../domain/operation-plan/content.ts';
import { plannedStartText } from '../domain/operation-plan/planned-start.rules.ts';
import type { PlannedStart } from '../domain/operation-plan/slot.ts';
import type { ReadinessReview } from '../domain/readiness.ts';
import type { RunbookSpec, Step } from '../domain/runbook.ts';
import { stepWords } from '../domain/step-words.rules.ts';
import { facts, plain, span, status, table, when } from './print.ts';

/** An approval as the API shows it to somebody who has to decide. */
export interface ShownApproval extends Approval {
  /** What has gone otherwise with the record. */
  since: string[];
  leftOut: { person: string; why: string }[];
  /** Of an incident, what runs if it is approved. */
  runbook?: { name: string; spec: RunbookSpec };
  /** When the plan begins if it is approved now. */
  plannedStart?: PlannedStart;
}

/** What an approval is about, as far as whoever asks may see it. */
export interface Subject {
  digest: string;
  content: PlanContent;
  readiness: ReadinessReview | undefined;
}

export const approvalsText = (approvals: readonly Approval[]): string =>
  table(
    ['id', 'status', 'belongs to', 'question', 'votes', 'decide by'],
    approvals.map((asked) => [
      plain(asked.id),
      status(asked.status),
      plain(asked.belongsTo),
      plain(asked.question),
      countOf(asked),
      asked.status === 'open' ? when(asked.deadlineAt) : '',
    ]),
    'no approvals',
  );

export const countOf = ({ stages, stage, votes }: Approval): string => {
  const agreed = votes.filter((given) => given.stage === stage && given.decision === 'approve').length;
  const of = stages.length > 1 || stage > 0 ? `, stage ${stage + 1}` : '';
  return `${agreed} of ${stages[stage]?.needed ?? 0}${of}`;
};

export const approvalText = (asked: ShownApproval, about: Subject | undefined): string =>
  [
    plain(asked.question),
    facts([
      ['id', plain(asked.id)],
      ['status', `${status(asked.status)}, ${countOf(asked)}${asked.escalated ? ', escalated' : ''}`],
      ['asked by', asked.requester],
      ['triggered by', asked.triggeredBy && plain(triggeredByText(asked.triggeredBy))],
      ['executes', asked.executors.join(', ')],
      ['opened', when(asked.openedAt)],
      ['decide by', asked.status === 'open' ? when(asked.deadlineAt) : undefined],
      ['begins', asked.plannedStart && plain(plannedStartText(asked.plannedStart, (at) => when(at) ?? at))],
      ['decided', when(asked.decidedAt)],
      ['digest', asked.digest],
    ]),
    ...sinceText(asked.since),
    aboutText(asked, about),
    ...whoDecides(asked),
    table(['vote', 'seat', 'by', 'when', 'reason'], asked.votes.map(voteRow), 'no votes yet'),
  ].join('\n');

const aboutText = (asked: ShownApproval, about: Subject | undefined): string => {
  if (about) return subjectText(asked, about);
  if (asked.runbook) return runbookText(plain(asked.belongsTo), asked.runbook);
  return `${plain(asked.belongsTo)}: you may not see it, or it is not planned yet`;
};

/** Each step with what it sends or runs, and what shows that it has helped. */
const runbookText = (of: string, { name, spec: { steps, restores } }: NonNullable<ShownApproval['runbook']>): string =>
  [
    `${of}: runbook ${name}`,
    facts([
      ['strategy', restores?.strategy],
      ['verified by', restores?.verify && `${restores.verify.kind} evidence, within ${restores.within}`],
      ['reversible', restores && (restores.reversible ? 'yes' : 'no')],
    ]),
    table(
      ['step', 'does', 'undo'],
      singles(steps).map((step) => [
        step.name,
        plain(stepWords(step)),
        step.undo ? plain(stepWords(step.undo)) : 'none',
      ]),
    ),
  ].join('\n');

/** It may change the decision, so it stands before everything that was known when people were asked. */
export const sinceText = (since: readonly string[]): string[] =>
  since.length === 0 ? [] : [styleText('yellow', 'since then'), ...since.map((line) => `  ${plain(line)}`)];

/** Of each stage how many of whom, who is left out and why, and what helps where that is too few. */
export const whoDecides = (asked: ShownApproval): string[] => [
  ...asked.stages.map((_, index) => stageText(asked, index)),
  ...laterStages(asked),
  ...tooFewText(asked),
];

/** People of a stage are chosen when it opens; until then the policy says who that will be. */
const laterStages = ({ policy, stages }: ShownApproval): string[] =>
  policy.stages
    .slice(stages.length)
    .map(
      ({ approvers }, index) => `stage ${stages.length + index + 1}, later: ${approvers.map(approverText).join(', ')}`,
    );

const stageText = ({ stages, stage, leftOut }: ShownApproval, index: number): string => {
  const { eligible, needed } = stages[index]!;
  const left = index === stage ? leftOut.map(({ person, why }) => `; not ${person}, who ${why}`) : [];
  return `stage ${index + 1}: ${needed} of ${eligible.join(', ') || 'nobody'}${left.join('')}`;
};

const tooFewText = ({ status: now, stages, stage, escalated, policy, deadlineAt }: ShownApproval): string[] => {
  const { eligible, needed } = stages[stage]!;
  if (now !== 'open' || eligible.length >= needed) return [];
  const otherwise = !escalated && policy.escalateTo.length > 0 ? 'more people are asked' : 'it is rejected';
  return [
    `Too few may vote: ${otherwise} ${when(deadlineAt)}. What helps: name approvers who neither ask nor execute`,
    '(evenkeel apply), then cancel the plan and deploy anew.',
  ];
};

const subjectText = (asked: Approval, { digest, content, readiness }: Subject): string => {
  const { revision, activities, criticalPathMs, window, dropped } = content;
  const isOlder = asked.subject === asked.belongsTo && asked.digest !== digest;
  return [
    ...(isOlder ? ['The plan has changed since: what follows is not what this approval is about.'] : []),
    `plan ${plain(idOf(asked.belongsTo))}, revision ${revision}: ${plain(content.about)} to ${content.environment}`,
    facts([
      ['takes', span(criticalPathMs)],
      ['window', window],
      ['dropped', dropped.join(', ')],
      ['readiness', readiness && status(readiness.verdict)],
    ]),
    ...(readiness ? openPoints(readiness) : []),
    table(
      ['activity', 'does', 'undo'],
      activities.map((activity) => [
        `${activity.name}${activity.origin === 'gap' ? ' (closes a gap)' : ''}`,
        activity.runbook
          ? `${activity.runbook.name}: ${namesOf(activity.runbook.steps).join(', ')}`
          : plain(
              activity.task?.title ??
                `hypercare until ${activity.hypercare?.exit.map(({ title }) => title).join(', ')}`,
            ),
        undoOf(activity),
      ]),
    ),
    `each step, with what it sends or runs: evenkeel plan content ${plain(idOf(asked.belongsTo))}`,
  ].join('\n');
};

/** Checks that did not simply pass, which is what a voter takes on, and those that did. */
const openPoints = ({ items }: ReadinessReview): string[] => [
  ...items
    .filter(({ result }) => result !== 'pass' && result !== 'not-applicable')
    .map(({ check, title, severity, result, finding, waiver, remediation }) => {
      const closing = remediation === undefined ? '' : `; ${remediation} closes it`;
      const granted = waiver
        ? `; waived by ${waiver.approvedBy} until ${when(waiver.expiresAt)}: ${waiver.reason}`
        : '';
      return `  ${status(result)}  ${plain(`${check} ${title} (${severity}): ${finding.detail}${closing}${granted}`)}`;
    }),
  ...items
    .filter(({ result }) => result === 'pass')
    .map(({ check, title, finding }) => `  ${status('pass')}  ${plain(`${check} ${title}: ${finding.detail}`)}`),
];

const singles = (steps: readonly Step[]) => steps.flatMap((step) => (step.kind === 'parallel' ? step.steps : [step]));

const namesOf = (steps: readonly Step[]): string[] => singles(steps).map(({ name }) => name);

/** What is undone when something fails later, and what stays. */
const undoOf = ({ runbook, undo }: PlanContent['activities'][number]): string => {
  if (undo) return `runbook ${undo.name}: ${namesOf(undo.steps).join(', ')}`;
  const steps = singles(runbook?.steps ?? []);
  const back = steps.filter((step) => step.undo).map(({ name }) => name);
  const stays = steps
    .filter(({ kind, undo: own }) => !own && (kind === 'http' || kind === 'command' || kind === 'task'))
    .map(({ name }) => name);
  if (back.length === 0) return stays.length > 0 || !runbook ? 'none: what was done stays' : 'nothing to undo';
  return `${back.join(', ')}${stays.length === 0 ? '' : `; ${stays.join(', ')} stays`}`;
};

const voteRow = ({ seat, voter, decision, at, reason }: Vote): string[] => [
  decision,
  seat,
  voter === seat ? '' : voter,
  when(at),
  plain(reason),
];
