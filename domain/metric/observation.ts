import { z } from 'zod';
import { IncidentKind, type Incident, IncidentStatus, Pause, ResolutionCode, Restorer } from '../incident.ts';
import type { OperationPlan } from '../operation-plan.ts';
import { PlanStatus } from '../operation-plan.ts';
import { Severity } from '../severity.ts';
import { TriggerType } from '../trigger.ts';

const text = z.string().optional();
/** An instant in milliseconds: those of years are compared at once. */
const at = z.number();
const maybeAt = at.optional();

const Span = z.strictObject({ from: at, until: maybeAt });

/** A corrective action as far as its punctuality goes. */
const PromisedAction = z.strictObject({ dueOn: z.string(), doneAt: text });
export type PromisedAction = z.infer<typeof PromisedAction>;

/** What metrics know of an incident: as small as they need it, so that those of years are read at once. */
export const IncidentObservation = z.strictObject({
  number: z.int(),
  kind: IncidentKind,
  isPrivate: z.boolean(),
  status: IncidentStatus,
  team: z.string(),
  service: text,
  environment: text,
  severity: Severity,
  detectedBy: z.enum(['alert', 'person', 'plan']),
  openedAt: at,
  detectedAt: at,
  impactAt: maybeAt,
  notifiedAt: maybeAt,
  acknowledgedAt: maybeAt,
  ownedAt: maybeAt,
  mitigatedAt: maybeAt,
  restoredAt: maybeAt,
  resolvedAt: maybeAt,
  /** While users felt it. */
  open: z.array(Span),
  pauses: z.array(Pause.extend(Span.shape)),
  reopened: z.int(),
  /** Why it was cancelled. */
  cancelled: text,
  resolution: ResolutionCode.optional(),
  restoredBy: Restorer.optional(),
  /** What is the same again: the key of its alerts. */
  key: text,
  follows: z.int().optional(),
  plan: text,
  alerts: z.int(),
  affectedUsers: z.int().optional(),
  /** Who had it, one after the other. */
  assignees: z.array(z.string()),
  actions: z.array(PromisedAction),
});
export type IncidentObservation = z.infer<typeof IncidentObservation>;

const known = (instant: string | undefined): number | undefined =>
  instant === undefined ? undefined : Date.parse(instant);
const spanOf = ({ from, until }: { from: string; until?: string | undefined }) => ({
  from: Date.parse(from),
  until: known(until),
});

export const observeIncident = (incident: Incident): IncidentObservation => {
  const { number, kind, status, team, service, environment, severity, openedAt, detectedAt, times } = incident;
  const { impactAt, open, pauses = [], reopened, restoredBy, follows, plan, affectedUsers, assignees = [] } = incident;
  return {
    number,
    kind,
    isPrivate: incident.privateTo !== undefined,
    status,
    team,
    service,
    environment,
    severity,
    openedAt: Date.parse(openedAt),
    detectedAt: Date.parse(detectedAt),
    impactAt: known(impactAt),
    notifiedAt: known(times.notifiedAt),
    acknowledgedAt: known(times.acknowledgedAt),
    ownedAt: known(times.ownedAt),
    mitigatedAt: known(times.mitigatedAt),
    restoredAt: known(times.restoredAt),
    resolvedAt: known(times.resolvedAt),
    open: open.map(spanOf),
    pauses: pauses.map(({ why, ...span }) => ({ why, ...spanOf(span) })),
    reopened,
    restoredBy,
    follows,
    plan,
    affectedUsers,
    assignees,
    detectedBy: incident.detectedBy.by,
    cancelled: incident.status === 'cancelled' ? incident.cancellation.code : undefined,
    resolution: incident.status === 'cancelled' ? undefined : incident.resolution?.code,
    key: incident.correlationKey,
    alerts: incident.alerts.total,
    actions: (incident.review?.document.actions ?? []).map(({ dueOn, doneAt }) => ({ dueOn, doneAt })),
  };
};

/** Who had a part in an activity that was done: nobody, somebody who approved, or somebody who did it. */
export const Automation = z.enum(['autonomous', 'approved', 'manual']);
export type Automation = z.infer<typeof Automation>;

/** What metrics know of an operation plan. */
export const PlanObservation = z.strictObject({
  id: z.string(),
  status: PlanStatus,
  team: z.string(),
  service: z.string(),
  environment: z.string(),
  trigger: TriggerType,
  openedAt: at,
  committedAt: maybeAt,
  startAt: maybeAt,
  startedAt: maybeAt,
  endedAt: maybeAt,
  needMs: z.number(),
  /** Checks with which it was ready under conditions. */
  conditions: z.array(z.string()),
  /** Activities that were done. */
  activities: z.array(z.strictObject({ name: z.string(), by: Automation })),
  /** Tasks of people that were closed, by their title, with how long each was open. */
  tasks: z.array(z.strictObject({ title: z.string(), minutes: z.number() })),
});
export type PlanObservation = z.infer<typeof PlanObservation>;

export const observePlan = (plan: OperationPlan): PlanObservation => {
  const { id, status, team, service, environment, trigger, openedAt, needMs } = plan;
  const done = plan.activities.filter((activity) => activity.status === 'done');
  return {
    id,
    status,
    team,
    service,
    environment,
    openedAt: Date.parse(openedAt),
    needMs,
    startAt: 'startAt' in plan ? known(plan.startAt) : undefined,
    startedAt: 'startedAt' in plan ? known(plan.startedAt) : undefined,
    endedAt: 'endedAt' in plan ? known(plan.endedAt) : undefined,
    trigger: trigger.type,
    committedAt: 'committedAt' in trigger ? known(trigger.committedAt) : undefined,
    conditions: plan.readiness?.conditions ?? [],
    activities: done.map((activity) => ({ name: activity.name, by: automationOf(plan, activity) })),
    tasks: plan.tasks.flatMap(({ status: ended, title, openedAt: from, closedAt }) =>
      closedAt === undefined || (ended !== 'done' && ended !== 'failed')
        ? []
        : [{ title, minutes: (Date.parse(closedAt) - Date.parse(from)) / 60_000 }],
    ),
  };
};

/** A person's approval does not make work manual; a person's task does. */
const automationOf = (
  { tasks, approval }: Pick<OperationPlan, 'tasks'> & { approval?: OperationPlan['approval'] },
  { name, kind, asksApproval }: OperationPlan['activities'][number],
): Automation => {
  if (kind === 'task' || tasks.some(({ place }) => place.activity === name)) return 'manual';
  return asksApproval || approval?.status === 'approved' || approval?.status === 'consumed' ? 'approved' : 'autonomous';
};
