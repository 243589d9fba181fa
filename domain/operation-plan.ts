import { z } from 'zod';
import { type Actor, Role } from './actor.ts';
import { ApprovalStatus } from './approval.ts';
import { ApprovalId, PlanId } from './id.ts';
import { Parameters } from './plan-template/parameter.ts';
import { ReadinessVerdict } from './readiness.ts';
import { CompleteTask, ReassignTask, Task } from './task.ts';
import { Trigger } from './trigger.ts';

/** `undoing` comes after `running` alone; the last five end the plan, and never change again. */
export const PlanStatus = z.enum([
  'draft',
  'assessed',
  'staffing',
  'awaiting-approval',
  'approved',
  'scheduled',
  'running',
  'undoing',
  'completed',
  'undone',
  'failed',
  'rejected',
  'cancelled',
]);
export type PlanStatus = z.infer<typeof PlanStatus>;

/** What a plan was opened for, as the delivery was accepted. Kept by PostgreSQL, so that no message can say otherwise. */
export const PlanCommission = z.strictObject({
  service: z.string(),
  environment: z.string(),
  template: z.string(),
  catalogueRevision: z.int(),
  parameters: Parameters,
  trigger: Trigger,
});
export type PlanCommission = z.infer<typeof PlanCommission>;

export const ActivityStatus = z.enum([
  'planned',
  'waiting',
  'running',
  'done',
  'skipped',
  'failed',
  'undoing',
  'undone',
  'undo-failed',
  'cancelled',
]);
export type ActivityStatus = z.infer<typeof ActivityStatus>;

export const PlanActivity = z.strictObject({
  name: z.string(),
  origin: z.enum(['template', 'gap']),
  after: z.array(z.string()),
  kind: z.enum(['runbook', 'task', 'hypercare']),
  runbook: z.string().optional(),
  /** Milliseconds; see `Hypercare`. */
  hypercare: z.strictObject({ lastsMs: z.number(), atMostMs: z.number(), lookEveryMs: z.number() }).optional(),
  title: z.string(),
  durationMs: z.number(),
  environment: z.enum(['exclusive', 'shared', 'none']),
  hasUndo: z.boolean(),
  /** A step of its runbook asks for an approval. */
  asksApproval: z.literal(true).optional(),
  /** Steps that were done, to undo them. */
  doneSteps: z.array(z.strictObject({ name: z.string(), round: z.int() })).optional(),
  status: ActivityStatus,
  round: z.int(),
  detail: z.string().optional(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
});
export type PlanActivity = z.infer<typeof PlanActivity>;

/** One seat of an activity and who was asked to take it. */
export const Assignment = z.strictObject({
  seat: z.string(),
  activity: z.string(),
  team: z.string(),
  role: Role,
  status: z.enum(['open', 'asked', 'accepted', 'exhausted']),
  person: z.string().optional(),
  deadlineAt: z.string().optional(),
  /** People who declined, did not answer, or had the seat until it was reassigned. */
  passed: z.array(
    z.union([
      z.strictObject({ person: z.string(), how: z.enum(['declined', 'no-answer']), reason: z.string() }),
      z.strictObject({
        person: z.string(),
        how: z.literal('reassigned'),
        reason: z.string(),
        to: z.string(),
        by: z.string(),
      }),
    ]),
  ),
});
export type Assignment = z.infer<typeof Assignment>;

/** What has to be said in a command: the reason goes into the audit trail. */
const reason = z.string().min(1, 'a reason is needed').max(1000);

export const PlanAsk = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('pause'), reason }),
  z.strictObject({ type: z.literal('resume'), reason }),
  z.strictObject({ type: z.literal('cancel'), reason }),
  z.strictObject({ type: z.literal('reassess'), reason }),
  z.strictObject({ type: z.literal('amend'), reason, drop: z.array(z.string().max(63)).min(1).max(100) }),
  z.strictObject({ type: z.literal('retry'), reason, activity: z.string().max(63) }),
  z.strictObject({ type: z.literal('skip'), reason, activity: z.string().max(63) }),
  z.strictObject({ type: z.literal('accept'), seat: z.string().max(200) }),
  z.strictObject({ type: z.literal('decline'), seat: z.string().max(200), reason }),
  z.strictObject({ type: z.literal('assign'), seat: z.string().max(200), person: z.string().max(63), reason }),
  z.strictObject({ type: z.literal('reassign'), seat: z.string().max(200), to: z.string().max(63), reason }),
  z.strictObject({ type: z.literal('report-status'), text: z.string().min(1).max(5000) }),
  CompleteTask.extend({ type: z.literal('complete-task') }),
  ReassignTask.extend({ type: z.literal('reassign-task') }),
]);
export type PlanAsk = z.infer<typeof PlanAsk>;
export type AskOf<Type extends PlanAsk['type']> = Extract<PlanAsk, { type: Type }>;

/** What somebody asks, with the id under which it was accepted, who asked and when. */
export type Command<Ask> = Ask & { command: string; by: Actor; at: string };

const Readiness = z.strictObject({
  verdict: ReadinessVerdict,
  review: z.string(),
  blockers: z.array(z.string()),
  conditions: z.array(z.string()),
  mayBePlanned: z.boolean(),
  validUntil: z.string(),
  /** Waivers of what stands in the way that were asked for, and wait for somebody to grant them. */
  waiversAsked: z.array(z.string()).optional(),
});
export type Readiness = z.infer<typeof Readiness>;

