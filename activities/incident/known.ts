import { DomainError } from '../../domain/errors.ts';
import type { IncidentStore } from '../../domain/incident/ports.ts';

/** The incident as PostgreSQL has it. Refuses one that there is not. */
export const knownIncident = async (incidents: IncidentStore, number: number) => {
  const found = await incidents.find(number);
  if (!found) throw new DomainError('not-found', `there is no incident ${number}`);
  return found;
};
