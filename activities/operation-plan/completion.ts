import type { Approval } from '../../domain/approval.ts';
import { triggeredByText } from '../../domain/login.rules.ts';
import type { PlanActivity, PlanFacts } from '../../domain/operation-plan.ts';
import type { ReadinessReview } from '../../domain/readiness.ts';
import type { RunbookRun } from '../../domain/runbook-run.ts';
import type { Task } from '../../domain/task.ts';
import type { ActivityPorts } from '../ports.ts';
import { movesOf } from '../../domain/task.rules.ts';
import { failedTry, triesOf } from '../../domain/step-try.rules.ts';
import { aboutOf } from '../../domain/trigger/about.ts';
import { endOf } from '../../domain/text.ts';
import { block, list, plain, took } from '../report/markdown.ts';

/** All that a completion report says, also as JSON. */
export interface CompletionReport {
  plan: PlanFacts;
  review: ReadinessReview | null;
  runs: RunbookRun[];
  approvals: Approval[];
  effects: Awaited<ReturnType<ActivityPorts['outbox']['of']>>;
}

export const completionMarkdown = ({
  plan,
  review,
  runs,
  approvals,
  effects,
}: CompletionReport): string => `# Operation plan ${plan.status}: ${plan.service} in ${plan.environment}

| | |
|---|---|
| Plan | \`${plan.id}\`${contentOf(plan)} |
| Trigger | ${plan.trigger.type}, ${plain(aboutOf(plan.trigger))}, reported by ${plain(plan.trigger.source)} |
| Triggered by | ${plain(triggeredByText(plan.trigger.triggeredBy ?? []))} |
| Outcome | ${plain(plan.outcome ?? plan.status)} |
| Opened, started, ended | ${plan.openedAt}, ${plan.startedAt ?? '-'}, ${plan.endedAt ?? '-'} |
| Took | ${took(plan.openedAt, plan.endedAt)} in all, ${took(plan.startedAt, plan.endedAt)} of work |

## Readiness

${readinessText(review)}

## Activities

| Activity | Status | Took | By | Detail |
|---|---|---|---|---|
${plan.activities.map((activity) => activityRow(activity, plan)).join('\n')}

## Steps

${list(
  runs.flatMap((run) =>
    run.steps.map(
      (step) =>
        `${run.activity} / ${step.name} (${run.purpose}): ${step.status}, ${took(step.startedAt, step.endedAt)}${step.detail ? `, ${plain(step.detail)}` : ''}${saidBy(failedTry(triesOf(run.workflowId, step.name, effects)))}`,
    ),
  ),
  'No runbook ran.',
)}

## Tasks

${list([...plan.tasks, ...runs.flatMap(({ tasks }) => tasks)].map(taskText), 'None.')}

## People

${list(
  plan.assignments.map(
    ({ seat, person, status, passed }) =>
      `${seat}: ${person ?? 'nobody'} (${status})${passed.map((past) => `, ${past.person} ${past.how}`).join('')}`,
  ),
  'Nobody was needed.',
)}

## Approvals

${list(
  approvals.map(
    ({ subject, status, votes }) =>
      `${subject}: ${status}${votes.map((vote) => `; ${vote.voter}${vote.seat === vote.voter ? '' : ` for ${vote.seat}`}: ${vote.decision}${vote.reason ? ` (${plain(vote.reason)})` : ''}`).join('')}`,
  ),
  plan.approval?.status === 'not-needed' ? 'Not needed by policy.' : 'None was requested.',
)}

## Effects

${list(
  effects.map(({ kind, state, key }) => `${kind} ${state}: \`${key}\``),
  'None.',
)}

## Deviations

${list([...plan.deviations, ...runs.flatMap(deviationsOf)].map(plain), 'None.')}
`;

/** A plan that ended before it was planned has none of it. */
const contentOf = ({ revision, digest }: PlanFacts): string =>
  digest === undefined ? '' : `, revision ${revision}, digest \`${digest}\``;

const saidBy = (failed: ReturnType<typeof failedTry>): string =>
  failed
    ? `\n\n  At ${failed.at} it failed, ${plain(failed.detail ?? '')}, and said:\n\n${block(endOf(failed.output), '  ')}\n`
    : '';

/** What went otherwise in a run than its runbook says. */
const deviationsOf = ({ activity, steps, tasks }: RunbookRun): string[] => [
  ...tasks.flatMap(movesOf),
  ...steps.flatMap(({ name, status, detail, held, retries = [] }) => {
    const because = detail === undefined ? '' : `: ${detail}`;
    return [
      ...(held === undefined ? [] : [`${activity} / ${name} was held: ${held}`]),
      ...retries.map(
        ({ by, reason, at, failed }) =>
          `${activity} / ${name} was tried again by ${by} at ${at}: ${reason}${failed === undefined ? '' : ` (it had failed: ${failed})`}`,
      ),
      ...(status === 'skipped' ? [`skipped ${activity} / ${name}${because}`] : []),
      ...(status === 'left' || status === 'undo-failed' ? [`${activity} / ${name} was not undone${because}`] : []),
    ];
  }),
];

const readinessText = (review: ReadinessReview | null): string => {
  if (!review) return 'Was not assessed.';
  const items = review.items.map(({ check, title, severity, result, finding, waiver }) => {
    const by = waiver ? `, waived by ${waiver.approvedBy} until ${waiver.expiresAt} (${plain(waiver.reason)})` : '';
    return `${check} ${plain(title)} (${severity}): ${result}, ${plain(finding.detail)}${by}`;
  });
  const { signature } = review;
  return `**${review.verdict}** for level ${review.level}; every check passes up to level ${review.levelReached ?? '(none)'}. Signed by ${signature.by} at ${signature.at}, evidence \`${signature.evidenceDigest}\`.

${list(items, 'No check applies.')}`;
};

/** A task with what was written into its form. */
const taskText = ({
  title,
  place: { activity, ...at },
  status,
  closedBy,
  form,
  answers = {},
  reason,
}: Task): string => {
  const place = at.of === 'activity' ? activity : `${activity} / ${at.step}`;
  const written = form.flatMap(({ field, label }) =>
    answers[field] === undefined ? [] : [`; ${plain(label)} ${plain(String(answers[field]))}`],
  );
  return `${place}: ${plain(title)}: ${status}${closedBy ? ` by ${plain(closedBy.name)}` : ''}${reason === undefined ? '' : ` (${plain(reason)})`}${written.join('')}`;
};

const activityRow = ({ name, kind, status, startedAt, endedAt, detail }: PlanActivity, plan: PlanFacts): string => {
  const task = plan.tasks.find(({ place }) => place.activity === name);
  const people = [
    ...plan.assignments.filter(({ activity }) => activity === name).map(({ person }) => person),
    task?.closedBy?.name,
  ].filter((person) => person !== undefined);
  return `| ${name} | ${status} | ${took(startedAt, endedAt)} | ${[...new Set(people)].join(', ') || (kind === 'task' ? '-' : 'automation')} | ${plain(detail ?? '')} |`;
};
