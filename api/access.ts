import type { Actor, Role } from '../domain/actor.ts';
import { lower, reaches } from '../domain/actor.rules.ts';
import { DomainError } from '../domain/errors.ts';
import type { Document } from '../domain/document.ts';
import type { PersonSpec } from '../domain/team.ts';
import type { Token } from '../storage/token.ts';

/** Who asks, and what they may do: roles are held per team and capped by the token's scope. */
export interface Access {
  actor: Actor;
  token: Pick<Token, 'id' | 'kind' | 'holder' | 'team' | 'scope' | 'createdBy'>;
  isAuditor: boolean;
  /** Holds at least this role in some team. */
  holds(role: Role): boolean;
  roleIn(team: string): Role | undefined;
  /** Teams in which the asker has at least this role; undefined means all there are. */
  teamsWith(role: Role): string[] | undefined;
  /** Throws `not-found` when the asker may not even see the team's things, `not-allowed` when seeing is all they may. */
  demand(role: Role, team: string, what: string): void;
}

/** The first admin is the installation speaking, not a person: it sets things up and decides nothing. */
const actorOf = (token: Access['token']): Actor => {
  const { kind, holder: name } = token;
  if (kind === 'bootstrap') return { type: 'system', name };
  const type = kind === 'service' ? 'service' : 'person';
  return isLent(token) ? { type, name, lentBy: token.createdBy.name } : { type, name };
};

/** Names the sender of what is accepted: two teams may well have service accounts of one name. */
export const senderOf = ({ actor, token }: Access): string =>
  token.team === null ? `${actor.type}/${actor.name}` : `${actor.type}/${token.team}/${actor.name}`;

/** Works out what a token may do by the catalogue as it is now. */
export function accessOf(
  token: Access['token'],
  teams: readonly Document<'Team'>[],
  person: PersonSpec | undefined,
): Access {
  const isBootstrap = token.kind === 'bootstrap';
  const isAuditor = token.kind === 'personal' && person?.auditor === true;
  const roles = new Map<string, Role>();
  if (token.kind === 'service' && token.team !== null) roles.set(token.team, token.scope);
  // A person who has left the catalogue has left.
  if (token.kind === 'personal' && person) {
    for (const { name, spec } of teams) {
      const held = spec.members.find((member) => member.person === token.holder)?.role;
      if (held) roles.set(name, lower(held, token.scope));
    }
  }
  const roleIn = (team: string): Role | undefined =>
    isBootstrap ? token.scope : (roles.get(team) ?? (isAuditor ? 'viewer' : undefined));
  const holds = (role: Role): boolean =>
    isBootstrap
      ? reaches(token.scope, role)
      : (isAuditor && role === 'viewer') || [...roles.values()].some((held) => reaches(held, role));
  return {
    actor: actorOf(token),
    token,
    isAuditor,
    holds,
    roleIn,
    teamsWith: (role) =>
      isBootstrap || (isAuditor && role === 'viewer')
        ? undefined
        : [...roles].flatMap(([team, held]) => (reaches(held, role) ? [team] : [])),
    demand(role, team, what) {
      const held = roleIn(team);
      // Whoever may not see a thing is not told that it exists.
      if (held === undefined) throw new DomainError('not-found', `there is no ${what}`);
      if (reaches(held, role)) return;
      const isCapped = !isBootstrap && !reaches(token.scope, role);
      throw new DomainError(
        'not-allowed',
        `for ${what}, ${token.holder} needs the role ${role} in team ${team}${isCapped ? capText(token) : ''}`,
      );
    },
  };
}

/** What of a role is lacking because of the token, and not of its holder. */
export const capText = ({ scope }: Pick<Token, 'scope'>): string => `, and your token has at most ${scope}`;

/** Machines and the first admin ask; people decide. */
export const demandPerson = ({ token }: Access, why: string): void => {
  if (token.kind !== 'personal') throw new DomainError('not-allowed', why);
};

const isLent = ({ createdBy, holder, kind }: Access['token']): boolean =>
  createdBy.type === 'person' && (createdBy.name !== holder || kind === 'service');

/** Who makes a token with this one: what is made with a lent one is lent by the same. */
export const makerOf = ({ actor, token }: Access): Actor => (isLent(token) ? token.createdBy : actor);

/** A token that somebody made for another speaks for its maker as well: not where the maker may not decide. */
export const refuseLentToken = ({ token }: Access, interested: readonly string[]): void => {
  if (isLent(token) && interested.includes(token.createdBy.name))
    throw new DomainError('not-allowed', `this token was created by ${token.createdBy.name}, who may not decide here`);
};
