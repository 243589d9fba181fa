import type { Role } from '../actor.ts';
import { groupsOf } from '../runbook.ts';
import type { PlanActivity } from '../operation-plan.ts';
import type { PlanContent, PlannedActivity } from './content.ts';

/** The plan as its workflow needs it: the whole of it stays in PostgreSQL under `digest`. */
export interface PlanOutline {
  /** The revision asked for, or the current one when nothing in the plan has changed. */
  revision: number;
  digest: string;
  activities: PlanActivity[];
  seats: { seat: string; activity: string; team: string; role: Role }[];
  criticalPath: string[];
  criticalPathMs: number;
  needMs: number;
  approval: PlanContent['approval'];
  hasWindow: boolean;
}

export const outlineOf = ({
  digest,
  content: { revision, activities, criticalPath, criticalPathMs, needMs, approval, window },
}: {
  digest: string;
  content: PlanContent;
}): PlanOutline => ({
  revision,
  digest,
  activities: activities.map(activityOf),
  seats: activities.flatMap(({ name, people }) =>
    people.flatMap(({ team, role, count }) =>
      Array.from({ length: count }, (_, index) => ({
        seat: `${name}.${team}.${role}.${index + 1}`,
        activity: name,
        team,
        role,
      })),
    ),
  ),
  criticalPath,
  criticalPathMs,
  needMs,
  approval,
  hasWindow: window !== undefined,
});

const activityOf = ({
  name,
  origin,
  after,
  runbook,
  task,
  undo,
  durationMs,
  environment,
}: PlannedActivity): PlanActivity => ({
  name,
  origin,
  after,
  kind: runbook ? 'runbook' : 'task',
  ...(runbook ? { runbook: runbook.name } : {}),
  title: runbook ? `Run ${runbook.name}` : task!.title,
  durationMs,
  environment,
  hasUndo:
    undo !== undefined ||
    (runbook !== undefined &&
      groupsOf(runbook.steps)
        .flat()
        .some((step) => step.undo !== undefined)),
  ...(runbook &&
  groupsOf(runbook.steps)
    .flat()
    .some((step) => step.kind === 'approval')
    ? { asksApproval: true as const }
    : {}),
  status: 'planned',
  round: 1,
});
