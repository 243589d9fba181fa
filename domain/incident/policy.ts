import type { IncidentCommission } from '../incident.ts';
import type { CatalogueStore } from '../ports.ts';
import { type SeverityPolicySpec, usualSeverityPolicy } from '../severity-policy.ts';
import { type ClockTerms, clockTermsOf } from './clock.ts';

type Catalogue = Pick<CatalogueStore, 'find'>;
type Commissioned = Pick<IncidentCommission, 'team' | 'catalogueRevision'>;

/** What the severities of its team mean, at the revision that the incident keeps. */
export const policyOf = async (
  catalogue: Catalogue,
  { team, catalogueRevision: revision }: Commissioned,
): Promise<SeverityPolicySpec> => {
  const name = (await catalogue.find('Team', team, revision))?.severityPolicy;
  return (
    (name === undefined ? undefined : await catalogue.find('SeverityPolicy', name, revision)) ?? usualSeverityPolicy
  );
};

/** What the clocks of an incident count by, at the revision that it keeps. */
export const clockTerms = async (catalogue: Catalogue, commission: Commissioned): Promise<ClockTerms> => {
  const { team: name, catalogueRevision: revision } = commission;
  const team = await catalogue.find('Team', name, revision);
  const schedule = team?.schedule === undefined ? undefined : await catalogue.find('Schedule', team.schedule, revision);
  return clockTermsOf(await policyOf(catalogue, commission), team, schedule);
};
