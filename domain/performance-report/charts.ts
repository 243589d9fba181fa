import { type Evidence, minutesBetween, realOf } from '../metric/evidence.ts';
import type { IncidentObservation } from '../metric/observation.ts';
import type { PerformanceReport } from '../performance-report.ts';
import { sumOf } from '../statistics/summary.rules.ts';

const dayMs = 86_400_000;
const mostDays = 62;

/** What the charts of a report draw. */
export const chartsOf = ({ incidents, period }: Evidence): PerformanceReport['charts'] => {
  const real = realOf(incidents);
  const times = real.map(({ detectedAt }) => detectedAt);
  const days = Math.ceil((period.until - period.from) / dayMs);
  const stepMs = (days > mostDays ? 7 : 1) * dayMs;
  const counts = Array.from({ length: Math.ceil((period.until - period.from) / stepMs) }, () => 0);
  const heat = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0));
  for (const time of times) {
    const bucket = Math.floor((time - period.from) / stepMs);
    if (bucket >= 0 && bucket < counts.length) counts[bucket]! += 1;
    const date = new Date(time);
    heat[(date.getUTCDay() + 6) % 7]![date.getUTCHours()]! += 1;
  }
  return {
    trend: counts.map((count, at) => ({ from: new Date(period.from + at * stepMs).toISOString(), count })),
    heat,
    phases: phasesOf(real),
  };
};

const phases: [string, keyof IncidentObservation, keyof IncidentObservation][] = [
  ['until detected', 'impactAt', 'detectedAt'],
  ['until paged', 'detectedAt', 'notifiedAt'],
  ['until acknowledged', 'notifiedAt', 'acknowledgedAt'],
  ['until mitigated', 'acknowledgedAt', 'mitigatedAt'],
  ['until restored', 'mitigatedAt', 'restoredAt'],
  ['until resolved', 'restoredAt', 'resolvedAt'],
];

/** Each phase has its own cases: those of which both ends are known. */
const phasesOf = (incidents: readonly IncidentObservation[]): PerformanceReport['charts']['phases'] =>
  phases.map(([name, from, to]) => {
    const minutes = incidents.flatMap((incident) => {
      const span = minutesBetween(incident[from] as number | undefined, incident[to] as number | undefined);
      return span === undefined ? [] : [Math.max(0, span)];
    });
    return { name, minutes: minutes.length === 0 ? null : sumOf(minutes) / minutes.length, n: minutes.length };
  });
