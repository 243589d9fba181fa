import { reaches } from '../../domain/actor.rules.ts';
import type { EscalationTarget } from '../../domain/escalation-policy.ts';
import { onCallAt } from '../../domain/on-call.ts';
import type { ActivityPorts } from '../ports.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'schedules'>;

/** The people behind the targets at an instant (milliseconds), each once. Whoever has left the catalogue is not paged. */
export const peopleIn = async (targets: readonly EscalationTarget[], ports: Ports, at: number): Promise<string[]> => {
  const named = await Promise.all(targets.map((target) => peopleOf(target, ports, at)));
  const people = [...new Set(named.flat())];
  const known = await Promise.all(people.map((person) => ports.catalogue.find('Person', person)));
  return people.filter((_, index) => known[index] !== undefined);
};

const peopleOf = async (target: EscalationTarget, { catalogue, schedules }: Ports, at: number): Promise<string[]> => {
  if ('person' in target) return [target.person];
  if ('schedule' in target) {
    const schedule = await schedules.find(target.schedule);
    return schedule ? [onCallAt(schedule, at)].flatMap((person) => person ?? []) : [];
  }
  const { role = 'responder' } = target;
  const team = await catalogue.find('Team', target.team);
  return team?.members.filter((member) => reaches(member.role, role)).map(({ person }) => person) ?? [];
};
