import type { IncidentCommission } from '../incident.ts';

type Owned = Pick<IncidentCommission, 'number' | 'team' | 'privateTo'>;

/**
 * Whose matter it is, for whoever lists or shows what belongs to it: the team, or for a private incident nobody but its people.
 * No team has such a name, since names have no dots.
 */
export const visibilityOf = ({ number, team, privateTo }: Owned): string =>
  privateTo === undefined ? team : `private.${number}`;
