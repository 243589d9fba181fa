import type { PlanId } from '../../domain/id.ts';
import type { PlanContent, PlannedActivity } from '../../domain/operation-plan/content.ts';
import type { ReadinessReview } from '../../domain/readiness.ts';
import { groupsOf } from '../../domain/runbook.ts';
import type { Circumstances } from '../../domain/circumstances.ts';
import type { ActivityPorts } from '../ports.ts';
import { assigneeText } from '../../domain/assignee.rules.ts';
import { stepLines } from '../step-lines.ts';
import { circumstancesOf, knownPlan } from './circumstances.ts';
import { plannedStartText } from '../../domain/operation-plan/planned-start.rules.ts';
import { plannedStartOf } from '../../domain/operation-plan/slot.ts';

/** A mail is read on a phone: what is longer is looked at in whole. */
const mostSteps = 40;

/** What whoever decides on the plan with this digest has to know, line by line, as PostgreSQL has it. */
export async function planBrief(
  ports: Pick<ActivityPorts, 'plans' | 'catalogue' | 'readiness'>,
  id: PlanId,
  digest: string,
): Promise<string[]> {
  const revision = await ports.plans.revisionOf(id, digest);
  const found = revision === undefined ? undefined : await ports.plans.content(id, revision);
  if (!found) return [];
  const { content } = found;
  const { commission } = await knownPlan(ports.plans, id);
  const circumstances = await circumstancesOf(ports.catalogue, id, commission);
  const newest = await ports.readiness.newest(id);
  return [
    `About: ${content.about}`,
    ...Object.entries(content.parameters).map(([name, value]) => `${name}: ${value}`),
    `Begins: ${plannedStartText(await plannedStartOf(ports, content, Date.now()))}`,
    `Takes: ${Math.ceil(content.criticalPathMs / 60_000)} min`,
    ...(newest ? readinessLines(newest.review) : []),
    '',
    ...workLines(content, circumstances),
  ];
}

/** Checks that did not simply pass: what a voter takes on. */
const readinessLines = ({ verdict, items }: ReadinessReview): string[] => [
  `Readiness: ${verdict}`,
  ...items
    .filter(({ result }) => result !== 'pass' && result !== 'not-applicable')
    .map(({ check, title, severity, result, finding, waiver }) => {
      const by = waiver ? `; waived by ${waiver.approvedBy} until ${waiver.expiresAt}: ${waiver.reason}` : '';
      return `- ${result}: ${check} ${title} (${severity}): ${finding.detail}${by}`;
    }),
];

const workLines = ({ activities }: PlanContent, circumstances: Circumstances): string[] => {
  const lines = activities.flatMap((activity) => [
    `${activity.name}${activity.origin === 'gap' ? ' (closes a gap)' : ''}:`,
    ...activityLines(activity, circumstances),
  ]);
  const left = lines.length - mostSteps;
  return left <= 0 ? lines : [...lines.slice(0, mostSteps), `… and ${left} lines more`];
};

const activityLines = (
  { name, task, runbook, undo, hypercare }: PlannedActivity,
  circumstances: Circumstances,
): string[] => {
  if (task) return [`- ${assigneeText(task.assignee)} does: ${task.title}`];
  if (hypercare) return hypercare.exit.map(({ id, title }) => `- ends once ${id} ${title}`);
  const back = groupsOf(undo?.steps ?? []).flat();
  return [
    ...stepLines(runbook?.steps ?? [], circumstances, name),
    ...(undo ? [`- undone as a whole by ${undo.name}: ${back.map((step) => step.name).join(', ')}`] : []),
  ];
};
