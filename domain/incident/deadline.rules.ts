import type { Incident, IncidentTiming } from '../incident.ts';
import { type DueWarning, nextWarning } from './clock.rules.ts';
import { needsResponder } from './escalation.rules.ts';
import { isDisturbed } from './record.rules.ts';
import { nextChase } from './review.rules.ts';

/** What is to happen to an incident when its time has come, unless something else happens first. */
export interface Deadline {
  what:
    | 'escalate'
    | 'acknowledgement-over'
    | 'snooze-over'
    | 'hold-over'
    | 'recovered'
    | 'verified'
    | 'relapsed'
    | 'reopening-over'
    | 'update-due'
    | 'clock'
    | 'chase';
  /** Milliseconds since 1970. */
  at: number;
}

const due = (what: Deadline['what'], at: string | undefined, plusMs = 0): Deadline[] =>
  at === undefined ? [] : [{ what, at: Date.parse(at) + plusMs }];

/** Stakeholders hear how it stands as often as its severity says, until service is back. */
const updateDue = (incident: Incident, everyMs: number | undefined): Deadline[] => {
  const { updates, openedAt, kind } = incident;
  if (everyMs === undefined || kind === 'backfilled' || !isDisturbed(incident)) return [];
  return due('update-due', updates.lastAt ?? openedAt, everyMs * (1 + updates.chased));
};

const chase = (incident: Incident): Deadline[] => {
  const next = nextChase(incident);
  return next ? [{ what: 'chase', at: next.at }] : [];
};

const clock = (incident: Incident, warnings: readonly DueWarning[]): Deadline[] => {
  const next = nextWarning(incident, warnings);
  return next ? [{ what: 'clock', at: next.at }] : [];
};

/** The next thing that time does to the incident; undefined where it waits for people or alerts alone. */
export const nextDeadline = (
  incident: Incident,
  timing: IncidentTiming,
  warnings: readonly DueWarning[] = [],
): Deadline | undefined =>
  [...deadlinesOf(incident, timing), ...clock(incident, warnings)].reduce<Deadline | undefined>(
    (first, next) => (first && first.at <= next.at ? first : next),
    undefined,
  );

const deadlinesOf = (incident: Incident, { responses, resolveDelayMs, relapseAfterMs }: IncidentTiming): Deadline[] => {
  const { status, alerts, escalation, acknowledgement, snoozedUntil, times } = incident;
  const isQuiet = alerts.total > 0 && alerts.firing === 0 && resolveDelayMs !== undefined;
  const restored =
    times.restoredAt !== undefined && (alerts.endedAt ?? '') < times.restoredAt ? times.restoredAt : alerts.endedAt;
  // Nobody is paged at the opening of what has ended meanwhile: it recovers by itself, or fires again. What people ask for is done.
  const isOpening = escalation.round === 0 && escalation.startedAt === incident.openedAt;
  const hasPassed = isQuiet && incident.hasFired && isOpening && alerts.endedAt !== undefined;
  return [
    ...(needsResponder(incident) && !hasPassed ? due('escalate', escalation.nextAt) : []),
    ...(isDisturbed(incident) && status !== 'on-hold' ? due('acknowledgement-over', acknowledgement?.expiresAt) : []),
    ...(isDisturbed(incident) ? due('snooze-over', snoozedUntil) : []),
    ...(status === 'on-hold' ? due('hold-over', incident.hold.until) : []),
    ...(isQuiet && incident.hasFired && isDisturbed(incident) && status !== 'on-hold'
      ? due('recovered', alerts.endedAt, resolveDelayMs)
      : []),
    ...(isQuiet && status === 'monitoring' ? due('verified', restored, resolveDelayMs) : []),
    ...(status === 'monitoring' && alerts.firing > 0 ? due('relapsed', times.restoredAt, relapseAfterMs) : []),
    ...(status === 'resolved' ? due('reopening-over', incident.reopensUntil) : []),
    ...updateDue(incident, responses[incident.severity].updateEveryMs),
    ...chase(incident),
  ];
};
