import { reaches } from './actor.rules.ts';
import { holdsIn } from './team.rules.ts';
import type { Approver } from './approval.ts';
import { onCallAt } from './on-call.ts';
import type { CatalogueStore, ScheduleStore } from './ports.ts';

/** People whom a list of approvers names at an instant (milliseconds), each once, by the catalogue as it is now. */
export async function approversNow(
  { catalogue, schedules }: { catalogue: Pick<CatalogueStore, 'find' | 'list'>; schedules: ScheduleStore },
  approvers: readonly Approver[],
  at: number,
): Promise<string[]> {
  const named = await Promise.all(
    approvers.map(async (approver): Promise<string[]> => {
      if ('person' in approver) return (await catalogue.find('Person', approver.person)) ? [approver.person] : [];
      if ('team' in approver) {
        const team = await catalogue.find('Team', approver.team);
        return team?.members.filter(({ role }) => reaches(role, approver.role)).map(({ person }) => person) ?? [];
      }
      const schedule = await schedules.find(approver.onCall);
      const person = schedule && onCallAt(schedule, at);
      return person === undefined ? [] : [person];
    }),
  );
  // Whoever may not approve anything cannot carry a quorum, however they were named.
  const teams = await catalogue.list('Team');
  const mayApprove = (name: string): boolean => teams.some(({ spec }) => holdsIn(spec, name, 'approver'));
  return [...new Set(named.flat())].filter(mayApprove);
}
