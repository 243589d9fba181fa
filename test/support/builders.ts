import type { PlanId } from '../../domain/id.ts';
import type { Actor } from '../../domain/actor.ts';
import { type Approval, type ApprovalPolicySpec, ApprovalStage, type Vote } from '../../domain/approval.ts';
import { openStage } from '../../domain/approval/stage.rules.ts';
import { type Ballot } from '../../domain/approval/vote.rules.ts';
import type { LedgerEntry } from '../../domain/audit.ts';
import type { Arrival } from '../../domain/inbox.ts';
import {
  type Assignment,
  OperationPlan,
  type PlanActivity,
  type PlanFacts,
  type PlanInput,
  type PlanStatus,
} from '../../domain/operation-plan.ts';
import { open } from '../../domain/operation-plan/record.rules.ts';
import type { PlanContent } from '../../domain/operation-plan/content.ts';
import type { SavedBy } from '../../domain/ports.ts';
import type { ReadinessItem, ReadinessReview } from '../../domain/readiness.ts';
import type { RunbookRun, StepRun } from '../../domain/runbook-run.ts';
import type { Task } from '../../domain/task.ts';
import { approvalId, planId, planReference, runId as idOfRun, taskId } from './id.ts';

/** Things as tests need them: whole, plain, and different only where a test says so. */

export const morning = '2026-03-24T09:00:00.000Z';
export const digest = 'd'.repeat(64);

export const person = (name: string): Actor => ({ type: 'person', name });

export const stage = (more: Partial<ApprovalStage> = {}): ApprovalStage =>
  ApprovalStage.parse({ approvers: [{ team: 'shop' }], ...more });

/** An open request of rex to these people, executed by xia. */
export const approval = ({
  people = ['ana', 'ben', 'cid'],
  stages = [{}],
  policy = {},
  ...more
}: { people?: string[]; stages?: Partial<ApprovalStage>[]; policy?: Partial<ApprovalPolicySpec> } & Partial<
  Omit<Approval, 'stages' | 'policy'>
> = {}): Approval => {
  const asked = {
    requester: more.requester ?? 'rex',
    triggeredBy: more.triggeredBy,
    executors: more.executors ?? ['xia'],
    policy: { stages: stages.map(stage), timeout: '4h', escalateTo: [], unknownTriggerNeedsTwo: false, ...policy },
  };
  return {
    id: approvalId('plan.checkout.production.0001.approval.1'),
    belongsTo: planReference('checkout.production.0001'),
    team: 'shop',
    attempt: 1,
    subject: 'plan/checkout.production.0001',
    digest,
    question: 'May it go live?',
    stage: 0,
    stages: [openStage(asked, 0, people)],
    status: 'open',
    escalated: false,
    openedAt: morning,
    deadlineAt: '2026-03-24T13:00:00.000Z',
    votes: [],
    ...more,
    ...asked,
  };
};

export const ballot = (voter: string, decision: Vote['decision'] = 'approve', more: Partial<Ballot> = {}): Ballot => ({
  voter,
  decision,
  reason: 'looked at it',
  digest,
  channel: 'api',
  at: '2026-03-24T10:00:00.000Z',
  delegators: [],
  named: [],
  ...more,
});

export const activity = (name: string, more: Partial<PlanActivity> = {}): PlanActivity => ({
  name,
  origin: 'template',
  after: [],
  kind: 'runbook',
  runbook: name,
  title: name,
  durationMs: 60_000,
  environment: 'none',
  hasUndo: true,
  status: 'planned',
  round: 1,
  ...more,
});

export const assignment = (seat: string, more: Partial<Assignment> = {}): Assignment => ({
  seat,
  activity: 'work',
  team: 'shop',
  role: 'responder',
  status: 'open',
  passed: [],
  ...more,
});

export const task = (id: string, more: Partial<Task> = {}): Task => ({
  id: taskId(id),
  belongsTo: planReference('checkout.production.0001'),
  workflowId: 'operation-plan/checkout.production.0001',
  place: { of: 'activity', activity: 'work' },
  title: 'Look at the dashboard',
  instructions: '',
  form: [],
  assignee: { team: 'shop' },
  status: 'open',
  openedAt: morning,
  dueAt: '2026-03-24T13:00:00.000Z',
  escalated: false,
  ...more,
});

