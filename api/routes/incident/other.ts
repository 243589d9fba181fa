import { DomainError } from '../../../domain/errors.ts';
import type { IncidentRow } from '../../../storage/incident.ts';
import type { Context } from '../../context.ts';

type Stores = Pick<Context, 'stores'>;

/** Alerts move to an incident that is open, of the same team. */
export const refuseOtherTarget = async (context: Stores, team: string, into: number): Promise<void> => {
  await openOf(context, team, { number: into, field: 'into' });
};

/** One level is enough: a parent has no parent, and a child no children. */
export const refuseOtherParent = async (context: Stores, incident: IncidentRow, parent: number): Promise<void> => {
  const { number, team, commission } = incident;
  if (commission.privateTo !== undefined)
    throw new DomainError('conflict', 'a private incident is not linked', 'parent');
  const { record } = await openOf(context, team, { number: parent, field: 'parent' });
  if (record?.parent !== undefined)
    throw new DomainError('conflict', `incident ${parent} has a parent itself: ${record.parent}`, 'parent');
  const [child] = await context.stores.incidents.childrenOf(number);
  if (child)
    throw new DomainError('conflict', `incident ${number} has children itself, such as ${child.number}`, 'parent');
};

export const refuseOtherAlerts = async (
  { stores }: Stores,
  number: number,
  fingerprints: readonly string[],
): Promise<void> => {
  const alerts = await Promise.all(fingerprints.map((fingerprint) => stores.alerts.find(fingerprint)));
  const stranger = fingerprints.find((_, index) => alerts[index]?.incident !== number);
  if (stranger !== undefined) throw new DomainError('invalid', `incident ${number} has no alert ${stranger}`, 'alerts');
};

/** Another incident of the team; what is private belongs to no team. */
const openOf = async (
  { stores }: Stores,
  team: string,
  { number, field }: { number: number; field: string },
): Promise<IncidentRow> => {
  const other = await stores.incidents.find(number);
  if (other?.team !== team) throw new DomainError('invalid', `there is no incident ${number} of team ${team}`, field);
  if (other.closedAt !== null) throw new DomainError('conflict', `incident ${number} is over`, field);
  return other;
};
