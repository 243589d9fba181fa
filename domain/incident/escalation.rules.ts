import type { Position } from '../escalation.rules.ts';
import type { Incident, IncidentTiming } from '../incident.ts';
import { escalatedAnew, isDisturbed, nextRound } from './record.rules.ts';

/** Whether somebody is still to be found who has it. */
export const needsResponder = (incident: Incident): boolean =>
  isDisturbed(incident) && incident.snoozedUntil === undefined && incident.escalation.status === 'running';

/** Nobody is paged any more. */
export const withoutPages = (incident: Incident): Incident => ({
  ...incident,
  escalation: { ...incident.escalation, status: 'stopped' },
});

/** What a turn of the escalation has come to. */
export interface EscalationTurn {
  /** Where it stands now; nowhere when it has come to its end. */
  position?: Position;
  level?: number;
  loop: number;
  /** Whoever was paged now. */
  paged: readonly string[];
  /** How long ago that was, in milliseconds: a turn that is tried again finds the pages that it had sent. */
  agoMs?: number;
  /** How long from there until the next turn, in milliseconds. */
  waitMs?: number;
  /** Levels with nobody to page, which were passed at once. */
  skipped: number;
  /** How many of this level have to acknowledge. */
  acknowledgements?: number;
}

/** After a turn: waits for the level that was paged, or has nobody left. */
export const escalated = (incident: Incident, turn: EscalationTurn, now: string): Incident => {
  const { escalation, times } = incident;
  const { position, level, agoMs = 0, waitMs, loop, acknowledgements: needed = escalation.needed } = turn;
  const at = new Date(Date.parse(now) - agoMs).toISOString();
  const paged = [...new Set([...escalation.paged, ...turn.paged])];
  const next = { ...escalation, round: escalation.round + 1, loop, paged, needed };
  const told = turn.paged.length === 0 ? times : { ...times, notifiedAt: times.notifiedAt ?? at };
  if (position === undefined || waitMs === undefined) {
    const { nextAt: _, ...ended } = next;
    return { ...incident, times: told, escalation: { ...ended, status: 'exhausted' } };
  }
  return {
    ...incident,
    times: told,
    escalation: {
      ...next,
      position,
      ...(level === undefined ? {} : { level }),
      ...(turn.paged.length === 0 ? {} : { lastPageAt: at }),
      nextAt: new Date(Date.parse(at) + waitMs).toISOString(),
    },
  };
};

/** Whoever acknowledged has not moved it on: the escalation begins again. */
export const acknowledgementExpired = (incident: Incident, at: string, timing: IncidentTiming): Incident =>
  escalatedAnew(incident, at, timing);

/** The snooze is over: the escalation goes on where it stood. */
export const snoozeOver = (incident: Incident, at: string): Incident => {
  const { snoozedUntil: _, ...rest } = incident;
  return { ...rest, escalation: { ...incident.escalation, round: nextRound(incident), nextAt: at } };
};