const opening = (id: PlanId): PlanInput => ({
  id,
  workflowId: `operation-plan/${id}`,
  service: 'checkout',
  environment: 'production',
  team: 'shop',
  trigger: {
    key: id.slice(id.lastIndexOf('.') + 1),
    type: 'deployment',
    artifact: 'pkg:oci/checkout@sha256:1',
    source: 'github',
    requester: 'rex',
  },
  parameters: {},
  template: 'release',
  catalogueRevision: 1,
  at: morning,
  timing: {
    readyWithinMs: 0,
    reassessEveryMs: 0,
    confirmWithinMs: 0,
    staffWithinMs: 0,
    decideWithinMs: 0,
    reserveWithinMs: 0,
    messagesPerRun: 1000,
  },
});

const readiness = {
  verdict: 'ready',
  review: 'review-1',
  blockers: [],
  conditions: [],
  mayBePlanned: true,
  validUntil: morning,
} as const;
const planned = { readiness, digest: 'sha256:1' };
const started = { ...planned, startAt: morning, startedAt: morning, isGateOpen: true };
const ended = { outcome: 'as it was to be', endedAt: morning };

/** What every plan of a status has. */
const known: Record<PlanStatus, object> = {
  draft: {},
  assessed: { readiness },
  staffing: planned,
  'awaiting-approval': planned,
  approved: planned,
  scheduled: { ...planned, startAt: morning },
  running: started,
  undoing: { ...started, outcome: 'work failed' },
  completed: ended,
  undone: ended,
  failed: ended,
  rejected: ended,
  cancelled: ended,
};

export const plan = ({ id = planId('checkout.production.0001'), status = 'draft', ...more }: Partial<PlanFacts> = {}) =>
  OperationPlan.parse({ ...open(opening(id)), ...known[status], ...more, status });

export const content = (of: string, more: Partial<PlanContent> = {}): PlanContent => ({
  plan: planId(of),
  revision: 1,
  service: 'checkout',
  environment: 'production',
  team: 'shop',
  about: 'pkg:oci/checkout@sha256:1',
  parameters: {},
  template: 'release',
  catalogueRevision: 1,
  activities: [],
  criticalPath: [],
  criticalPathMs: 0,
  needMs: 0,
  approval: { notNeeded: 'a standard change' },
  dropped: [],
  ...more,
});

export const step = (name: string, more: Partial<StepRun> = {}): StepRun => ({
  name,
  kind: 'http',
  status: 'planned',
  hasUndo: true,
  round: 1,
  undoRound: 1,
  ...more,
});

export const run = (steps: StepRun[], more: Partial<RunbookRun> = {}): RunbookRun => ({
  id: idOfRun('plan.checkout.production.0001.run.work.1'),
  workflowId: 'operation-plan/checkout.production.0001/runbook/work/run-1',
  belongsTo: planReference('checkout.production.0001'),
  revision: 1,
  activity: 'work',
  runbook: 'work',
  purpose: 'run',
  status: 'running',
  rev: 1,
  paused: false,
  isCancelling: false,
  steps,
  tasks: [],
  startedAt: morning,
  ...more,
});

export const item = (check: string, more: Partial<ReadinessItem> = {}): ReadinessItem => ({
  check,
  title: 'It is watched',
  level: 'C',
  severity: 'blocker',
  result: 'pass',
  finding: { result: 'pass', detail: 'status 200', at: morning },
  ...more,
});

export const review = (more: Partial<ReadinessReview> = {}): ReadinessReview => ({
  checklist: 'basics',
  checklistRevision: 1,
  level: 'C',
  levelReached: 'C',
  items: [item('OBS-1')],
  verdict: 'ready',
  conditions: [],
  signature: { by: 'evenkeel', at: morning, evidenceDigest: digest },
  ...more,
});

export const savedBy = (runId = 'run'): SavedBy => ({ runId, at: Date.parse(morning) });

export const entry = (key: string, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  key,
  at: morning,
  actor: person('ana'),
  action: 'plan.paused',
  subject: 'plan/checkout.production.0001',
  belongsTo: planReference('checkout.production.0001'),
  ...more,
});

export const arrival = (dedupKey: string, more: Partial<Arrival> = {}): Arrival => ({
  kind: 'fact',
  source: 'github',
  dedupKey,
  name: 'github.deployment_status',
  team: 'shop',
  actor: { type: 'service', name: 'github' },
  body: Buffer.from('{}'),
  bodyHash: 'b'.repeat(64),
  content: { family: 'deployment', facts: [] },
  ...more,
});
