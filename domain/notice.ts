import type { Approval } from './approval.ts';
import type { ClockWarning } from './incident.ts';
import type { OfferedError } from './problem/offer.ts';
import type { RunId, TaskId } from './id.ts';
import type { Role } from './actor.ts';
import type { Waiver } from './readiness.ts';
import type { Task } from './task.ts';

/** What somebody is told, and why, as data: each channel words it its own way. */
export type Notice =
  | ({ reason: 'not-ready'; blockers: string[] } & Waivable)
  | { reason: 'waiver-asked'; waiver: Waiver }
  | { reason: 'seat-asked'; seat: string; moved?: Moved | undefined }
  | { reason: 'seat-reassigned'; seat: string; moved: Moved }
  | { reason: 'seat-exhausted'; seat: string }
  | { reason: 'scheduled'; startAt: string }
  | { reason: 'start-held'; why: string }
  | { reason: 'status-report-due' }
  | { reason: 'still-paused' }
  | { reason: OfIncident | OfProblem }
  | { reason: 'incident-known-error'; known: OfferedError }
  | { reason: 'problem-workaround-weak'; applied: number; restored: number }
  | { reason: 'incident-update-due'; isPublic?: boolean; publishedAt?: string | undefined }
  | { reason: 'activity-failed'; activity: string }
  | { reason: 'undo-failed'; activities: string[] }
  | { reason: 'broke-off'; why: string }
  | { reason: TaskReason; task: Task }
  | { reason: 'step-failed' | 'step-undo-failed'; run: string; step: string; failure: string }
  | { reason: 'step-held'; step: string; why: string }
  | { reason: 'failure-heard'; why: string }
  | { reason: 'approval-asked' | 'approval-reminded' | 'approval-escalated'; approval: Approval }
  | { reason: 'changes-requested'; approval: Approval }
  | { reason: 'too-few-approvers'; approval: Approval; leftOut: { person: string; why: string }[] }
  | { reason: 'stalled'; what: string; why: string }
  | { reason: 'reported'; title: string; markdown: string };

type OfIncident =
  | 'incident-hold-over'
  | 'incident-assigned'
  | 'incident-runbook-failed'
  | 'incident-review-due'
  | 'incident-action-due'
  | `incident-${ClockWarning}`;
type OfProblem =
  | 'problem-assigned'
  | 'problem-action-due'
  | 'problem-judged'
  | 'problem-risk-expiring'
  | 'problem-risk-expired'
  | 'problem-risk-refused';
type TaskReason = 'task-opened' | 'task-reminded' | 'task-late' | 'task-reassigned' | 'task-taken';

/** Checks that a waiver lets rest, and until when the record waits for one. */
interface Waivable {
  service: string;
  environment: string;
  checks: string[];
  readyBy?: string | undefined;
}

/** Somebody else than before, and why. */
interface Moved {
  person: string;
  to: string;
  by: string;
  reason: string;
}

/** What a kind of record says of itself, by names that it has. */
export type OfRecord =
  | { reason: 'not-ready' }
  | { reason: 'waiver-asked'; waiver: string }
  | { reason: 'seat-asked'; seat: string }
  | { reason: 'seat-reassigned'; seat: string }
  | { reason: 'start-held' }
  | { reason: 'failure-heard' }
  | { reason: 'scheduled' }
  | { reason: 'incident-update-due' }
  | Extract<Notice, { reason: 'seat-exhausted' | 'activity-failed' | 'undo-failed' }>;

/** What a workflow says: names alone, since its words would be those of whoever wrote to it. */
export type Said =
  | OfRecord
  | Extract<Notice, { reason: 'status-report-due' | 'still-paused' | OfIncident | OfProblem }>
  | { reason: TaskReason; task: TaskId }
  | { reason: 'step-failed' | 'step-undo-failed' | 'step-held'; run: RunId; step: string };

/** Who is told: one person, each of some, or everybody in a team who has the role, with others. */
export type Recipient =
  | { person: string }
  | { people: readonly string[] }
  | { team: string; role?: Role; others?: readonly string[] };
