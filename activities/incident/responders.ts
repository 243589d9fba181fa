import { reaches } from '../../domain/actor.rules.ts';
import type { EscalationTarget } from '../../domain/escalation-policy.ts';
import { onCallAt } from '../../domain/on-call.ts';
import type { CatalogueStore } from '../../domain/ports.ts';

/** The people behind the targets at an instant (milliseconds), each once. Whoever has left the catalogue is not paged. */
export const peopleIn = async (
  targets: readonly EscalationTarget[],
  catalogue: CatalogueStore,
  at: number,
): Promise<string[]> => {
  const named = await Promise.all(targets.map((target) => peopleOf(target, catalogue, at)));
  const people = [...new Set(named.flat())];
  const known = await Promise.all(people.map((person) => catalogue.find('Person', person)));
  return people.filter((_, index) => known[index] !== undefined);
};

const peopleOf = async (target: EscalationTarget, catalogue: CatalogueStore, at: number): Promise<string[]> => {
  if ('person' in target) return [target.person];
  if ('schedule' in target) {
    const schedule = await catalogue.find('Schedule', target.schedule);
    return schedule ? [onCallAt(schedule, at)].flatMap((person) => person ?? []) : [];
  }
  const { role = 'responder' } = target;
  const team = await catalogue.find('Team', target.team);
  return team?.members.filter((member) => reaches(member.role, role)).map(({ person }) => person) ?? [];
};
