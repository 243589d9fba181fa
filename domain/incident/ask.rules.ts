import { DomainError } from '../errors.ts';
import type { Incident, IncidentIn, IncidentTiming } from '../incident.ts';
import type { IncidentCommand } from './ask.ts';
import { complete, reassign } from '../task.rules.ts';
import type { Task } from '../task.ts';
import { reviewReason } from './review.rules.ts';
import { reopened, withoutWaits } from './alerts.rules.ts';
import { withoutPages } from './escalation.rules.ts';
import { pastOf } from './past.rules.ts';
import { publicStatusOf, refuseUnpublishable } from './public.rules.ts';
import {
  after,
  closedInterval,
  escalatedAnew,
  isDisturbed,
  isOver,
  isPaging,
  isWorse,
  nextRound,
  notNow,
  progressed,
  responseTo,
} from './record.rules.ts';

/** What people ask of an incident: each is carried out, or refused with the reason. The timing is that of its input. */
type Transition<Type extends IncidentCommand['type']> = (
  incident: Incident,
  ask: IncidentCommand<Type>,
  timing: IncidentTiming,
) => Incident;

/** Somebody has it: the escalation stops. They have a time to move it on; each thing they do begins it anew. */
export const acknowledge: Transition<'acknowledge'> = (incident, { by, at }, timing) => {
  if (!isDisturbed(incident)) throw notNow(incident, 'there is nothing to acknowledge');
  const { acknowledgement, escalation } = incident;
  if (acknowledgement && escalation.acknowledgedBy.includes(by.name))
    throw notNow(incident, `you acknowledged it at ${acknowledgement.at}`);
  const { times } = incident;
  const assignee = incident.assignee === undefined || incident.assignee === 'evenkeel' ? by.name : incident.assignee;
  const acknowledgedBy = [...new Set([...escalation.acknowledgedBy, by.name])];
  const heard = { ...incident, escalation: { ...escalation, acknowledgedBy } };
  const held = {
    // A level may ask for more than one.
    ...(acknowledgedBy.length < escalation.needed ? heard : withoutWaits(heard)),
    acknowledgement: { by: by.name, at, expiresAt: after(at, responseTo(incident, timing).progressWithinMs) },
    assignee,
    ...handedTo(incident, assignee),
    times: { ...times, acknowledgedAt: times.acknowledgedAt ?? at, ownedAt: times.ownedAt ?? at },
  };
  return held.status === 'triaged' ? { ...held, assignee, status: 'investigating' } : held;
};

/** Whoever gets it comes behind those who had it, of whom the last ones are remembered. */
const handedTo = ({ assignees = [] }: Incident, to: string) => ({
  assignees: assignees.at(-1) === to ? assignees : [...assignees, to].slice(-mostAssignees),
});
const mostAssignees = 50;

export const unacknowledge: Transition<'unacknowledge'> = (incident, { at }, timing) => {
  if (!incident.acknowledgement) throw notNow(incident, 'nobody has acknowledged it');
  if (!isDisturbed(incident)) throw notNow(incident, 'nobody needs to have it');
  return escalatedAnew(incident, at, timing);
};

/** Names who works on it. They are told; the escalation goes on until somebody acknowledges. */
export const assign: Transition<'assign'> = (incident, { to, at }, timing) => {
  if (!isDisturbed(incident) && incident.status !== 'monitoring') throw notNow(incident, 'nobody is to work on it');
  if (incident.assignee === to) throw notNow(incident, `it is assigned to ${to} already`);
  const times = { ...incident.times, ownedAt: incident.times.ownedAt ?? at };
  const assigned = progressed({ ...incident, assignee: to, ...handedTo(incident, to), times }, at, timing);
  return assigned.status === 'triaged' ? { ...assigned, assignee: to, status: 'investigating' } : assigned;
};

