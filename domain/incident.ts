import { z } from 'zod';
import { AlertSeverity } from './alert/severity.ts';
import { ApprovalId } from './id.ts';
import { HoldReason } from './incident/hold.ts';
import { Review } from './incident/review.ts';
import { Priority, Rank, Severity } from './severity.ts';
import type { Response, SeverityPolicySpec } from './severity-policy.ts';
import { Strategy } from './strategy.ts';
import { PublicStatus } from './status-page.ts';
import { Task } from './task.ts';
import { line } from './line.ts';

/** From the first signal to the end; `on-hold` returns to where it came from, the last two are final. */
export const IncidentStatus = z.enum([
  'detected',
  'triaged',
  'investigating',
  'mitigating',
  'on-hold',
  'monitoring',
  'resolved',
  'review',
  'closed',
  'cancelled',
]);
export type IncidentStatus = z.infer<typeof IncidentStatus>;

export const IncidentRole = z.enum(['commander', 'deputy', 'scribe', 'customer-liaison', 'internal-liaison']);
export type IncidentRole = z.infer<typeof IncidentRole>;

export const ResolutionCode = z.enum(['fixed', 'workaround', 'self-healed', 'no-fault-found']);
/** Who restored service. */
export const Restorer = z.enum(['person', 'automation', 'self-healed']);
export const CancellationCode = z.enum(['duplicate', 'false-positive', 'not-an-incident', 'broke-off']);

const name = z.string().max(63);
const number = z.int().min(1);

/** Who or what noticed it first. */
const DetectedBy = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('alert'), source: z.string().max(200) }),
  z.strictObject({ by: z.literal('person'), name: z.string() }),
  z.strictObject({ by: z.literal('plan'), plan: z.string() }),
]);

/** Drills page as real ones do, and count in no metric; a backfilled one pages nobody. */
export const IncidentKind = z.enum(['real', 'drill', 'backfilled']);

/** What an incident was opened for. Kept by PostgreSQL, so that no message can say otherwise. */
export const IncidentCommission = z.strictObject({
  number,
  kind: IncidentKind,
  title: line(300),
  team: name,
  /** Seen by these people alone, and whoever may see everything. */
  privateTo: z.array(name).min(1).optional(),
  service: name.optional(),
  environment: name.optional(),
  severity: Severity,
  detectedBy: DetectedBy,
  /** Alerts of one key belong to one open incident. */
  correlationKey: z.string().optional(),
  /** The rule that keeps them together; what is usual without one. */
  correlationRule: name.optional(),
  catalogueRevision: z.int(),
  /** When it was first noticed, and since when its users feel it, as far as anybody knows. */
  detectedAt: z.string(),
  impactAt: z.string().optional(),
  openedAt: z.string(),
  /** The incident that was over when this came again. */
  follows: number.optional(),
  /** The one that had its alerts before. */
  splitFrom: number.optional(),
  plan: z.string().optional(),
});
export type IncidentCommission = z.infer<typeof IncidentCommission>;

/** Its alerts, as PostgreSQL counts them. */
export const AlertSituation = z.strictObject({
  /** Of the news that was counted. */
  news: z.int(),
  total: z.int(),
  /** Of those that fire or flap. */
  firing: z.int(),
  /** How many of them flap: they count as firing, whichever way they turn. */
  flapping: z.int().optional(),
  worst: AlertSeverity.optional(),
  /** Severity that the policy gives to the worst that fires. */
  severity: Severity.optional(),
  /** When the last of those that fire began. */
  startedAt: z.string().optional(),
  /** When somebody acknowledged the last of those that fire in its source, which may do that. */
  acknowledgedAt: z.string().optional(),
  /** When the last one ended, if none fires. */
  endedAt: z.string().optional(),
});
export type AlertSituation = z.infer<typeof AlertSituation>;

