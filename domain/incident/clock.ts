import { milliseconds } from '../duration.ts';
import type { Incident, Pause } from '../incident.ts';
import type { Severity } from '../severity.ts';
import type { ScheduleSpec } from '../schedule.ts';
import type { SeverityPolicySpec, Target } from '../severity-policy.ts';
import type { TeamSpec } from '../team.ts';
import { type SlaClock, slaClock, type WorkingHours, workingHoursOf } from '../working-hours.ts';

/** A target in milliseconds, and the hours that count; all of the time without. */
interface Goal {
  target: number;
  hours: WorkingHours | undefined;
}

/** What the clocks of an incident count by, as of the revision of the catalogue that it keeps. */
export interface ClockTerms extends Pick<SeverityPolicySpec, 'pausedBy'> {
  goals: Record<Severity, { own: Goal | undefined; resolve: Goal | undefined }>;
}

/** Hours that the policy does not say are those of the team. */
export const clockTermsOf = (
  { responses, pausedBy, workingHours }: SeverityPolicySpec,
  team: Pick<TeamSpec, 'workingHours'> | undefined,
  schedule: Pick<ScheduleSpec, 'zone'> | undefined,
): ClockTerms => {
  const working = workingHoursOf({ workingHours: workingHours ?? team?.workingHours }, schedule);
  const goalOf = (target: Target | undefined): Goal | undefined =>
    target && { target: milliseconds(target.within), hours: target.hours === 'working' ? working : undefined };
  const goalsOf = (severity: Severity) => {
    const { timeToOwn, timeToResolve } = responses[severity];
    return { own: goalOf(timeToOwn), resolve: goalOf(timeToResolve) };
  };
  return {
    pausedBy,
    goals: {
      'SEV-1': goalsOf('SEV-1'),
      'SEV-2': goalsOf('SEV-2'),
      'SEV-3': goalsOf('SEV-3'),
      'SEV-4': goalsOf('SEV-4'),
      'SEV-5': goalsOf('SEV-5'),
    },
  };
};

/** What of an incident its clocks depend on. */
export type ClockFacts = Pick<Incident, 'kind' | 'status' | 'severity' | 'openedAt' | 'times' | 'pauses'>;

/** The same with instants in milliseconds. */
export interface ClockTimes extends Pick<Incident, 'kind' | 'status' | 'severity'> {
  openedAt: number;
  ownedAt?: number | undefined;
  resolvedAt?: number | undefined;
  pauses: readonly (Pick<Pause, 'why'> & { from: number; until?: number | undefined })[];
}

export interface IncidentClock extends SlaClock {
  of: 'own' | 'resolve';
  /** Milliseconds, of the hours that count. */
  target: number;
}

/** The clocks of an incident at an instant (milliseconds), by the targets of its severity. */
export const clocksOf = (facts: ClockFacts, terms: ClockTerms, now: number): IncidentClock[] => {
  const { kind, status, severity, openedAt, times, pauses = [] } = facts;
  return clocksAt(
    {
      kind,
      status,
      severity,
      openedAt: Date.parse(openedAt),
      ownedAt: instant(times.ownedAt),
      resolvedAt: instant(times.resolvedAt),
      pauses: pauses.map(({ why, from, until }) => ({ why, from: Date.parse(from), until: instant(until) })),
    },
    terms,
    now,
  );
};

const instant = (at: string | undefined): number | undefined => (at === undefined ? undefined : Date.parse(at));

/**
 * Both clocks start when the incident is opened. Time to own is over when a person has it; of what was resolved in time without anybody
 * there is none. Time to resolve stands still while it is on hold for what pauses it, and while it was resolved and then reopened. Drills,
 * what was written down afterwards and what was cancelled have none.
 */
export const clocksAt = (times: ClockTimes, { goals, pausedBy }: ClockTerms, now: number): IncidentClock[] => {
  const { kind, status, severity, openedAt: start, ownedAt, resolvedAt } = times;
  if (kind !== 'real' || status === 'cancelled') return [];
  const { own, resolve } = goals[severity];
  const clocks: IncidentClock[] = [];
  if (own) {
    const clock = slaClock({ start, ...own, pauses: [], metAt: ownedAt ?? resolvedAt }, now);
    if (clock.state !== 'met' || ownedAt !== undefined) clocks.push({ of: 'own', target: own.target, ...clock });
  }
  if (resolve) {
    const pauses = times.pauses.filter(({ why }) => why === 'resolved' || pausedBy.includes(why));
    const clock = slaClock({ start, ...resolve, pauses, metAt: resolvedAt }, now);
    clocks.push({ of: 'resolve', target: resolve.target, ...clock });
  }
  return clocks;
};

/** When each clock that runs is at risk, and breached: nothing while it stands still, since that is not known. */
export const warningsOf = (clocks: readonly IncidentClock[]) =>
  clocks.flatMap(({ of, state, atRiskAt, dueAt }) =>
    state === 'met' || state === 'paused'
      ? []
      : [
          { of: `${of}-at-risk` as const, at: atRiskAt },
          { of: `${of}-breached` as const, at: dueAt },
        ],
  );
