import { milliseconds } from '../duration.ts';
import type { Incident } from '../incident.ts';
import type { ScheduleSpec } from '../schedule.ts';
import type { SeverityPolicySpec, Target } from '../severity-policy.ts';
import type { TeamSpec } from '../team.ts';
import { type SlaClock, slaClock, type WorkingHours, workingHoursOf } from '../working-hours.ts';

/** What the clocks of an incident count by, as of the revision of the catalogue that it keeps. */
export interface ClockTerms {
  policy: Pick<SeverityPolicySpec, 'responses' | 'pausedBy'>;
  hours: WorkingHours;
}

/** Hours that the policy does not say are those of the team. */
export const clockTermsOf = (
  policy: SeverityPolicySpec,
  team: Pick<TeamSpec, 'workingHours'> | undefined,
  schedule: Pick<ScheduleSpec, 'zone'> | undefined,
): ClockTerms => ({
  policy,
  hours: workingHoursOf({ workingHours: policy.workingHours ?? team?.workingHours }, schedule),
});

/** What of an incident its clocks depend on. */
export type ClockFacts = Pick<Incident, 'kind' | 'status' | 'severity' | 'openedAt' | 'times' | 'pauses'>;

export interface IncidentClock extends SlaClock {
  of: 'own' | 'resolve';
  /** Milliseconds, of the hours that count. */
  target: number;
}

/**
 * The clocks of an incident at an instant (milliseconds), by the targets of its severity. Both start when it is opened. Time to
 * own is over when a person has it; of what was resolved in time without anybody there is none. Time to resolve stands still while it is
 * on hold for what pauses it, and while it was resolved and then reopened. Drills, what was written down afterwards and what was cancelled have none.
 */
export const clocksOf = (facts: ClockFacts, { policy, hours }: ClockTerms, now: number): IncidentClock[] => {
  const { kind, status, severity, openedAt, times, pauses = [] } = facts;
  if (kind !== 'real' || status === 'cancelled') return [];
  const { timeToOwn, timeToResolve } = policy.responses[severity];
  const clock = (of: IncidentClock['of'], goal: Target | undefined, metAt: string | undefined): IncidentClock[] => {
    if (goal === undefined) return [];
    const target = milliseconds(goal.within);
    const counted = pauses.filter(
      ({ why }) => of === 'resolve' && (why === 'resolved' || policy.pausedBy.includes(why)),
    );
    const sla = {
      start: Date.parse(openedAt),
      target,
      pauses: counted.map(({ from, until }) => ({
        from: Date.parse(from),
        until: until === undefined ? undefined : Date.parse(until),
      })),
      hours: goal.hours === 'working' ? hours : always,
      metAt: metAt === undefined ? undefined : Date.parse(metAt),
    };
    return [{ of, target, ...slaClock(sla, now) }];
  };
  return [
    ...clock('own', timeToOwn, times.ownedAt ?? times.resolvedAt).filter(
      ({ state }) => state !== 'met' || times.ownedAt !== undefined,
    ),
    ...clock('resolve', timeToResolve, times.resolvedAt),
  ];
};

const always: WorkingHours = {
  zone: 'UTC',
  days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun', 'holiday'],
  from: '00:00',
  until: '00:00',
  holidays: [],
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
