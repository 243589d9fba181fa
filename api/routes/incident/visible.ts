import type { Role } from '../../../domain/actor.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { IncidentRow } from '../../../storage/incident/index.ts';
import type { Stores } from '../../../workers/ports.ts';
import type { Access } from '../../access.ts';

/** The incident, for somebody of its team, who declared it, or whom it has come to. */
export const visibleIncident = async (
  { stores }: { stores: Stores },
  id: string,
  access: Access,
  role: Role = 'viewer',
): Promise<IncidentRow> => {
  const row = await incidentNumbered(stores, id);
  if (!row) throw new DomainError('not-found', `there is no incident ${id}`);
  const isKnown = isConcerned(row, access, role);
  const { privateTo, team } = row.commission;
  // Whoever is none of its people does not even hear that it exists.
  if (privateTo !== undefined && !isKnown) access.demand('viewer', row.team, `incident ${id}`);
  const takesRole = role !== 'viewer' && role !== 'responder';
  if (takesRole || !isKnown) access.demand(role, team, `incident ${id}`);
  return row;
};

/** Whether they may see it, for what is linked to one that they see. */
export const maySee = (row: IncidentRow, access: Access): boolean => {
  const teams = access.teamsWith('viewer');
  return teams === undefined || teams.includes(row.team) || isConcerned(row, access, 'viewer');
};

/** The incident with this number, whoever asks. */
export const incidentNumbered = async (stores: Stores, id: string): Promise<IncidentRow | undefined> =>
  /^\d{1,15}$/.test(id) ? stores.incidents.find(Number(id)) : undefined;

/** Whoever declared it may look; whoever was paged, or has a part in it, may act. */
const isConcerned = ({ commission, record }: IncidentRow, { actor }: Access, role: Role): boolean => {
  if (actor.type !== 'person') return false;
  const { detectedBy } = commission;
  if (role === 'viewer' && detectedBy.by === 'person' && detectedBy.name === actor.name) return true;
  const part = [
    ...(commission.privateTo ?? []),
    record?.assignee,
    ...(record?.escalation.paged ?? []),
    ...Object.values(record?.roles ?? {}),
  ];
  return part.includes(actor.name);
};
