import { z } from 'zod';
import { nameOf } from './annotation.ts';

/** What stands for the team that owns the service, in whichever plan the document is used. */
export const owner = '{{team}}';

/** A team by its name, or the owning team. */
export const TeamOrOwner = z
  .union([nameOf('Team'), z.literal(owner)])
  .meta({ id: 'TeamOrOwner', description: 'Name of a Team, or {{team}}: the team that owns the service' });

/** The value with the owning team by its name, wherever a team is meant. */
export const ownedBy = <Value>(value: Value, team: string): Value => replaced(value, team) as Value;

const replaced = (value: unknown, team: string): unknown => {
  if (Array.isArray(value)) return value.map((item) => replaced(item, team));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === 'team' && member === owner ? team : replaced(member, team),
    ]),
  );
};