/** The question that people are asked about the plan's revision; or its policy asks nobody, or it was not put yet. */
const PlanApproval = z.union([
  z.strictObject({ status: z.enum(['not-needed', 'unasked']), attempt: z.int() }),
  z.strictObject({
    id: ApprovalId,
    attempt: z.int(),
    status: ApprovalStatus,
    deadlineAt: z.string().optional(),
    /** Until when the changes that were asked for are waited for. */
    changeBy: z.string().optional(),
  }),
]);
export type PlanApproval = z.infer<typeof PlanApproval>;
export type PlanQuestion = Extract<PlanApproval, { id: ApprovalId }>;

const StatusReport = z.strictObject({
  dueAt: z.string(),
  chased: z.int(),
  number: z.int(),
  /** Commands that bring what is not sent yet. */
  unsent: z.array(z.string()).optional(),
});
export type StatusReport = z.infer<typeof StatusReport>;

/** What is known of a plan in every phase. Lists are empty until something is in them. */
const always = {
  id: PlanId,
  workflowId: z.string(),
  service: z.string(),
  environment: z.string(),
  team: z.string(),
  trigger: Trigger,
  template: z.string(),
  parameters: Parameters,
  /** Revision of the catalogue that the plan started with and keeps. */
  catalogueRevision: z.int(),
  /** Counts the states of the record, of which each is saved. */
  rev: z.int(),
  paused: z.boolean(),
  /** When it was paused last. */
  pausedAt: z.string().optional(),
  isCancelling: z.boolean(),
  openedAt: z.string(),
  /** Until when a plan that is not ready may become so. */
  readyBy: z.string().optional(),
  /** Of the content that people approve; a material edit makes a new one. */
  revision: z.int(),
  dropped: z.array(z.string()),
  activities: z.array(PlanActivity),
  criticalPath: z.array(z.string()),
  criticalPathMs: z.number(),
  needMs: z.number(),
  assignments: z.array(Assignment),
  tasks: z.array(Task),
  hasWindow: z.boolean(),
  deviations: z.array(z.string()),
};
const looked = { readiness: Readiness };
const planned = { ...looked, digest: z.string(), approval: PlanApproval.optional() };
const scheduled = { ...planned, startAt: z.string() };
const started = {
  ...scheduled,
  startedAt: z.string(),
  statusReport: StatusReport.optional(),
  /** Gap activities are done and the readiness was good afterwards; the work of the template may begin. */
  isGateOpen: z.boolean(),
};

/** A plan that is looked at anew keeps what an earlier look, and an earlier revision, have found. */
const earlier = z.strictObject(planned).partial().shape;
const EndedPlan = z.strictObject({
  ...always,
  ...z.strictObject(started).partial().shape,
  status: z.enum(['completed', 'undone', 'failed', 'rejected', 'cancelled']),
  outcome: z.string(),
  endedAt: z.string(),
});

/**
 * A plan for one occurrence of a trigger, from draft to its end; each phase carries what is known by then. The workflow
 * owns it; this is also its readable copy.
 */
export const OperationPlan = z.discriminatedUnion('status', [
  z.strictObject({ ...always, ...earlier, status: z.literal('draft') }),
  z.strictObject({ ...always, ...earlier, ...looked, status: z.literal('assessed') }),
  z.strictObject({ ...always, ...planned, status: z.literal('staffing') }),
  z.strictObject({ ...always, ...planned, status: z.literal('awaiting-approval') }),
  z.strictObject({ ...always, ...planned, status: z.literal('approved') }),
  z.strictObject({ ...always, ...scheduled, status: z.literal('scheduled') }),
  z.strictObject({ ...always, ...started, status: z.literal('running') }),
  z.strictObject({ ...always, ...started, status: z.literal('undoing'), outcome: z.string() }),
  EndedPlan,
]);
export type OperationPlan = z.infer<typeof OperationPlan>;

/** A plan that has not ended, whose status is this one or one of these. */
export type PlanIn<Status extends Exclude<PlanStatus, EndedPlan['status']>> = Extract<
  OperationPlan,
  { status: Status }
>;
export type EndedPlan = z.infer<typeof EndedPlan>;

/** A plan for those who show whatever is known of it, in any phase. */
export type PlanFacts = Omit<PlanIn<'draft'>, 'status'> &
  Partial<Omit<EndedPlan, keyof PlanIn<'draft'>>> & { status: PlanStatus };

/** What starts a plan's workflow. Every duration is in milliseconds. */
export interface PlanInput extends PlanCommission {
  id: PlanId;
  workflowId: string;
  team: string;
  at: string;
  timing: PlanTiming;
}

export interface PlanTiming {
  readyWithinMs: number;
  reassessEveryMs: number;
  confirmWithinMs: number;
  staffWithinMs: number;
  decideWithinMs: number;
  reserveWithinMs: number;
  statusReportEveryMs?: number | undefined;
  /** Signals and updates after which the workflow continues as new; the engine's own suggestion counts too. */
  messagesPerRun: number;
}
