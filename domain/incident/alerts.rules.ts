import type { AlertSituation, Incident, IncidentIn, IncidentTiming } from '../incident.ts';
import { after, closedInterval, escalatedAnew, hasEnded, isDisturbed, isWorse } from './record.rules.ts';

/** What became of an incident when its alerts changed, in the word of the ledger. */
type Heard = 'alerts-changed' | 'acknowledged' | 'severity-raised' | 'relapsed' | 'reopened';

/**
 * Takes the situation of the incident's alerts as PostgreSQL has it. A worse alert raises the severity and pages anew; one
 * that fires again undoes a recovery. What is not new changes nothing.
 */
export function hearAlerts(
  incident: Incident,
  situation: AlertSituation,
  at: string,
  timing: IncidentTiming,
): { incident: Incident; heard: Heard } | undefined {
  // What comes after the end belongs to another incident.
  if (situation.news <= incident.alerts.news || hasEnded(incident)) return undefined;
  const isFiring = situation.firing > 0;
  const heard = { ...incident, alerts: situation, hasFired: incident.hasFired || isFiring };
  // What fired before may take a while to notice that service is back.
  const isNew = (situation.startedAt ?? at) > (heard.times.restoredAt ?? '');
  if (isFiring && (heard.status === 'resolved' || heard.status === 'review'))
    return { incident: { ...reopened(heard, at, timing), hasFired: true }, heard: 'reopened' };
  if (isFiring && isNew && heard.status === 'monitoring')
    return { incident: relapsed(heard, at, timing), heard: 'relapsed' };
  const { severity } = situation;
  if (severity && isDisturbed(heard) && isWorse(severity, heard.severity))
    return { incident: escalatedAnew({ ...heard, severity }, at, timing), heard: 'severity-raised' };
  const { acknowledgedAt } = situation;
  if (
    acknowledgedAt !== undefined &&
    isDisturbed(heard) &&
    !heard.acknowledgement &&
    heard.escalation.status === 'running' &&
    isOfThisEscalation(heard, acknowledgedAt)
  )
    return { incident: acknowledgedInSource(heard, acknowledgedAt, at, timing), heard: 'acknowledged' };
  return { incident: heard, heard: 'alerts-changed' };
}

/** What was acknowledged before the escalation began anew was taken back by that. */
const isOfThisEscalation = ({ escalation, openedAt }: Incident, acknowledgedAt: string): boolean =>
  escalation.startedAt === openedAt || acknowledgedAt > escalation.startedAt;

/** Somebody has it in the source, which is believed. Who that is, is not known here. */
const acknowledgedInSource = (
  incident: Incident,
  acknowledgedAt: string,
  at: string,
  timing: IncidentTiming,
): Incident => ({
  ...withoutWaits(incident),
  acknowledgement: { by: 'its source', at, expiresAt: after(at, timing.responses[incident.severity].progressWithinMs) },
  times: {
    ...incident.times,
    acknowledgedAt: incident.times.acknowledgedAt ?? acknowledgedAt,
    ownedAt: incident.times.ownedAt ?? acknowledgedAt,
  },
});

/** The recovery did not last: work on it goes on where somebody has it. */
export const relapsed = (incident: IncidentIn<'monitoring'>, at: string, timing: IncidentTiming): Incident => {
  const { times, assignee, strategy, ...rest } = incident;
  const { restoredAt: _, ...before } = times;
  const again = { ...withoutRestorer(rest), times: before, open: [...incident.open, { from: at }] };
  if (assignee === undefined) return escalatedAnew({ ...again, status: 'triaged' }, at, timing);
  const known = { ...again, assignee };
  return escalatedAnew(
    strategy === undefined ? { ...known, status: 'investigating' } : { ...known, strategy, status: 'mitigating' },
    at,
    timing,
  );
};

/** What was resolved is there again: whoever had it is asked first by the escalation, as anybody else. */
export const reopened = (incident: IncidentIn<'resolved' | 'review'>, at: string, timing: IncidentTiming): Incident => {
  const { resolution: _, verification: __, reopensUntil: ___, times, service, assignee, ...rest } = incident;
  const { resolvedAt, restoredAt: ____, ...before } = times;
  const again = {
    ...withoutRestorer(rest),
    ...(resolvedAt === undefined
      ? {}
      : { pauses: [...(incident.pauses ?? []), { why: 'resolved' as const, from: resolvedAt, until: at }] }),
    times: before,
    reopened: incident.reopened + 1,
    hasFired: false,
    open: [...incident.open, { from: at }],
  };
  if (service === undefined)
    return escalatedAnew({ ...again, ...(assignee && { assignee }), status: 'detected' }, at, timing);
  return escalatedAnew(
    assignee === undefined
      ? { ...again, service, status: 'triaged' }
      : { ...again, service, assignee, status: 'investigating' },
    at,
    timing,
  );
};

/** No alert has fired for `resolveDelayMs`: service is back. If nobody has acted on the incident, it counts as self-healed. */
export const recovered = (incident: Incident, at: string, timing: IncidentTiming): Incident | undefined => {
  const restoredAt = incident.alerts.endedAt ?? at;
  if (incident.status === 'investigating' || incident.status === 'mitigating') {
    return {
      ...incident,
      status: 'monitoring',
      times: { ...incident.times, restoredAt },
      open: closedInterval(incident.open, restoredAt),
    };
  }
  if (incident.status === 'detected' || incident.status === 'triaged')
    return selfHealed(incident, restoredAt, at, timing);
  return undefined;
};

const selfHealed = (
  incident: IncidentIn<'detected' | 'triaged'>,
  restoredAt: string,
  at: string,
  timing: IncidentTiming,
): IncidentIn<'resolved'> => ({
  ...withoutWaits(incident),
  status: 'resolved',
  times: { ...incident.times, restoredAt, resolvedAt: at },
  open: closedInterval(incident.open, restoredAt),
  verification: { how: 'alerts', detail: noneFires(incident), at },
  resolution: { code: 'self-healed', solution: 'its alerts ended before anybody acted', by: 'evenkeel' },
  restoredBy: 'self-healed',
  reopensUntil: after(at, timing.reopenWindowMs),
});

/** The recovery has lasted. */
export const verified = (
  incident: IncidentIn<'monitoring'>,
  at: string,
  timing: IncidentTiming,
): IncidentIn<'resolved'> => ({
  ...withoutWaits(incident),
  status: 'resolved',
  times: { ...incident.times, resolvedAt: at },
  verification: { how: 'alerts', detail: noneFires(incident), at },
  resolution:
    incident.strategy === undefined
      ? { code: 'self-healed', solution: 'its alerts ended before anybody had done anything', by: 'evenkeel' }
      : { code: 'fixed', solution: `${incident.strategy}; its alerts have ended`, by: 'evenkeel' },
  restoredBy: incident.restoredBy ?? (incident.strategy === undefined ? 'self-healed' : 'person'),
  reopensUntil: after(at, timing.reopenWindowMs),
});

const noneFires = ({ alerts }: Incident): string => `none of ${alerts.total} alerts fires`;

/** Nobody is paged or waited for any more. */
export const withoutWaits = <State extends Incident>(incident: State): State => {
  const { snoozedUntil: _, ...rest } = incident;
  return { ...rest, escalation: { ...incident.escalation, status: 'stopped' } } as State;
};

const withoutRestorer = <State extends Pick<Incident, 'restoredBy'>>(incident: State): State => {
  const { restoredBy: _, ...rest } = incident;
  return rest as State;
};
