import { incidentReference } from '../identifiers.ts';
import type { Severity } from '../severity.ts';
import { type Evidence, realOf } from './evidence.ts';
import { compose, type Disturbed } from './composition.rules.ts';
import { type Finding, inconclusive, inputsOf } from './finding.ts';
import type { IncidentObservation } from './observation.ts';
import { type Availability, availabilityOf, type Reliability, reliabilityOf, usualWeights } from './uptime.rules.ts';

/** What users have of a service, by the severity of its incident; the others do not count. */
const states: Partial<Record<Severity, keyof Disturbed>> = {
  'SEV-1': 'full',
  'SEV-2': 'partial',
  'SEV-3': 'degraded',
};

const policy =
  `SEV-1 counts as down for all (1), SEV-2 for some (${usualWeights.partial}), SEV-3 as slow (${usualWeights.degraded}); ` +
  'open maintenance windows of the service are left out';

/** By time, from what incidents say that users felt: by itself, together with all that it needs, and as its parts would have it. */
export const availability = (evidence: Evidence): Finding => {
  const { service, needed } = evidence;
  if (service === undefined) return inconclusive('availability is that of a service: say which');
  const own = ownOf(evidence);
  const itself = of(evidence, own);
  const all = own.length + realOf(needed).length;
  const together = composed(evidence, service);
  if (itself.value === undefined) return inconclusive('there was no agreed service time');
  const clipped = own.flatMap((incident) => spansOf(incident, evidence).map((span) => ({ incident, ...span })));
  return {
    value: itself.value,
    numerator: (itself.agreedMs - itself.downMs) / 60_000,
    denominator: itself.agreedMs / 60_000,
    n: new Set(clipped.map(({ incident }) => incident.number)).size,
    missing: own.filter(({ impactAt }) => impactAt === undefined).length,
    parts: [
      { name: 'by itself', value: itself.value, n: own.length },
      { name: 'with all that it needs', value: together.value ?? null, n: all },
      { name: 'if its parts failed by chance', value: together.expected ?? null, n: all },
    ],
    policy,
    inputs: inputsOf(clipped, ({ incident, state, from, until }) => ({
      id: `${incidentReference(incident.number)}/${new Date(from).toISOString()}`,
      value: (until - from) / 60_000,
      class: state,
    })),
  };
};

const times =
  (pick: (reliability: Reliability) => number | undefined) =>
  (evidence: Evidence): Finding => {
    const { service, period } = evidence;
    if (service === undefined) return inconclusive('it is that of a service: say which');
    const found = of(evidence, ownOf(evidence));
    const ms = pick(reliabilityOf(found));
    if (ms === undefined)
      return inconclusive(`nothing failed in ${Math.round((period.until - period.from) / 86_400_000)} days`);
    return { value: ms / 60_000, denominator: found.failures, n: found.failures, missing: 0, policy, inputs: [] };
  };

/** Mean times to restore service, between failures (up alone) and between service incidents (start to start). */
export const mtrs = times((found) => found.mtrs);
export const mtbf = times((found) => found.mtbf);
export const mtbsi = times((found) => found.mtbsi);

/** Whenever it was noticed: what counts is when users felt it. */
const ownOf = ({ incidents, earlier, later }: Evidence): IncidentObservation[] => [
  ...realOf(earlier),
  ...realOf(incidents),
  ...realOf(later),
];

/** How the service was together with what it needs, and how it would have been if all of that failed by chance. */
const composed = (evidence: Evidence, service: string): { value: number | undefined; expected: number | undefined } => {
  const { needed, needsOf, period, maintenance: excluded } = evidence;
  const ofNeeded = Map.groupBy(realOf(needed), (incident) => incident.service);
  const incidentsOf = (name: string): readonly IncidentObservation[] =>
    name === service ? ownOf(evidence) : (ofNeeded.get(name) ?? []);
  const { disturbed, expected } = compose(service, needsOf, (name) => {
    const own = disturbedBy(evidence, incidentsOf(name));
    return { disturbed: own, expected: availabilityOf(period, { ...own, excluded }).value };
  });
  return { value: availabilityOf(period, { ...disturbed, excluded }).value, expected };
};

const of = (evidence: Evidence, incidents: readonly IncidentObservation[]): Availability =>
  availabilityOf(evidence.period, { ...disturbedBy(evidence, incidents), excluded: evidence.maintenance });

const disturbedBy = (evidence: Evidence, incidents: readonly IncidentObservation[]): Disturbed => {
  const spans = incidents.flatMap((incident) => spansOf(incident, evidence));
  const inState = (state: keyof Disturbed) => spans.filter((span) => span.state === state);
  return { full: inState('full'), partial: inState('partial'), degraded: inState('degraded') };
};

/** What of the period users felt it; what lasts still has lasted until now. */
const spansOf = ({ severity, open }: IncidentObservation, { period, now }: Evidence) => {
  const state = states[severity];
  return state === undefined
    ? []
    : open.flatMap(({ from, until }) => {
        const span = {
          from: Math.max(period.from, from),
          until: Math.min(period.until, until ?? now),
        };
        return span.from < span.until ? [{ state, ...span }] : [];
      });
};
