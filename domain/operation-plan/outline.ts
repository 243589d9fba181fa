import type { Role } from '../actor.ts';
import { milliseconds } from '../duration.ts';
import { groupsOf } from '../runbook.ts';
import type { PlanActivity } from '../operation-plan.ts';
import type { PlanContent, PlannedActivity } from './content.ts';

type Carried = Pick<PlanContent, 'revision' | 'criticalPath' | 'criticalPathMs' | 'needMs' | 'approval'>;

/**
 * The plan as its workflow needs it: the whole of it stays in PostgreSQL under `digest`. Its revision is the one asked for,
 * or the current one when nothing in the plan has changed.
 */
export interface PlanOutline extends Carried {
  digest: string;
  activities: PlanActivity[];
  seats: { seat: string; activity: string; team: string; role: Role }[];
  hasWindow: boolean;
}

export const outlineOf = ({ digest, content }: { digest: string; content: PlanContent }): PlanOutline => {
  const { revision, activities, criticalPath, criticalPathMs, needMs, approval, window } = content;
  const seats = activities.flatMap(({ name: activity, people }) =>
    people.flatMap(({ team, role, count }) =>
      Array.from({ length: count }, (_, index) => {
        const seat = `${activity}.${team}.${role}.${index + 1}`;
        return { seat, activity, team, role };
      }),
    ),
  );
  const carried = { revision, criticalPath, criticalPathMs, needMs, approval };
  return { ...carried, digest, seats, activities: activities.map(activityOf), hasWindow: window !== undefined };
};

const activityOf = (planned: PlannedActivity): PlanActivity => {
  const { name, origin, after, runbook, undo, durationMs, environment } = planned;
  const steps = groupsOf(runbook?.steps ?? []).flat();
  return {
    name,
    origin,
    after,
    ...workOf(planned),
    durationMs,
    environment,
    hasUndo: undo !== undefined || steps.some((step) => step.undo !== undefined),
    ...(steps.some(({ kind }) => kind === 'approval') ? { asksApproval: true } : {}),
    status: 'planned',
    round: 1,
  };
};

const workOf = ({
  runbook,
  task,
  hypercare,
}: PlannedActivity): Pick<PlanActivity, 'kind' | 'title' | 'runbook' | 'hypercare'> => {
  if (runbook) return { kind: 'runbook', runbook: runbook.name, title: `Run ${runbook.name}` };
  if (task) return { kind: 'task', title: task.title };
  const { lasts, atMost, lookEvery, exit } = hypercare!;
  return {
    kind: 'hypercare',
    title: `Hypercare of at least ${lasts}, with ${exit.length} exit criteria`,
    hypercare: {
      lastsMs: milliseconds(lasts),
      atMostMs: milliseconds(atMost),
      lookEveryMs: milliseconds(lookEvery),
    },
  };
};
