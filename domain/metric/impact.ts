import { incidentReference } from '../identifiers.ts';
import { type Evidence, feltMinutes, realOf } from './evidence.ts';
import { countOf, type Finding, meanOf } from './finding.ts';
import type { IncidentObservation } from './observation.ts';

/** Users felt it: by their number where it is known, else by its severity. */
const isFelt = ({ affectedUsers, severity }: IncidentObservation): boolean =>
  affectedUsers === undefined ? severity === 'SEV-1' || severity === 'SEV-2' : affectedUsers > 0;

export const customerImpactingIncidents = ({ incidents }: Evidence): Finding => ({
  ...countOf(
    realOf(incidents)
      .filter(isFelt)
      .map((incident) => ({ id: incidentReference(incident.number) })),
  ),
  policy: 'with users affected; SEV-1 and SEV-2 where their number is not known',
});

/** Users times minutes. What is not known is not none: such incidents are missing, and the sum is at least so much. */
export const impactedUserMinutes = ({ incidents, now }: Evidence): Finding => {
  const felt = realOf(incidents).filter(isFelt);
  const known = felt.flatMap((incident) => {
    const { affectedUsers } = incident;
    if (affectedUsers === undefined) return [];
    return [{ id: incidentReference(incident.number), value: affectedUsers * feltMinutes(incident, now) }];
  });
  return {
    value: known.length === 0 && felt.length > 0 ? null : known.reduce((sum, { value }) => sum + value, 0),
    ...(known.length === 0 && felt.length > 0 ? { why: 'nobody said how many users were affected' } : {}),
    n: known.length,
    missing: felt.length - known.length,
    inputs: known,
  };
};

/** What people think of how incidents were handled, from 1 to 5. */
export const satisfaction = ({ ratings }: Evidence): Finding =>
  meanOf(
    ratings.map(({ incident, person, score }) => ({
      id: `${incidentReference(incident)}/rating/${person}`,
      value: score,
    })),
  );
