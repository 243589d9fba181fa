import { DomainError } from '../errors.ts';
import type { Incident, IncidentInput, IncidentStatus, IncidentTiming } from '../incident.ts';
import type { Severity } from '../severity.ts';
import type { Response } from '../severity-policy.ts';

/** Nobody has restored it yet. */
const disturbed: readonly IncidentStatus[] = ['detected', 'triaged', 'investigating', 'mitigating', 'on-hold'];

export const isDisturbed = ({ status }: Incident): boolean => disturbed.includes(status);

/** The last state that its workflow saves: what its review wants done is done as well. */
export const isOver = ({ status, review }: Incident): boolean =>
  status === 'cancelled' ||
  (status === 'closed' && !(review?.document.actions.some(({ doneAt }) => doneAt === undefined) ?? false));

/** Whoever is to hear of it: the person that has it, else its team. */
export const responsibleFor = ({ assignee, team }: Incident): { person: string } | { team: string } =>
  assignee === undefined || assignee === 'evenkeel' ? { team } : { person: assignee };

/** No news of alerts changes it any more. */
export const hasEnded = ({ status }: Incident): boolean => status === 'closed' || status === 'cancelled';

/** It takes alerts of its key, and acts on them. */
export const takesAlerts = (incident: Incident): boolean => isDisturbed(incident) || incident.status === 'monitoring';

/** Until when an alert of its key opens it again, instead of another one. What is closed stays so. */
export const reopensUntil = (incident: Incident): string | undefined =>
  incident.status === 'resolved' || incident.status === 'review' ? incident.reopensUntil : undefined;

const severities: readonly Severity[] = ['SEV-1', 'SEV-2', 'SEV-3', 'SEV-4', 'SEV-5'];

/** True when the first is worse. */
export const isWorse = (one: Severity, other: Severity): boolean => severities.indexOf(one) < severities.indexOf(other);

/** Its first state: triaged at once where its service is known. */
export const open = ({ timing, ...input }: IncidentInput): Incident => {
  const incident = begun(input, isPaging(input, timing));
  const nextAt = after(input.openedAt, timing.groupWaitMs);
  return { ...incident, escalation: { ...incident.escalation, nextAt } };
};

/** Builds the first state of an incident. Unless it `pages`, its escalation does not run. */
export const begun = (input: Omit<IncidentInput, 'timing'>, pages: boolean): Incident => {
  const { service, ...commission } = input;
  const { openedAt, impactAt, detectedAt } = commission;
  const record = {
    ...commission,
    rev: 1,
    alerts: { news: 0, total: 0, firing: 0 },
    escalation: { ...escalationFrom(openedAt), ...(pages ? {} : { status: 'stopped' as const }) },
    roles: {},
    times: {},
    open: [{ from: impactAt ?? detectedAt }],
    reopened: 0,
    hasFired: commission.detectedBy.by === 'alert',
    updates: { sent: 0, unsent: [], chased: 0 },
    suggested: [],
    runbooks: [],
    tasks: [],
  };
  return service === undefined ? { ...record, status: 'detected' } : { ...record, status: 'triaged', service };
};

/** Whether anybody is paged for an incident of this severity. */
export const isPaging = ({ kind, severity }: Pick<Incident, 'kind' | 'severity'>, timing: IncidentTiming): boolean =>
  kind !== 'backfilled' && timing.responses[severity].pages;

/** An escalation that begins with the first level, now. */
const escalationFrom = (at: string): Incident['escalation'] => ({
  status: 'running',
  round: 0,
  loop: 0,
  acknowledgedBy: [],
  needed: 1,
  startedAt: at,
  nextAt: at,
  paged: [],
});

/** A turn that was under way when something came between may have sent its pages: the next turn sends others. */
export const nextRound = ({ escalation }: Incident): number => escalation.round + 1;

/** Pages from the first level on, as if nobody had been paged; nobody has it any more. */
export const escalatedAnew = <State extends Incident>(incident: State, at: string, timing: IncidentTiming): State => {
  const { acknowledgement: _, snoozedUntil: __, ...rest } = incident;
  const { paged } = incident.escalation;
  const round = nextRound(incident);
  const escalation = isPaging(incident, timing)
    ? { ...escalationFrom(at), round, paged }
    : { ...incident.escalation, status: 'stopped' as const };
  return { ...rest, escalation } as State;
};

/** The response that its severity asks for. */
export const responseTo = ({ severity }: Incident, { responses }: IncidentTiming): Response => responses[severity];

/** Whoever has it has moved it on: their acknowledgement holds for as long again. */
export const progressed = <State extends Incident>(incident: State, at: string, timing: IncidentTiming): State => {
  const { acknowledgement } = incident;
  if (!acknowledgement) return incident;
  const expiresAt = after(at, responseTo(incident, timing).progressWithinMs);
  return { ...incident, acknowledgement: { ...acknowledgement, expiresAt } };
};

/** So many milliseconds after an instant, as text. */
export const after = (at: string, milliseconds: number): string =>
  new Date(Date.parse(at) + milliseconds).toISOString();

/** Users feel it no longer. Reopening begins another interval, so that durations are sums. */
export const closedInterval = (felt: Incident['open'], until: string): Incident['open'] =>
  felt.map((interval) =>
    interval.until === undefined ? { ...interval, until: until < interval.from ? interval.from : until } : interval,
  );

export const notNow = ({ number, status }: Incident, what: string): DomainError =>
  new DomainError('conflict', `incident ${number} is ${status}: ${what}`);
