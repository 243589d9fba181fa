import { DomainError } from '../../domain/errors.ts';
import type { IncidentCommission } from '../../domain/incident.ts';
import { type ClockTerms, clockTermsOf } from '../../domain/incident/clock.ts';
import type { IncidentStore } from '../../domain/incident/ports.ts';
import type { CatalogueStore } from '../../domain/ports.ts';
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
  { team, catalogueRevision: revision }: Pick<IncidentCommission, 'team' | 'catalogueRevision'>,
): Promise<SeverityPolicySpec> => {
  const name = (await catalogue.find('Team', team, revision))?.severityPolicy;
  return (
    (name === undefined ? undefined : await catalogue.find('SeverityPolicy', name, revision)) ?? usualSeverityPolicy
  );
};

/** What the clocks of an incident count by, at the revision that it keeps. */
export const clockTerms = async (catalogue: CatalogueStore, commission: IncidentCommission): Promise<ClockTerms> => {
  const { team: name, catalogueRevision: revision } = commission;
  const team = await catalogue.find('Team', name, revision);
  const schedule = team?.schedule === undefined ? undefined : await catalogue.find('Schedule', team.schedule, revision);
  return clockTermsOf(await policyOf(catalogue, commission), team, schedule);
};
