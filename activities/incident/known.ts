import { DomainError } from '../../domain/errors.ts';
import type { IncidentCommission } from '../../domain/incident.ts';
import type { CatalogueStore, IncidentStore } from '../../domain/ports.ts';
import { type SeverityPolicySpec, usualSeverityPolicy } from '../../domain/severity-policy.ts';

/** The incident as PostgreSQL has it. Refuses one that there is not. */
export const knownIncident = async (incidents: IncidentStore, number: number) => {
  const found = await incidents.find(number);
  if (!found) throw new DomainError('not-found', `there is no incident ${number}`);
  return found;
};

/** What the severities of its team mean, at the revision that it keeps. */
export const policyOf = async (
  catalogue: CatalogueStore,
  { team, catalogueRevision: revision }: IncidentCommission,
): Promise<SeverityPolicySpec> => {
  const name = (await catalogue.find('Team', team, revision))?.severityPolicy;
  return (
    (name === undefined ? undefined : await catalogue.find('SeverityPolicy', name, revision)) ?? usualSeverityPolicy
  );
};
