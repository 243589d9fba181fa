import { z } from 'zod';
import { Actor } from './actor.ts';
import type { Approval, Vote } from './approval.ts';
import type { IncidentStatus } from './incident.ts';
import type { ActivityStatus, PlanStatus } from './operation-plan.ts';
import { Reference } from './reference.ts';
import type { RunbookRun, StepStatus } from './runbook-run.ts';

/** Everything that the ledger tells of, by what it happened to: a closed list, since auditors search by it. */
export interface LedgerActions {
  plan:
    | 'accepted'
    | 'opened'
    | 'paused'
    | 'resumed'
    | 'reassessed'
    | 'amended'
    | 'planned'
    | 'confirmed'
    | 'staffed'
    | 'approval-void'
    | `approval-${Approval['status'] | 'not-needed'}`
    | 'start-missed'
    | 'readiness-changed'
    | 'started'
    | 'gate-opened'
    | 'fact-heard'
    | 'rollback-heard'
    | 'failure-heard'
    | 'outdated'
    | 'held'
    | 'status-reported'
    | 'status-sent'
    | 'status-chased'
    | PlanStatus;
  supplier: 'moved';
  incident:
    | 'accepted'
    | 'opened'
    | 'alerts-changed'
    | 'severity-raised'
    | 'relapsed'
    | 'reopened'
    | 'recovered'
    | 'paged'
    | 'escalation-exhausted'
    | 'escalation-waits'
    | 'acknowledged'
    | 'acknowledgement-expired'
    | 'unacknowledged'
    | 'assigned'
    | 'escalated'
    | 'snoozed'
    | 'snooze-expired'
    | 'triaged'
    | 'not-similar'
    | 'workaround-applied'
    | 'severity-set'
    | 'prioritized'
    | 'role-set'
    | 'mitigating'
    | 'runbook-ordered'
    | 'runbook-asked'
    | 'runbook-started'
    | 'runbook-done'
    | 'runbook-failed'
    | 'suggested'
    | 'known-error-offered'
    | 'held'
    | 'resumed'
    | 'hold-expired'
    | 'restored'
    | 'noted'
    | 'status-reported'
    | 'status-sent'
    | 'published'
    | 'rated'
    | 'update-chased'
    | 'split'
    | 'split-off'
    | 'split-off-nothing'
    | 'linked'
    | 'unlinked'
    | 'clock-at-risk'
    | 'clock-breached'
    | 'review-written'
    | 'review-chased'
    | 'action-chased'
    | 'action-done'
    | IncidentStatus;
  problem:
    | 'accepted'
    | 'opened'
    | 'assigned'
    | 'linked'
    | 'unlinked'
    | 'claimed'
    | 'claim-judged'
    | 'known-error-published'
    | 'action-added'
    | 'action-started'
    | 'action-done'
    | 'action-dropped'
    | 'action-chased'
    | 'counted'
    | 'judged'
    | 'risk-asked'
    | 'risk-put'
    | 'risk-accepted'
    | 'risk-refused'
    | 'risk-chased'
    | 'risk-expired'
    | 'broke-off'
    | 'noted'
    | 'assessed'
    | 'closed';
  alert: 'shelved' | 'unshelved';
  activity: 'retried' | 'undo-unreserved' | ActivityStatus;
  seat: 'asked' | 'accepted' | 'declined' | 'unanswered' | 'exhausted' | 'assigned' | 'reassigned';
  runbook: 'started' | 'paused' | 'resumed' | 'stopped' | 'cancelled' | RunbookRun['status'];
  step: 'retried' | StepStatus;
  task: 'opened' | 'escalated' | 'expired' | 'closed' | 'cancelled' | 'reassigned';
  tasks: 'cancelled';
  approval: 'opened' | 'escalated' | `vote-${Vote['decision'] | 'refused'}` | Approval['status'];
  command: 'accepted' | 'applied' | 'refused' | 'parked';
  fact: 'delivered' | 'gap' | 'parked';
  inbox: 'redelivered';
  effect: 'sent' | 'failed' | 'dropped';
  report: 'ordered' | 'written';
  'budget-hold': 'opened' | 'ended' | 'overridden' | 'reviewed';
  patterns: 'ordered' | 'found';
  routine: 'ordered' | 'completed' | 'failed' | 'skipped' | 'missed' | 'paused' | 'resumed' | 'schedule-mended';
  signal: 'raised' | 'answered' | 'chased';
  readiness: 'reviewed' | 'attested';
  waiver: 'asked' | 'granted' | 'withdrawn';
  history: 'archived' | 'taken-over' | 'reset';
  freeze: 'started' | 'ended';
  override: 'asked' | 'accepted' | 'declined' | 'withdrawn';
  calendar: 'created' | 'revoked';
  catalogue: 'applied';
  token: 'created' | 'revoked';
}

/** Noun and past verb: `plan.paused`, `approval.vote-reject`, `effect.sent`. */
export type LedgerAction = { [Noun in keyof LedgerActions]: `${Noun}.${LedgerActions[Noun]}` }[keyof LedgerActions];

/** One line of the ledger: who did what to which thing, when and why. */
export const LedgerEntry = z.strictObject({
  /** Unique, so that writing the same entry twice writes it once. */
  key: z.string(),
  at: z.string(),
  actor: Actor,
  action: z.custom<LedgerAction>((value) => typeof value === 'string').meta({ type: 'string' }),
  /** `plan/<id>`, `token/<id>`, `catalogue/<revision>`. */
  subject: z.string(),
  /** The record that the subject belongs to, if it belongs to one. */
  belongsTo: Reference.optional(),
  reason: z.string().optional(),
  detail: z.record(z.string(), z.unknown()).optional(),
  /** Of the record that this left behind, as canonical JSON: a copy of it can be held against the ledger. */
  recordDigest: z.string().optional(),
});
export type LedgerEntry = z.infer<typeof LedgerEntry>;
