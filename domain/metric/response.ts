import { incidentReference } from '../identifiers.ts';
import { kaplanMeier, medianSurvival } from '../statistics/kaplan-meier.rules.ts';
import { sortedOf, summaryOf } from '../statistics/summary.rules.ts';
import { type Evidence, minutesBetween, realOf } from './evidence.ts';
import { type Finding, inputsOf, meanOf } from './finding.ts';
import type { IncidentObservation } from './observation.ts';

type Minutes = (incident: IncidentObservation) => number | undefined;

const times =
  (minutes: Minutes, classOf?: (incident: IncidentObservation) => string) =>
  ({ incidents }: Evidence): Finding => {
    const real = realOf(incidents);
    const inputs = inputsOf(real, (incident) => {
      const value = minutes(incident);
      if (value === undefined) return undefined;
      const id = incidentReference(incident.number);
      return classOf ? { id, value, class: classOf(incident) } : { id, value };
    });
    return meanOf(inputs, real.length);
  };

/** Noticed before users felt it: at once, and never before. When somebody wrote one down afterwards says nothing about that. */
const detected: Minutes = ({ kind, impactAt, detectedAt }) => {
  if (kind === 'backfilled') return undefined;
  const minutes = minutesBetween(impactAt, detectedAt);
  return minutes === undefined ? undefined : Math.max(0, minutes);
};

const noticedBy = ({ detectedBy }: IncidentObservation): string => (detectedBy === 'person' ? 'person' : 'machine');

/** From impact to detection; by machines and by people apart. */
export const mttd = (evidence: Evidence): Finding => {
  const all = times(detected, noticedBy)(evidence);
  const part = (name: string) => {
    const some = sortedOf([...all.inputs].flatMap((input) => (input.class === name ? [input.value] : [])));
    return { name, value: summaryOf(some)?.mean ?? null, n: some.length };
  };
  return { ...all, parts: [part('machine'), part('person')] };
};

export const mttn = times(({ detectedAt, notifiedAt }) => minutesBetween(detectedAt, notifiedAt));

/** From the page to the person who has it; of what was never acknowledged there is none, and it is missing. */
export const mtta = times(({ notifiedAt, acknowledgedAt }) => minutesBetween(notifiedAt, acknowledgedAt));

export const mttm = times(({ impactAt, mitigatedAt }) => minutesBetween(impactAt, mitigatedAt));

/** While users felt it, without the time between a restoration and a reopening. Undefined while they do, or where nobody knows since when. */
const impacted: Minutes = ({ open, impactAt, restoredAt }) => {
  if (impactAt === undefined || restoredAt === undefined) return undefined;
  let minutes = 0;
  for (const { from, until } of open) {
    if (until === undefined) return undefined;
    minutes += (until - from) / 60_000;
  }
  return minutes;
};

/** From impact to restoration, and how long it is when those that users feel still are counted as long as they were seen. */
export const mttrRestore = (evidence: Evidence): Finding => {
  const closed = times(impacted)(evidence);
  return withOpen(closed, evidence, ({ restoredAt }) => restoredAt);
};

export const mttrResolve = (evidence: Evidence): Finding =>
  withOpen(
    times(({ impactAt, resolvedAt }) => minutesBetween(impactAt, resolvedAt))(evidence),
    evidence,
    ({ resolvedAt }) => resolvedAt,
  );

export const mttrRepair = times(({ acknowledgedAt, restoredAt }) => minutesBetween(acknowledgedAt, restoredAt));

export const mttrRespond = times(({ detectedAt, restoredAt }) => minutesBetween(detectedAt, restoredAt));

const withOpen = (
  closed: Finding,
  { incidents, now }: Evidence,
  endOf: (incident: IncidentObservation) => number | undefined,
): Finding => {
  const lasting = realOf(incidents).filter(
    (incident) => endOf(incident) === undefined && incident.impactAt !== undefined,
  );
  if (lasting.length === 0) return closed;
  const seen = lasting.map(({ impactAt }) => Math.max(0, (now - impactAt!) / 60_000));
  const ended = [...closed.inputs].map(({ value }) => value);
  return { ...closed, open: { n: lasting.length, median: medianSurvival(kaplanMeier(ended, seen)) ?? null } };
};
