import { incidentReference } from '../identifiers.ts';
import { type Evidence, leavingOut, realOf } from './evidence.ts';
import { type Finding, inconclusive, inputsOf, partsOf, ratioOf, shareOf } from './finding.ts';
import type { IncidentObservation } from './observation.ts';

/** Somebody, or something that was ordered, had to act on it. */
const isActionable = (incident: IncidentObservation): boolean =>
  leavingOut(incident) === undefined && (incident.acknowledgedAt !== undefined || incident.restoredBy === 'automation');

/** Of the alerts that opened incidents, those on which somebody had to act; the rest is noise. */
export const alertPrecision = ({ incidents }: Evidence): Finding => {
  const alerted = incidents.filter(
    ({ kind, alerts, detectedBy }) => kind !== 'drill' && detectedBy === 'alert' && alerts > 0,
  );
  const inputs = inputsOf(alerted, (incident) => ({
    id: incidentReference(incident.number),
    value: incident.alerts,
    class: isActionable(incident) ? 'actionable' : 'noise',
  }));
  let [actionable, all] = [0, 0];
  for (const { class: of, value } of inputs) {
    all += value;
    if (of === 'actionable') actionable += value;
  }
  return {
    ...ratioOf(actionable, all),
    policy: 'actionable: of a real incident that somebody acknowledged or automation restored',
    inputs,
  };
};

/** Of the incidents, those that an alert came before. */
export const alertRecall = ({ incidents }: Evidence): Finding =>
  shareOf(
    inputsOf(realOf(incidents), (incident) => ({
      id: incidentReference(incident.number),
      value: Number(incident.detectedBy === 'alert'),
    })),
  );

/** How many alerts became one incident: 1 - incidents / alerts. */
export const alertCompression = ({ incidents, alerts }: Evidence): Finding =>
  lessThan(incidents.filter(({ detectedBy }) => detectedBy === 'alert').length, alerts.alerts, 'no alert arrived');

/** How many events told of one alert: 1 - alerts / events. */
export const alertDeduplication = ({ alerts: { alerts, events, keptSince }, period }: Evidence): Finding => {
  if (keptSince !== undefined && Date.parse(keptSince) > period.from)
    return inconclusive(`events are kept since ${keptSince.slice(0, 10)} alone`);
  if (events === undefined) return inconclusive('no event says which service or environment it is of: ask for a team');
  return lessThan(alerts, events, 'no event arrived');
};

const lessThan = (few: number, many: number, why: string): Finding =>
  many === 0
    ? inconclusive(why)
    : { value: 1 - few / many, numerator: many - few, denominator: many, n: many, missing: 0, inputs: [] };

/** Of the incidents of which it is known how they were noticed, those that monitoring noticed. */
export const detectionCoverage = ({ incidents }: Evidence): Finding => {
  const found = shareOf(
    inputsOf(realOf(incidents), (incident) => ({
      id: incidentReference(incident.number),
      class: incident.detectedBy,
      value: Number(incident.detectedBy !== 'person'),
    })),
  );
  return { ...found, parts: partsOf(found.inputs, ['alert', 'plan', 'person']) };
};

/** Of the services, those that something watches and of which every signal is fresh. */
export const monitoringCoverage = ({ watches }: Evidence): Finding => ({
  ...shareOf(
    watches.map(({ service, signals }) => ({
      id: `service/${service}`,
      value: Number(signals.length > 0 && signals.every(({ isFresh }) => isFresh)),
    })),
  ),
  policy: 'as it is now: heartbeats and objectives that name the service, none of them silent',
});
