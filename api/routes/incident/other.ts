import { circumstancesAt } from '../../../domain/circumstances.ts';
import { DomainError } from '../../../domain/errors.ts';
import { takesAlerts } from '../../../domain/incident/record.rules.ts';
import { fits } from '../../../domain/incident/fitting-runbook.ts';
import type { IncidentRow } from '../../../storage/incident/index.ts';
import type { Access } from '../../access.ts';
import type { Context } from '../../context.ts';
import { maySee } from './visible.ts';

type Stores = Pick<Context, 'stores'>;

/** Alerts move to an incident that is open, of the same team. */
export const refuseOtherTarget = async (
  context: Stores,
  { number, team }: IncidentRow,
  into: number,
): Promise<void> => {
  const { record } = await openOf(context, team, { number: into, field: 'into' });
  if (record && !takesAlerts(record))
    throw new DomainError('conflict', `incident ${into} is ${record.status}: reopen it first`, 'into');
  if (number !== into && !(await context.stores.incidents.claimMerge(number, into)))
    throw new DomainError('conflict', `incident ${into} is being merged into another one`, 'into');
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

/** A runbook that restores something, and is for the place of the incident. */
export const refuseOtherRunbook = async (
  { stores: { catalogue }, recent }: Pick<Context, 'stores' | 'recent'>,
  { reference, commission, record }: IncidentRow,
  name: string,
): Promise<void> => {
  const runbook = await recent.find('Runbook', name);
  if (!runbook) throw new DomainError('invalid', `the catalogue has no runbook ${name}`, 'runbook');
  const { restores } = runbook;
  if (!restores)
    throw new DomainError('invalid', `runbook ${name} does not say what it restores (restores)`, 'runbook');
  const { service, environment } = { ...commission, ...record };
  if (service === undefined || environment === undefined) return;
  const place = { belongsTo: reference, service, environment, revision: await catalogue.revision() };
  if (!fits(restores, await circumstancesAt(catalogue, place)))
    throw new DomainError('invalid', `runbook ${name} is not for ${service} in ${environment}`, 'runbook');
};

/** The one that was over when this came again. */
export const refuseOpenBefore = async ({ stores }: Stores, follows: number, access: Access): Promise<void> => {
  const before = await stores.incidents.find(follows);
  if (!before || !maySee(before, access))
    throw new DomainError('invalid', `there is no incident ${follows}`, 'follows');
  if (!before.record || takesAlerts(before.record))
    throw new DomainError('conflict', `incident ${follows} is open: what goes on belongs to it`, 'follows');
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