/** The next level is paged now, whoever has it. */
export const escalate: Transition<'escalate'> = (incident, { at }) => {
  if (!isDisturbed(incident)) throw notNow(incident, 'nobody is to be paged');
  if (incident.kind === 'backfilled') throw notNow(incident, 'it was written down afterwards: nobody is paged');
  const { acknowledgement: _, snoozedUntil: __, ...rest } = incident;
  const escalation = { ...incident.escalation, status: 'running' as const, round: nextRound(incident) };
  return { ...rest, escalation: { ...escalation, acknowledgedBy: [], nextAt: at } };
};

/** Pauses paging and clears the acknowledgement. Paging resumes only if it was running, or an acknowledgement had stopped it. */
export const snooze: Transition<'snooze'> = (incident, { until, at }, timing) => {
  const { snoozeWithinMs } = timing;
  if (!isDisturbed(incident)) throw notNow(incident, 'nobody is paged');
  const wakesAt = new Date(until).toISOString();
  if (wakesAt <= at) throw new DomainError('invalid', 'expected an instant to come', 'until');
  if (Date.parse(wakesAt) > Date.parse(at) + snoozeWithinMs)
    throw new DomainError('invalid', `a snooze lasts at most ${snoozeWithinMs / 3_600_000} hours`, 'until');
  const { acknowledgement, ...rest } = incident;
  const { escalation } = incident;
  const status = acknowledgement && isPaging(incident, timing) ? 'running' : escalation.status;
  return { ...rest, snoozedUntil: wakesAt, escalation: { ...escalation, status, acknowledgedBy: [] } };
};

/** Says which service it is about. */
export const triage: Transition<'triage'> = (incident, { service, environment = incident.environment, at }, timing) => {
  if (!isDisturbed(incident)) throw notNow(incident, 'its service is not changed any more');
  const { environment: _, ...rest } = incident;
  const placed = { ...rest, ...(environment === undefined ? {} : { environment }), service };
  if (placed.status !== 'detected') return progressed(placed as Incident, at, timing);
  const { assignee } = placed;
  return assignee === undefined ? { ...placed, status: 'triaged' } : { ...placed, assignee, status: 'investigating' };
};

/** Anybody raises it; only the commander lowers it, or anybody once service is restored. A higher one pages anew, one that does not page stops it. */
export const setSeverity: Transition<'set-severity'> = (incident, { severity, by, at }, timing) => {
  if (isOver(incident)) throw notNow(incident, 'its severity is not changed any more');
  if (incident.severity === severity) throw notNow(incident, `it is ${severity} already`);
  const isRaised = isWorse(severity, incident.severity);
  if (!isRaised && isDisturbed(incident) && incident.roles.commander !== by.name)
    throw new DomainError('not-allowed', 'only the commander lowers the severity before service is restored');
  const changed = { ...incident, severity };
  if (!isDisturbed(incident)) return changed;
  if (isRaised) return escalatedAnew(changed, at, timing);
  return isPaging(changed, timing) ? changed : withoutPages(changed);
};

/** The order of work by how much it does to users and how soon: another thing than how the response is, which the severity decides. */
export const prioritize: Transition<'prioritize'> = (incident, { impact, urgency, users }, { priorities }) => {
  if (isOver(incident)) throw notNow(incident, 'its priority is not changed any more');
  const known = users === undefined ? {} : { affectedUsers: users };
  return { ...incident, ...known, impact, urgency, priority: priorities[impact - 1]![urgency - 1]! };
};

export const setRole: Transition<'set-role'> = (incident, { role, person, at }, timing) => {
  if (isOver(incident)) throw notNow(incident, 'its roles are not changed any more');
  if (incident.roles[role] === person) throw notNow(incident, `${person} is its ${role} already`);
  return progressed({ ...incident, roles: { ...incident.roles, [role]: person } }, at, timing);
};

