import type { Approval, Approver } from '../../domain/approval.ts';
import type { Entitled } from '../../domain/approval/lifecycle.rules.ts';
import type { Joined } from '../../domain/approval/stage.rules.ts';
import { approversNow } from '../../domain/approvers.ts';
import { peopleOf } from '../../domain/on-call.ts';
import type { CatalogueStore, ScheduleStore } from '../../domain/ports.ts';

/**
 * Who may decide at an instant, for each stage and for those whom escalation adds. Somebody who was on call when asked stays
 * entitled by being on the schedule. Looked up before the approval is locked: under the lock nothing else is asked.
 */
export const entitledTo = async (
  ports: { catalogue: CatalogueStore; schedules: ScheduleStore },
  { policy: { stages, escalateTo } }: Pick<Approval, 'policy'>,
  joined: Omit<Joined, 'people'>,
  at: number,
): Promise<Entitled> => {
  const named = async (approvers: readonly Approver[]): Promise<string[]> => {
    const scheduled = await Promise.all(
      approvers.map(async (approver) => {
        const schedule = 'onCall' in approver && (await ports.schedules.find(approver.onCall));
        return schedule ? peopleOf(schedule) : [];
      }),
    );
    return [...(await approversNow(ports, approvers, at)), ...scheduled.flat()];
  };
  return {
    stages: await Promise.all(stages.map(({ approvers }) => named(approvers))),
    escalated: await named(escalateTo),
    joined: { ...joined, people: await ports.catalogue.list('Person') },
  };
};
