import type { ClockWarning, Incident, IncidentTiming } from '../incident.ts';
import { responseTo } from './record.rules.ts';

/** When somebody is to be warned of a clock, in milliseconds, unless it stops before. */
export interface DueWarning {
  of: ClockWarning;
  at: number;
}

/** What its clocks depend on, as text that differs when they do; undefined where none runs. */
export const clockInputs = (incident: Incident, timing: IncidentTiming): string | undefined => {
  const { kind, status, severity, times, pauses = [] } = incident;
  const isOver = status === 'resolved' || status === 'review' || status === 'closed' || status === 'cancelled';
  if (kind !== 'real' || isOver || !responseTo(incident, timing).hasTargets) return undefined;
  return `${severity} ${times.ownedAt} ${pauses.length} ${pauses.at(-1)?.until}`;
};

/** The next of which nobody was warned. */
export const nextWarning = ({ warned = [] }: Incident, due: readonly DueWarning[]): DueWarning | undefined =>
  due.filter(({ of }) => !warned.includes(of)).toSorted((one, other) => one.at - other.at)[0];

/** Somebody is warned of it now; what is breached is at risk no longer. */
export const warned = (incident: Incident, of: ClockWarning): Incident => {
  const atRisk = { 'own-breached': 'own-at-risk', 'resolve-breached': 'resolve-at-risk' } as const;
  const also = of === 'own-breached' || of === 'resolve-breached' ? [atRisk[of]] : [];
  return { ...incident, warned: [...new Set([...(incident.warned ?? []), ...also, of])] };
};
