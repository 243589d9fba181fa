import type { Role } from './actor.ts';
import { reaches } from './actor.rules.ts';
import type { TeamSpec } from './team.ts';

/** Whether the person has at least this role in the team. */
export const holdsIn = ({ members }: Pick<TeamSpec, 'members'>, person: string, needed: Role): boolean =>
  members.some((member) => member.person === person && reaches(member.role, needed));
