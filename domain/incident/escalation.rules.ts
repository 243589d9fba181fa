import type { Incident, IncidentTiming } from '../incident.ts';
import { escalatedAnew, isDisturbed } from './record.rules.ts';

/** Whether somebody is still to be found who has it. */
export const needsResponder = (incident: Incident): boolean =>
  isDisturbed(incident) &&
  incident.acknowledgement === undefined &&
  incident.snoozedUntil === undefined &&
  incident.escalation.status === 'running';

/** What a turn of the escalation has come to. */
export interface EscalationTurn {
  /** The level that was paged; none where nobody is left to page. */
  level?: number;
  loop: number;
  /** Whoever was paged now. */
  paged: readonly string[];
  /** How long the level has; undefined when all levels have had their time. */
  waitMs?: number;
  /** Levels with nobody to page, which were passed at once. */
  skipped: number;
}

/** After a turn: waits for the level that was paged, or has nobody left. */
export const escalated = (incident: Incident, turn: EscalationTurn, at: string): Incident => {
  const { escalation, times } = incident;
  const paged = [...new Set([...escalation.paged, ...turn.paged])];
  const next = { ...escalation, round: escalation.round + 1, loop: turn.loop, paged };
  if (turn.level === undefined || turn.waitMs === undefined) {
    const { nextAt: _, ...ended } = next;
    return { ...incident, escalation: { ...ended, status: 'exhausted' } };
  }
  return {
    ...incident,
    times: { ...times, notifiedAt: times.notifiedAt ?? at },
    escalation: {
      ...next,
      level: turn.level,
      lastPageAt: at,
      nextAt: new Date(Date.parse(at) + turn.waitMs).toISOString(),
    },
  };
};

/** Whoever acknowledged has not moved it on: the escalation begins again. */
export const acknowledgementExpired = (incident: Incident, at: string, timing: IncidentTiming): Incident =>
  escalatedAnew(incident, at, timing);

/** The snooze is over: the level that was paged last is paged again. */
export const snoozeOver = (incident: Incident, at: string): Incident => {
  const { snoozedUntil: _, ...rest } = incident;
  return { ...rest, escalation: { ...incident.escalation, nextAt: at } };
};