const Escalation = z.strictObject({
  status: z.enum(['running', 'stopped', 'exhausted']),
  /** Counts the turns of the escalation, so that each page has a name of its own. */
  round: z.int(),
  /** Where in the program of its policy, in which loop. */
  position: z.strictObject({ path: z.array(z.int()), loop: z.int() }).optional(),
  /** The level that was paged last, from 0. */
  level: z.int().optional(),
  loop: z.int(),
  /** Who has acknowledged since it began, and how many have to. */
  acknowledgedBy: z.array(z.string()),
  needed: z.int(),
  startedAt: z.string(),
  lastPageAt: z.string().optional(),
  nextAt: z.string().optional(),
  /** Whoever was paged, each once. */
  paged: z.array(z.string()),
});
export type Escalation = z.infer<typeof Escalation>;

const Acknowledgement = z.strictObject({ by: z.string(), at: z.string(), expiresAt: z.string() });
const Hold = z.strictObject({
  from: IncidentStatus.extract(['investigating', 'mitigating']),
  reason: HoldReason,
  until: z.string(),
});
export const Pause = z.strictObject({
  why: z.union([HoldReason, z.literal('resolved')]),
  from: z.string(),
  until: z.string().optional(),
});
export type Pause = z.infer<typeof Pause>;
/** A clock, and what it has come to. */
const ClockWarning = z.enum(['own-at-risk', 'own-breached', 'resolve-at-risk', 'resolve-breached']);
export type ClockWarning = z.infer<typeof ClockWarning>;
const Verification = z.strictObject({ how: z.enum(['alerts', 'person']), detail: z.string(), at: z.string() });
const Resolution = z.strictObject({
  code: ResolutionCode,
  solution: z.string(),
  by: z.string(),
});
/** A runbook that was ordered to restore service, from the order to its end. */
const OrderedRunbook = z.strictObject({
  number: z.int(),
  runbook: name,
  /** The command that ordered it; none where it runs by itself. */
  command: z.string().optional(),
  strategy: Strategy.optional(),
  status: z.enum(['ordered', 'asking', 'running', 'verifying', 'restored', 'failed']),
  approval: ApprovalId.optional(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  outcome: z.string().optional(),
});
export type OrderedRunbook = z.infer<typeof OrderedRunbook>;

const Cancellation = z.strictObject({
  code: CancellationCode,
  of: number.optional(),
  reason: z.string(),
});

/** What is known in every phase. */
const always = {
  ...IncidentCommission.omit({ title: true, team: true, severity: true, service: true, environment: true }).shape,
  workflowId: z.string(),
  /** Counts the states of the record, of which each is saved. */
  rev: z.int(),
  title: z.string(),
  team: name,
  environment: name.optional(),
  severity: Severity,
  impact: Rank.optional(),
  urgency: Rank.optional(),
  priority: Priority.optional(),
  /** How many users feel it, as far as anybody says: none is said is not none. */
  affectedUsers: z.int().optional(),
  alerts: AlertSituation,
  escalation: Escalation,
  acknowledgement: Acknowledgement.optional(),
  snoozedUntil: z.string().optional(),
  roles: z.partialRecord(IncidentRole, z.string()),
  times: z.strictObject({
    notifiedAt: z.string().optional(),
    acknowledgedAt: z.string().optional(),
    /** When a person first had it: assigned, or acknowledged. */
    ownedAt: z.string().optional(),
    mitigatedAt: z.string().optional(),
    restoredAt: z.string().optional(),
    resolvedAt: z.string().optional(),
  }),
  /** While users felt it; a reopened one has several. */
  open: z.array(z.strictObject({ from: z.string(), until: z.string().optional() })),
  reopened: z.int(),
  /** An alert of it has fired since it was opened, or opened again by somebody: only then does the end of all mean that it has recovered. */
  hasFired: z.boolean(),
  /** When nobody worked on it, and why: on hold, or resolved and then reopened. */
  pauses: z.array(Pause).optional(),
  /** Clocks of whose target somebody was warned, each once. */
  warned: z.array(ClockWarning).optional(),
  /** What stakeholders were told of how it stands: commands that bring what is not sent yet, and how it stood with each. */
  updates: z.strictObject({
    sent: z.int(),
    unsent: z.array(z.strictObject({ command: z.string(), status: PublicStatus, rev: z.int() })),
    lastAt: z.string().optional(),
    /** When the public was told last. */
    publishedAt: z.string().optional(),
    publicTitle: z.string().optional(),
    chased: z.int(),
  }),
  /** The one that it is a part of. */
  parent: number.optional(),
  /** Commands that had alerts split off, and the incident that each became. */
  splits: z.array(z.strictObject({ command: z.string(), into: number.optional() })).optional(),
  /** Runbooks that fit, the first of which ran by itself if one does. */
  suggested: z.array(z.string()),
  runbooks: z.array(OrderedRunbook),
  /** Problems whose known errors it shows. */
  knownErrors: z.array(number).optional(),
  /** Workarounds that somebody applied by hand, the last word on each. */
  workarounds: z
    .array(z.strictObject({ problem: number, restored: z.boolean(), by: z.string(), at: z.string() }))
    .optional(),
  /** Who restored it: a person, what was ordered or ran by itself, or nobody. */
  restoredBy: Restorer.optional(),
  /** Who has had it, one after the other. */
  assignees: z.array(z.string()).optional(),
  tasks: z.array(Task),
};
/** What the phases come to know, one after the other. */
const known = {
  service: name.optional(),
  assignee: z.string().optional(),
  strategy: Strategy.optional(),
  hold: Hold.optional(),
  verification: Verification.optional(),
  resolution: Resolution.optional(),
  review: Review.optional(),
  /** Until then it takes an alert of its key again. */
  reopensUntil: z.string().optional(),
};
const triaged = { ...known, service: name };
const investigated = { ...triaged, assignee: z.string() };
const solved = { ...known, verification: Verification, resolution: Resolution, reopensUntil: z.string() };
const phase = <Status extends IncidentStatus, Shape extends z.ZodRawShape>(status: Status, shape: Shape) =>
  z.strictObject({ ...always, ...shape, status: z.literal(status) });

/** An incident, from its detection to its end; each phase carries what is known by then. The workflow owns it; this is also its readable copy. */
export const Incident = z.discriminatedUnion('status', [
  phase('detected', known),
  phase('triaged', triaged),
  phase('investigating', investigated),
  phase('mitigating', { ...investigated, strategy: Strategy }),
  phase('on-hold', { ...investigated, hold: Hold }),
  phase('monitoring', triaged),
  phase('resolved', solved),
  phase('review', { ...solved, review: Review }),
  phase('closed', { ...solved, endedAt: z.string(), outcome: z.string() }),
  phase('cancelled', { ...known, cancellation: Cancellation, endedAt: z.string(), outcome: z.string() }),
]);
export type Incident = z.infer<typeof Incident>;
export type IncidentIn<Status extends IncidentStatus> = Extract<Incident, { status: Status }>;

/** An incident for those who show whatever is known of it. */
export type IncidentFacts = Omit<IncidentIn<'detected'>, 'status'> &
  Partial<Pick<IncidentIn<'cancelled'>, 'cancellation' | 'endedAt' | 'outcome'>> & { status: IncidentStatus };

/** What starts the workflow of an incident. Every duration is in milliseconds. */
export interface IncidentInput extends IncidentCommission {
  workflowId: string;
  timing: IncidentTiming;
}

export interface IncidentTiming {
  responses: Record<Severity, Response>;
  /** By impact and urgency. */
  priorities: SeverityPolicySpec['priorities'];
  /** How long more alerts are waited for before anybody is paged. */
  groupWaitMs: number;
  /** How long no alert may fire before a recovery counts; undefined where only a person says that it has recovered. */
  resolveDelayMs?: number | undefined;
  reopenWindowMs: number;
  /** How long alerts may go on firing after service was restored, before it counts as a relapse. */
  relapseAfterMs: number;
  /** Longest snooze. */
  snoozeWithinMs: number;
  /** Signals and updates after which the workflow continues as new. */
  messagesPerRun: number;
}