/** Says what is done to restore service. */
export const mitigate: Transition<'mitigate'> = (incident, { strategy, at }, timing) => {
  if (incident.status !== 'investigating' && incident.status !== 'mitigating' && incident.status !== 'monitoring')
    throw notNow(incident, `acknowledge or assign it first`);
  const { assignee } = incident;
  if (assignee === undefined) throw notNow(incident, 'nobody is assigned to it');
  return progressed({ ...incident, assignee, strategy, status: 'mitigating' }, at, timing);
};

/** Users have the agreed level again; whether it lasts is seen. */
export const restore: Transition<'restore'> = (incident, { restoredAt: said, at }) => {
  if (incident.status !== 'mitigating')
    throw notNow(incident, 'say first what is done to restore it: evenkeel incident mitigate');
  const restoredAt = restorationOf(incident, said, at);
  const times = { ...incident.times, mitigatedAt: incident.times.mitigatedAt ?? restoredAt, restoredAt };
  return {
    ...withoutWaits(incident),
    status: 'monitoring',
    restoredBy: 'person',
    times,
    open: closedInterval(incident.open, restoredAt),
  };
};

/** Of what is restored, or with it said in one. Refused while alerts fire: nothing is resolved that can still be seen. */
export const resolve: Transition<'resolve'> = (incident, { solution, code, by, at, ...ask }, { reopenWindowMs }) => {
  const { status, alerts } = incident;
  if (status === 'on-hold') throw notNow(incident, 'resume it first');
  if (status !== 'triaged' && status !== 'investigating' && status !== 'mitigating' && status !== 'monitoring')
    throw notNow(incident, status === 'detected' ? 'say first which service it is about' : 'it cannot be resolved');
  if (alerts.firing > 0)
    throw notNow(
      incident,
      `${alerts.firing} of its alerts still fire${alerts.flapping ? ` (${alerts.flapping} flapping)` : ''}: shelve them if they say nothing any more`,
    );
  const { strategy = incident.strategy } = ask;
  if (status !== 'monitoring' && status !== 'triaged' && strategy === undefined)
    throw new DomainError('invalid', 'say what was done to restore it', 'strategy');
  const restoredAt = incident.times.restoredAt ?? restorationOf(incident, ask.restoredAt, at);
  return {
    ...withoutWaits(incident),
    ...(strategy === undefined ? {} : { strategy }),
    status: 'resolved',
    restoredBy: incident.restoredBy ?? 'person',
    times: { ...incident.times, mitigatedAt: incident.times.mitigatedAt ?? restoredAt, restoredAt, resolvedAt: at },
    open: closedInterval(incident.open, restoredAt),
    verification:
      alerts.total > 0
        ? { how: 'alerts', detail: `none of ${alerts.total} alerts fires`, at }
        : { how: 'person', detail: `${by.name} says so`, at },
    resolution: { code, solution, by: by.name },
    reopensUntil: after(at, reopenWindowMs),
  };
};

export const reopen: Transition<'reopen'> = (incident, { at }, timing) => {
  if (incident.status !== 'resolved' && incident.status !== 'review')
    throw notNow(incident, isOver(incident) ? 'declare another one that follows it' : 'it is open');
  return reopened(incident, at, timing);
};

/** Cancels an incident that turned out to be none. */
export const cancel: Transition<'cancel'> = (incident, { code, reason, at }) => {
  const { status } = incident;
  if (status !== 'detected' && status !== 'triaged' && status !== 'investigating')
    throw notNow(incident, 'what was worked on is resolved, not cancelled');
  return cancelled(incident, { code, reason }, code, at);
};

/** It is the same as another one, which takes its alerts. */
export const merge: Transition<'merge'> = (incident, { into, reason, at }) => {
  if (!isDisturbed(incident)) throw notNow(incident, 'only what is open is merged');
  if (into === incident.number) throw new DomainError('invalid', 'an incident is no duplicate of itself', 'into');
  return cancelled(incident, { code: 'duplicate', of: into, reason }, `a duplicate of incident ${into}`, at);
};

