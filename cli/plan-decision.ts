import type { PlanFacts } from '../domain/operation-plan.ts';
import type { RunbookRun } from '../domain/runbook-run.ts';

/** To be filled in. */
const reason = '--reason "…"';

/** What the plan waits for a person to decide, each with the commands for it. */
export function decisionsOf(plan: PlanFacts, runs: readonly RunbookRun[]): string[] {
  const { id, approval } = plan;
  if (plan.endedAt !== undefined) return [];
  const isToChange = plan.status === 'awaiting-approval' && approval?.status === 'changes-requested';
  const changes = isToChange
    ? [
        `changes are requested; without a decision it is rejected at ${approval.changeBy ?? 'its deadline'}: ` +
          `evenkeel plan amend ${id} --drop ACTIVITY ${reason}, evenkeel plan reassess ${id} ${reason} to ask again, or evenkeel plan cancel ${id} ${reason}`,
      ]
    : [];
  const orCancel = plan.isCancelling ? '' : `, or evenkeel plan cancel ${id} ${reason}`;
  const failed = (place: string, what: string): string =>
    `${place} ${what}: evenkeel plan retry ${id} ${place} ${reason}, evenkeel plan skip ${id} ${place} ${reason}${orCancel}`;
  const activities = plan.activities.flatMap(({ name, status }) => {
    if (status === 'failed' && !plan.isCancelling) return [failed(name, 'failed')];
    return status === 'undo-failed' && plan.status === 'undoing' ? [failed(name, 'was not undone')] : [];
  });
  const steps = runs
    .filter(({ endedAt }) => endedAt === undefined)
    .flatMap(({ activity, steps: taken }) =>
      taken.flatMap((step) => {
        if (step.status === 'undo-failed') return [failed(`${activity}/${step.name}`, 'was not undone')];
        const asks = step.status === 'failed' && step.asks === true;
        return asks ? [failed(`${activity}/${step.name}`, 'failed')] : [];
      }),
    );
  return [...changes, ...activities, ...steps];
}
