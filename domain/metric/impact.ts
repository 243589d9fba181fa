import { incidentReference } from '../identifiers.ts';
import { type Evidence, feltMinutes, realOf } from './evidence.ts';
import { countOf, type Finding, inputsOf, meanOf } from './finding.ts';
import type { IncidentObservation } from './observation.ts';

/** Users felt it: by their number where it is known, else by its severity. */
const isFelt = ({ affectedUsers, severity }: IncidentObservation): boolean =>
  affectedUsers === undefined ? severity === 'SEV-1' || severity === 'SEV-2' : affectedUsers > 0;

export const customerImpactingIncidents = ({ incidents }: Evidence): Finding => ({
  ...countOf(
    inputsOf(realOf(incidents), (incident) =>
      isFelt(incident) ? { id: incidentReference(incident.number), value: 1 } : undefined,
    ),
  ),
  policy: 'with users affected; SEV-1 and SEV-2 where their number is not known',
});

/** Users times minutes. What is not known is not none: such incidents are missing, and the sum is at least so much. */
export const impactedUserMinutes = ({ incidents, now }: Evidence): Finding => {
  const felt = realOf(incidents).filter(isFelt);
  const inputs = inputsOf(felt, (incident) => {
    const { number, affectedUsers } = incident;
    if (affectedUsers === undefined) return undefined;
    return { id: incidentReference(number), value: affectedUsers * feltMinutes(incident, now) };
  });
  let [sum, n] = [0, 0];
  for (const { value } of inputs) {
    sum += value;
    n += 1;
  }
  const isUnknown = n === 0 && felt.length > 0;
  return {
    value: isUnknown ? null : sum,
    ...(isUnknown ? { why: 'nobody said how many users were affected' } : {}),
    n,
    missing: felt.length - n,
    inputs,
  };
};

/** What people think of how incidents were handled, from 1 to 5. */
export const satisfaction = ({ ratings }: Evidence): Finding =>
  meanOf(
    ratings.map(({ incident, person, score }) => ({
      id: `${incidentReference(incident)}/rating/${person}`,
      value: score,
    })),
    ratings.length,
  );
