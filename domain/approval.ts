import { z } from 'zod';
import { Role } from './actor.ts';
import { Duration } from './duration.ts';
import { ApprovalId } from './id.ts';
import { TriggeredBy } from './login.ts';
import { nameOf, Rule } from './annotation.ts';

import { TeamOrOwner } from './owner.ts';
import { Reference } from './reference.ts';

export const Approver = z.union([
  z.strictObject({ person: nameOf('Person') }),
  z.strictObject({ team: TeamOrOwner, role: Role.default('approver') }),
  z.strictObject({ onCall: nameOf('Schedule').meta({ description: 'Schedule' }) }),
]);
export type Approver = z.infer<typeof Approver>;

export const Quorum = z
  .union([
    z.enum(['first', 'all']),
    z.strictObject({ count: z.int().min(1).max(100) }),
    z.strictObject({ percent: z.number().gt(0).max(100) }),
  ])
  .meta({ id: 'Quorum' });
export type Quorum = z.infer<typeof Quorum>;

export const ApprovalStage = z.strictObject({
  approvers: z.array(Approver).min(1).max(50),
  quorum: Quorum.default('first'),
  excludeRequester: z.boolean().default(true),
  excludeExecutor: z.boolean().default(true),
  allowDelegation: z.boolean().default(false),
});
export type ApprovalStage = z.infer<typeof ApprovalStage>;

/** Who must agree, by when, and what happens when nobody says anything (never approval). */
export const ApprovalPolicySpec = z
  .strictObject({
    stages: z.array(ApprovalStage).min(1).max(10),
    timeout: Duration,
    remindBefore: Duration.optional(),
    escalateTo: z
      .array(Approver)
      .max(50)
      .default([])
      .meta({ description: 'Also asked after the first timeout, or at once if too few may vote' }),
    unknownTriggerNeedsTwo: z.boolean().default(false).meta({
      description:
        'If no known person triggered the plan, two people have to approve it, and approval is always needed',
    }),
    notNeededWhen: Rule.optional().meta({
      description:
        'No approval is needed for standard changes, for example verdict == "ready" && !environment.production',
    }),
  })
  .meta({ id: 'ApprovalPolicySpec' });
export type ApprovalPolicySpec = z.infer<typeof ApprovalPolicySpec>;

export const Vote = z.strictObject({
  stage: z.int(),
  /** The person whose seat this is. */
  seat: z.string(),
  /** The human who voted; another than the seat's when delegated. */
  voter: z.string(),
  decision: z.enum(['approve', 'reject', 'abstain', 'request-changes']),
  reason: z.string(),
  digest: z.string(),
  channel: z.enum(['api', 'console', 'cli', 'slack']),
  at: z.string(),
});
export type Vote = z.infer<typeof Vote>;

export const ApprovalStatus = z.enum([
  'open',
  'approved',
  'consumed',
  'rejected',
  'changes-requested',
  'expired',
  'superseded',
  'cancelled',
]);
export type ApprovalStatus = z.infer<typeof ApprovalStatus>;

/** A stage as it was opened: its eligible people are fixed by then, escalation only adds. */
export const OpenStage = z.strictObject({
  eligible: z.array(z.string()),
  needed: z.int(),
  quorum: Quorum,
  allowDelegation: z.boolean(),
});
export type OpenStage = z.infer<typeof OpenStage>;

/** A question about an exact thing, put to people who are not those who asked. */
export const Approval = z.strictObject({
  id: ApprovalId,
  belongsTo: Reference,
  team: z.string(),
  attempt: z.int(),
  /** What is asked about: the record as a whole, or a step of a run. */
  subject: z.string(),
  digest: z.string(),
  question: z.string(),
  requester: z.string(),
  /** Whoever set it off, as far as anybody says; a login that nobody has is shown as what it is. */
  triggeredBy: z.array(TriggeredBy).optional(),
  /** Who has changed what is asked about: they decide as little as who asked for it. */
  editors: z.array(z.string()).optional(),
  executors: z.array(z.string()),
  policy: ApprovalPolicySpec,
  stage: z.int(),
  stages: z.array(OpenStage),
  status: ApprovalStatus,
  escalated: z.boolean(),
  openedAt: z.string(),
  deadlineAt: z.string(),
  decidedAt: z.string().optional(),
  consumedBy: z.string().optional(),
  consumedAt: z.string().optional(),
  votes: z.array(Vote),
});
export type Approval = z.infer<typeof Approval>;
