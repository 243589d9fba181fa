import type { Approval } from '../domain/approval.ts';
import type { OperationPlan, PlanActivity } from '../domain/operation-plan.ts';
import type { ReadinessReview } from '../domain/readiness.ts';
import type { RunbookRun } from '../domain/runbook-run.ts';
import type { Task } from '../domain/task.ts';
import { onlyPlan } from './authorization.ts';
import { tellTeam } from './notification.ts';
import type { ActivityPorts } from './ports.ts';

type Ports = Pick<
  ActivityPorts,
  'catalogue' | 'plans' | 'runs' | 'approvals' | 'readiness' | 'outbox' | 'reports' | 'publicUrl'
>;

/** All that a completion report says, also as JSON. */
export interface CompletionReport {
  plan: OperationPlan;
  review: ReadinessReview | null;
  runs: RunbookRun[];
  approvals: Approval[];
  effects: Awaited<ReturnType<ActivityPorts['outbox']['ofPlan']>>;
}

export const createReportActivities = (ports: Ports) => ({
  /** Writes the completion report and sends it to the service's stakeholders, each once. */
  async reportCompletion(plan: OperationPlan): Promise<void> {
    onlyPlan(plan.id);
    const record: CompletionReport = {
      plan,
      review: plan.readiness ? ((await ports.readiness.review(plan.readiness.review)) ?? null) : null,
      runs: await ports.runs.ofPlan(plan.id),
      approvals: await ports.approvals.ofPlan(plan.id),
      effects: await ports.outbox.ofPlan(plan.id),
    };
    const markdown = completionMarkdown(record);
    await ports.reports.save(plan.id, 'completion', 1, markdown, record);
    await send(
      plan,
      `Operation plan ${plan.status}: ${plan.service} in ${plan.environment}`,
      markdown,
      'completion',
      1,
      ports,
    );
  },

  /** Sends what the owner wrote as the plan's status, numbered. */
  async reportStatus({ plan, number, text }: { plan: OperationPlan; number: number; text: string }): Promise<void> {
    onlyPlan(plan.id);
    const markdown = `# Status of ${plan.service} in ${plan.environment}\n\nPlan \`${plan.id}\` is ${plan.status}.\n\n${text}\n`;
    await ports.reports.save(plan.id, 'status', number, markdown, { plan: plan.id, status: plan.status, text });
    await send(plan, `Status: ${plan.service} in ${plan.environment}`, markdown, 'status', number, ports);
  },
});

const send = async (
  plan: OperationPlan,
  subject: string,
  text: string,
  kind: 'completion' | 'status',
  number: number,
  ports: Ports,
): Promise<void> => {
  const service = await ports.catalogue.find('Service', plan.service, plan.catalogueRevision);
  const channels = service?.stakeholders ?? [];
  for (const name of channels) {
    const channel = await ports.catalogue.find('NotificationChannel', name, plan.catalogueRevision);
    const key = `${plan.workflowId}/report/${kind}/${number}/${name}`;
    if (channel?.type === 'email') {
      for (const to of channel.to)
        await ports.outbox.put(`${key}/${to}`, plan.id, { kind: 'email', to, subject, text });
    } else if (channel) {
      const data = {
        plan: plan.id,
        status: plan.status,
        report: kind,
        number,
        link: `${ports.publicUrl}/v1/operation-plans/${plan.id}/reports`,
      };
      await ports.outbox.put(key, plan.id, {
        kind: 'webhook',
        channel: name,
        type: `evenkeel.operation-plan.${kind === 'completion' ? plan.status : 'status-reported'}`,
        data,
      });
    }
  }
  if (channels.length === 0)
    await tellTeam(ports, plan.team, {
      key: `${plan.workflowId}/report/${kind}/${number}`,
      plan: plan.id,
      subject,
      text,
    });
};

const minutes = (from: string | undefined, to: string | undefined): string =>
  from === undefined || to === undefined ? '-' : `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)} s`;

/** Text from outside stands in tables and lists as text. */
const plain = (text: string): string => text.replace(/[\r\n]+/g, ' ').replace(/([|`*_<>[\]\\])/g, '\\$1');

const list = (lines: readonly string[], none: string): string =>
  lines.length === 0 ? none : lines.map((line) => `- ${line}`).join('\n');

export const completionMarkdown = ({
  plan,
  review,
  runs,
  approvals,
  effects,
}: CompletionReport): string => `# Operation plan ${plan.status}: ${plan.service} in ${plan.environment}

| | |
|---|---|
| Plan | \`${plan.id}\`, revision ${plan.revision}, digest \`${plan.digest ?? '-'}\` |
| Trigger | ${plain(plan.trigger.change)} of ${plain(plan.trigger.artifact)}, told by ${plain(plan.trigger.source)} |
| Outcome | ${plain(plan.outcome ?? plan.status)} |
| Opened, started, ended | ${plan.openedAt}, ${plan.startedAt ?? '-'}, ${plan.endedAt ?? '-'} |
| Took | ${minutes(plan.openedAt, plan.endedAt)} in all, ${minutes(plan.startedAt, plan.endedAt)} of work |

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
        `${run.activity} / ${step.name} (${run.purpose}): ${step.status}, ${minutes(step.startedAt, step.endedAt)}${step.detail ? `, ${plain(step.detail)}` : ''}`,
    ),
  ),
  'No runbook ran.',
)}

## Tasks

${list([...plan.tasks, ...runs.flatMap(({ tasks }) => tasks)].map(taskText), 'Nobody was given one.')}

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
  plan.approval?.status === 'not-needed' ? 'Not needed by policy.' : 'None was asked for.',
)}

## Effects

${list(
  effects.map(({ kind, state, key }) => `${kind} ${state}: \`${key}\``),
  'Nothing left the house.',
)}

## Deviations

${list([...plan.deviations, ...runs.flatMap(deviationsOf)].map(plain), 'None.')}
`;

/** What went otherwise in a run than its runbook says. */
const deviationsOf = ({ activity, steps }: RunbookRun): string[] =>
  steps.flatMap(({ name, status, round, undoRound, detail }) => {
    const tries = Math.max(round, undoRound);
    const because = detail === undefined ? '' : `: ${detail}`;
    return [
      ...(tries > 1 ? [`${activity} / ${name} was tried ${tries} times`] : []),
      ...(status === 'skipped' ? [`skipped ${activity} / ${name}${because}`] : []),
      ...(status === 'left' || status === 'undo-failed' ? [`${activity} / ${name} was not taken back${because}`] : []),
    ];
  });

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
const taskText = ({ title, activity, step, status, closedBy, form, answers = {} }: Task): string => {
  const place = step === undefined ? activity : `${activity} / ${step}`;
  const written = form.flatMap(({ field, label }) =>
    answers[field] === undefined ? [] : [`; ${plain(label)} ${plain(String(answers[field]))}`],
  );
  return `${place}: ${plain(title)}: ${status}${closedBy ? ` by ${plain(closedBy.name)}` : ''}${written.join('')}`;
};

const activityRow = ({ name, kind, status, startedAt, endedAt, detail }: PlanActivity, plan: OperationPlan): string => {
  const task = plan.tasks.find(({ activity }) => activity === name);
  const people = [
    ...plan.assignments.filter(({ activity }) => activity === name).map(({ person }) => person),
    task?.closedBy?.name,
  ].filter((person) => person !== undefined);
  return `| ${name} | ${status} | ${minutes(startedAt, endedAt)} | ${[...new Set(people)].join(', ') || (kind === 'task' ? '-' : 'automation')} | ${plain(detail ?? '')} |`;
};
