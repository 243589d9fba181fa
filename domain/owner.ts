import { z } from 'zod';
import { nameOf } from './annotation.ts';
import type { Trigger } from './trigger.ts';

/** What stands for the team that owns the service, in whichever plan the document is used. */
const owner = '{{team}}';
/** What stands for the team that receives it, in a plan for a hand-over. */
const receiver = '{{receiver}}';

/** A team by its name, the owning team, or the one that receives the service. */
export const TeamOrOwner = z.union([nameOf('Team'), z.literal(owner), z.literal(receiver)]).meta({
  id: 'TeamOrOwner',
  description:
    'Name of a Team; {{team}}: the team that owns the service; or {{receiver}}: the team that it is handed over to, else its owner',
});

/** Whether it is a word that stands for a team. */
export const isParty = (team: string): boolean => team === owner || team === receiver;

/** The teams for which the words stand: of a plan, an incident or a problem. */
export interface Parties {
  team: string;
  trigger?: Trigger | undefined;
}

/** The value with these teams by their names, wherever a team is meant. */
export const ownedBy = <Value>(value: Value, { team, trigger }: Parties): Value => {
  const received = trigger?.type === 'transition' ? trigger.to : team;
  return replaced(
    value,
    new Map([
      [owner, team],
      [receiver, received],
    ]),
  ) as Value;
};

const replaced = (value: unknown, teams: ReadonlyMap<string, string>): unknown => {
  if (Array.isArray(value)) return value.map((item) => replaced(item, teams));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === 'team' && typeof member === 'string' ? (teams.get(member) ?? member) : replaced(member, teams),
    ]),
  );
};