const cancelled = (
  incident: Incident,
  cancellation: IncidentIn<'cancelled'>['cancellation'],
  outcome: string,
  at: string,
): IncidentIn<'cancelled'> => ({
  ...withoutWaits(incident),
  status: 'cancelled',
  open: closedInterval(incident.open, at),
  cancellation,
  endedAt: at,
  outcome,
});

export const close: Transition<'close'> = (incident, { reason, at }, timing) => {
  if (incident.status === 'review') throw notNow(incident, 'it is closed when somebody signs its review');
  if (incident.status !== 'resolved') throw notNow(incident, 'resolve it first');
  const because = reviewReason(incident, timing);
  if (because !== undefined) throw notNow(incident, `it has to be reviewed first: ${because}`);
  return closed(incident, reason, at);
};

export const closed = (
  incident: IncidentIn<'resolved' | 'review'>,
  outcome: string,
  at: string,
): IncidentIn<'closed'> => ({
  ...incident,
  status: 'closed',
  endedAt: at,
  outcome,
});

/** Somebody did by hand what a known error says that helps: whether it did is counted. What is said later of the same replaces it. */
export const applyWorkaround: Transition<'workaround'> = (incident, { problem, restored, by, at }, timing) => {
  if (incident.status === 'cancelled') throw notNow(incident, 'nothing was to be worked around');
  const others = (incident.workarounds ?? []).filter((known) => known.problem !== problem);
  if (others.length >= mostWorkarounds) throw notNow(incident, `it has ${mostWorkarounds} workarounds already`);
  return progressed({ ...incident, workarounds: [...others, { problem, restored, by: by.name, at }] }, at, timing);
};

const mostWorkarounds = 20;

/** The ledger keeps its words; the incident has moved on. */
export const note: Transition<'note'> = (incident, { by, happenedAt, at }, timing) => {
  pastOf(happenedAt, at, 'happenedAt');
  return incident.acknowledgement?.by === by.name ? progressed(incident, at, timing) : incident;
};

/** What stakeholders are told of how it stands; the next one is due as long after it. */
export const reportStatus: Transition<'report-status'> = (incident, ask, timing) => {
  if (isOver(incident)) throw notNow(incident, 'nobody waits for news of it');
  refuseUnpublishable(incident, ask);
  const { command, at } = ask;
  const unsent = [...incident.updates.unsent, { command, status: publicStatusOf(incident), rev: incident.rev + 1 }];
  const updates = {
    ...incident.updates,
    unsent,
    lastAt: at,
    ...(ask.public ? { publishedAt: at } : {}),
    ...(ask.publicTitle === undefined ? {} : { publicTitle: ask.publicTitle }),
    chased: 0,
  };
  return progressed({ ...incident, updates }, at, timing);
};

export const completeTask: Transition<'complete-task'> = (incident, ask) =>
  withTask(incident, ask.task, (task) => complete(task, ask));

export const reassignTask: Transition<'reassign-task'> = (incident, ask) =>
  withTask(incident, ask.task, (task) => reassign(task, ask));

const withTask = (incident: Incident, id: Task['id'], change: (task: Task) => Task): Incident => {
  const task = incident.tasks.find((candidate) => candidate.id === id);
  if (!task) throw new DomainError('not-found', `incident ${incident.number} has no task ${id}`, 'task');
  const changed = change(task);
  return { ...incident, tasks: incident.tasks.map((candidate) => (candidate === task ? changed : candidate)) };
};

/** When users had it back, which is not before they lost it. */
const restorationOf = ({ open }: Incident, said: string | undefined, now: string): string => {
  const restoredAt = pastOf(said, now, 'restoredAt');
  const from = open.find(({ until }) => until === undefined)?.from;
  if (said !== undefined && from !== undefined && restoredAt < from)
    throw new DomainError('invalid', `expected an instant after ${from}, since when users feel it`, 'restoredAt');
  return restoredAt;
};
