import { z } from 'zod';
import { Actor } from './actor.ts';
import { ApprovalId } from './id.ts';
import { CorrectiveAction } from './problem/action.ts';
import { Claim } from './problem/claim.ts';
import { KnownError } from './problem/known-error.ts';
import { Priority, Rank } from './severity.ts';
import type { SeverityPolicySpec } from './severity-policy.ts';
import { Task } from './task.ts';

/** From the suspicion to its end; what is closed with an accepted risk is looked at again when the acceptance expires. */
export const ProblemStatus = z.enum([
  'new',
  'assessed',
  'investigating',
  'known-error',
  'fix-planned',
  'fix-in-progress',
  'verifying',
  'closed',
]);
export type ProblemStatus = z.infer<typeof ProblemStatus>;

export const ProblemResolution = z.enum(['fixed', 'risk-accepted', 'duplicate', 'cannot-reproduce']);
export type ProblemResolution = z.infer<typeof ProblemResolution>;

/** How it was found: after incidents, by what repeats, by a count that is too high, or before anything broke. */
export const Identification = z.enum(['reactive', 'recurrence', 'statistical', 'proactive']);
export type Identification = z.infer<typeof Identification>;

const name = z.string().max(63);
const number = z.int().min(1);

/** What a problem was opened for. Kept by PostgreSQL, so that no message can say otherwise. */
export const ProblemCommission = z.strictObject({
  number,
  title: z.string().max(300),
  team: name,
  /** Seen by these people alone, and whoever may see everything. */
  privateTo: z.array(name).min(1).optional(),
  service: name.optional(),
  environment: name.optional(),
  identification: Identification,
  openedBy: Actor,
  /** Incidents that it was opened for. */
  incidents: z.array(number),
  /** What it has opened for by itself, and what showed it; neither where somebody has opened it. */
  pattern: z.string().optional(),
  because: z.string().optional(),
  /** The problem that was closed when this came again. */
  follows: number.optional(),
  catalogueRevision: z.int(),
  openedAt: z.string(),
});
export type ProblemCommission = z.infer<typeof ProblemCommission>;

const LinkedIncident = z.strictObject({ number, by: z.string(), at: z.string(), isSameCause: z.boolean().optional() });

/** How often it came before its fix and since, and what that shows. */
export const Effectiveness = z.strictObject({
  verdict: z.enum(['effective', 'not-effective', 'undetermined']),
  /** Incidents and days, before and after. */
  before: z.strictObject({ incidents: z.int(), days: z.number() }),
  after: z.strictObject({ incidents: z.int(), days: z.number() }),
  /** Chance of so few afterwards if nothing had changed, one-sided; none where nothing was counted. */
  p: z.number().optional(),
  at: z.string(),
});
export type Effectiveness = z.infer<typeof Effectiveness>;

/** The wait for numbers, from the fix on. */
const Verification = z.strictObject({
  since: z.string(),
  /** When it is judged next; not known until the incidents before the fix were counted. */
  until: z.string().optional(),
  last: Effectiveness.optional(),
});

/** A risk that somebody asks to live with, until a date. */
const Risk = z.strictObject({
  /** The command that asked, and which of them that is. */
  command: z.string(),
  attempt: z.int(),
  askedBy: z.string(),
  reason: z.string(),
  until: z.string(),
  approval: ApprovalId.optional(),
  status: z.enum(['asked', 'accepted', 'refused', 'expired']),
  /** Reminders before it expires. */
  chased: z.int(),
});
export type Risk = z.infer<typeof Risk>;

const always = {
  ...ProblemCommission.omit({ title: true, service: true, environment: true, incidents: true }).shape,
  workflowId: z.string(),
  /** Counts the states of the record, of which each is saved. */
  rev: z.int(),
  title: z.string(),
  service: name.optional(),
  environment: name.optional(),
  incidents: z.array(LinkedIncident),
  claims: z.array(Claim),
  actions: z.array(CorrectiveAction),
  knownError: KnownError.optional(),
  risk: Risk.optional(),
  verification: Verification.optional(),
  owner: name.optional(),
  tasks: z.array(Task),
};
/** Of what was assessed: how much it does to users, how soon, and the order of work that follows. */
const assessment = { impact: Rank, urgency: Rank, priority: Priority };
const assessed = { ...always, ...assessment };
const owned = { ...assessed, owner: name };
const phase = <Status extends ProblemStatus, Shape extends z.ZodRawShape>(status: Status, shape: Shape) =>
  z.strictObject({ ...shape, status: z.literal(status) });

/** A problem, from its opening to its end; each phase carries what is known by then. The workflow owns it; this is also its readable copy. */
export const Problem = z.discriminatedUnion('status', [
  phase('new', { ...always, ...z.object(assessment).partial().shape }),
  phase('assessed', assessed),
  phase('investigating', owned),
  phase('known-error', { ...owned, knownError: KnownError }),
  phase('fix-planned', owned),
  phase('fix-in-progress', owned),
  phase('verifying', { ...owned, verification: Verification }),
  phase('closed', {
    ...always,
    ...z.object(assessment).partial().shape,
    resolution: ProblemResolution,
    duplicateOf: number.optional(),
    endedAt: z.string(),
    outcome: z.string(),
  }),
]);
export type Problem = z.infer<typeof Problem>;
export type ProblemIn<Status extends ProblemStatus> = Extract<Problem, { status: Status }>;

/** What starts the workflow of a problem. */
export interface ProblemInput extends ProblemCommission {
  workflowId: string;
  timing: ProblemTiming;
}

export interface ProblemTiming {
  /** By impact and urgency. */
  priorities: SeverityPolicySpec['priorities'];
  /** Signals and updates after which the workflow continues as new. */
  messagesPerRun: number;
}
