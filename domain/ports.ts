import type { Actor } from './actor.ts';
import type { Approval } from './approval.ts';
import type { Entitled } from './approval/lifecycle.rules.ts';
import type { LedgerEntry } from './audit.ts';
import type { Document, Kind, SpecOf } from './document.ts';
import type { OperationPlan, PlanCommission } from './operation-plan.ts';
import type { ReadinessReview, Waiver } from './readiness.ts';
import type { ApprovalId, PlanId, RunId } from './id.ts';
import type { RunPlace } from './identifiers.ts';
import type { Freeze } from './freeze.ts';
import type { Arrival } from './inbox.ts';
import type { Reference } from './reference.ts';
import type { RunbookRun } from './runbook-run.ts';
import type { ScheduleSpec } from './schedule.ts';
import type { Message } from './message.ts';
import type { PublicStatus } from './status-page.ts';
import type { Task } from './task.ts';
import type { TriggeredBy } from './login.ts';
import type { PlanContent } from './operation-plan/content.ts';

/** The outside world as this house sees it. Times are milliseconds since 1970 unless they end in `At`. */

export interface Secrets {
  /** The value of a secret, or undefined when there is none of that name. */
  get(name: string): Promise<string | undefined>;
}

export interface CatalogueStore {
  revision(): Promise<number>;
  find<K extends Kind>(kind: K, name: string, revision?: number): Promise<SpecOf<K> | undefined>;
  list<K extends Kind>(kind: K, revision?: number): Promise<Document<K>[]>;
}

export interface ScheduleStore {
  /** The schedule with the overrides that people have accepted, whenever it is asked for. */
  find(name: string, revision?: number): Promise<ScheduleSpec | undefined>;
}

/** The run of a workflow that saves, and when by the workflow's own clock. */
export interface SavedBy {
  runId: string;
  at: number;
}

export interface PlanStart {
  plan: PlanId;
  revision: number;
  digest: string;
}

export interface PlanStore {
  find(
    id: PlanId,
  ): Promise<
    | { record: OperationPlan | null; workflowId: string; team: string; commission: PlanCommission; openedAt: string }
    | undefined
  >;
  /**
   * Keeps the newer state of the record, by its `rev`, and the entries once each, in one transaction. Where an earlier run
   * saved other states under these numbers, keeps nothing and says up to which.
   */
  save(record: OperationPlan, entries: LedgerEntry[], by: SavedBy): Promise<number | undefined>;
  /** The revision that was planned last. */
  latestRevision(plan: PlanId): Promise<number | undefined>;
  /** What the plan was opened for, which never changes. */
  openedFor(id: PlanId): Promise<PlanCommission | undefined>;
  /**
   * Writes down that the work of this revision begins, once for each plan. False where another revision has begun, or a
   * newer review than this one is there.
   */
  start(start: PlanStart & { review: string }): Promise<boolean>;
  /** Plans for the same place that were opened before this one by a deployment, and have not ended. */
  openBefore(id: PlanId): Promise<{ id: PlanId; workflowId: string; team: string; commission: PlanCommission }[]>;
  /** Plans of a service that have not ended. */
  openOf(service: string): Promise<{ id: PlanId; workflowId: string; team: string }[]>;
  /** The revision whose work has begun, if one has. */
  startOf(plan: PlanId): Promise<PlanStart | undefined>;
  /** The start under which runs were announced: it never changes after that, so it is read once. */
  startOfRuns(plan: PlanId): Promise<PlanStart | undefined>;
  saveContent(plan: PlanId, revision: number, digest: string, content: PlanContent): Promise<void>;
  /** The revision that has this digest. */
  revisionOf(plan: PlanId, digest: string): Promise<number | undefined>;
  content(plan: PlanId, revision: number): Promise<{ digest: string; content: PlanContent } | undefined>;
  /** Whoever has set off the same once more, while the plan was open; nobody for a record that is no plan. */
  toldBy(record: Reference): Promise<TriggeredBy[]>;
}

/** What a record says of a run before it begins. */
export interface AnnouncedRun extends RunPlace {
  id: RunId;
  workflowId: string;
}

export interface RunStore {
  /** Writes down that the record has this run, before it begins: it acts for the record from then on. */
  announce(run: AnnouncedRun): Promise<void>;
  /** The run that this workflow is, once its record has announced it. */
  announced(workflowId: string): Promise<AnnouncedRun | undefined>;
  /** Saves the record and its ledger entries in one transaction; where a lost worker has saved other states, returns up to which revision. */
  save(record: RunbookRun, team: string, entries: LedgerEntry[], by: SavedBy): Promise<number | undefined>;
  of(record: Reference): Promise<RunbookRun[]>;
  /** The newest copy of a run, once it has begun. */
  find(id: RunId): Promise<RunbookRun | undefined>;
}

export interface Consumption {
  digest: string;
  /** Stable under retry and reset: the same key may consume again. */
  by: string;
  at: string;
}

export interface ApprovalStore {
  /** Keeps the first of a kind: the same id again returns what is there. */
  open(approval: Approval, workflowId: string): Promise<Approval>;
  find(id: ApprovalId): Promise<Approval | undefined>;
  of(record: Reference): Promise<Approval[]>;
  /** Changes the approval under its row lock. The change may throw a `DomainError`, then nothing is written. */
  change(id: ApprovalId, entry: Omit<LedgerEntry, 'key'>, change: (approval: Approval) => Approval): Promise<Approval>;
  /** `approved` to `consumed` by compare-and-set; true as well when the same key has consumed it before. */
  consume(id: ApprovalId, how: Consumption, entitled: Entitled): Promise<boolean>;
}

export interface ReadinessStore {
  /** The latest statement on the check, of this person if one is named. */
  attestation(
    service: string,
    environment: string,
    check: string,
    by?: string,
  ): Promise<{ by: string; at: string; expiresAt: string; link?: string; statement: string } | undefined>;
  waivers(service: string, environment: string): Promise<Waiver[]>;
  saveReview(id: string, plan: PlanId, review: ReadinessReview): Promise<void>;
  review(id: string): Promise<ReadinessReview | undefined>;
  /** The review of the plan that was made last: no other counts. */
  newest(plan: PlanId): Promise<{ id: string; review: ReadinessReview } | undefined>;
}

export interface Reservation {
  environment: string;
  belongsTo: Reference;
  activity: string;
  mode: 'exclusive' | 'shared';
  /** By the clock of the record: whatever it wished earlier and comes in later changes nothing. */
  at: string;
}

export interface ReservationStore {
  /** True when the record's activity holds the environment now. */
  reserve(wish: Reservation): Promise<boolean>;
  release(wish: Omit<Reservation, 'mode'>): Promise<void>;
}

/** What an effect gave, in the words of whoever received it. */
export interface EffectResult {
  ok: boolean;
  detail: string;
  output?: string | undefined;
  /** Known never to have reached its receiver, so there is nothing to undo. */
  neverSent?: true;
  /** Its receiver asked to be left alone for so long. */
  retryAfterMs?: number | undefined;
}

export type EffectBegun =
  /** Nobody has begun it: go. */
  | { state: 'new'; fence: number }
  /** Somebody began it and never said how it ended. */
  | { state: 'in-doubt'; fence: number }
  | { state: 'ended'; result: EffectResult };

export interface OutboxStore {
  /**
   * Writes a message once, due in so many milliseconds; the same key again changes nothing. Gives how long ago it was sent, in
   * milliseconds, or was written, where it is not due yet: 0 for one that is new or should have been sent by now.
   */
  put(key: string, belongsTo: Reference, message: Message, delayMs?: number): Promise<number>;
  /** Claims an effect that its caller performs itself. */
  begin(
    key: string,
    belongsTo: Reference,
    kind: 'http' | 'command',
    payload: Record<string, unknown>,
  ): Promise<EffectBegun>;
  /** Records how it ended; false when a later claim holds it. */
  finish(key: string, fence: number, result: EffectResult): Promise<boolean>;
  of(
    record: Reference,
  ): Promise<{ key: string; kind: string; state: string; at: string; result: EffectResult | null }[]>;
  /** Where messages of this kind about the record went to, or are to go to: the channel, and the address where it has several. */
  addressesOf(record: Reference, kind: Message['kind']): Promise<{ channel: string; to: string | null }[]>;
}

export interface ReportStore {
  save(
    belongsTo: Reference,
    kind: 'completion' | 'status',
    number: number,
    markdown: string,
    record: unknown,
  ): Promise<void>;
}

export interface FreezeStore {
  /** Freezes that hold what has not begun in this place, the newest first. */
  active(service: string, environment: string): Promise<Freeze[]>;
}

export interface TaskStore {
  /** The readable copy of a task, and the team that it is given to or that answers for it. */
  find(id: string): Promise<{ task: Task; team: string } | undefined>;
}

/** What people had skipped: an activity by the workflow of its record, or a step by that of its run. */
export interface Skipped {
  target: string;
  name: string;
  /** The workflow has carried it out, or may have. */
  isSettled: boolean;
}

export interface CommandStore {
  /** The alerts that a command has split off from the incident of a workflow, and what they become; undefined as below. */
  splitAsked(
    target: string,
    command: string,
  ): Promise<{ alerts: string[]; title: string; reason: string; by: Actor } | undefined>;
  /** The runbook that a command orders of a workflow, by whom; undefined for one that was not accepted, or orders none. */
  runbookOrdered(
    target: string,
    command: string,
  ): Promise<{ runbook: string; by: string; lentBy: string | null } | undefined>;
  /** The risk that a command asks to live with, of a problem's workflow; undefined as above. */
  riskAsked(
    target: string,
    command: string,
  ): Promise<{ by: string; lentBy: string | null; reason: string; until: string } | undefined>;
  /** How many retries of this step or activity people have ordered: an effect's round may not run ahead of them. */
  retriesOrdered(target: string, name: string): Promise<number>;
  /** What people had skipped of a record, by commands that were accepted: activities by its workflow, and steps by their run. */
  skipped(record: Reference, workflowId: string): Promise<Skipped[]>;
  /** Activities that people had left out of a plan, by commands that were carried out. */
  dropped(target: string): Promise<string[]>;
  /** Whether people had the work of a workflow cancelled, or paused and not resumed, by commands that were accepted. */
  stopOf(target: string): Promise<'cancel' | 'pause' | undefined>;
  /** People who have changed the record of a workflow, by commands that were accepted. */
  editorsOf(target: string): Promise<string[]>;
  /** People who have taken a seat of a record, or were given a task of it, by commands that were accepted. */
  executorsOf(target: string, record: Reference): Promise<string[]>;
  /** Tells a workflow that something changed, once for each key. */
  tell(signal: Arrival): Promise<unknown>;
  /** The status reports that these commands have brought, in this order; what is none of the target is left out. */
  statusReports(target: string, commands: readonly string[]): Promise<StatusReport[]>;
}

/** What somebody wrote about how a record stands. */
export interface StatusReport {
  command: string;
  at: string;
  text: string;
  isPublic: boolean;
  publicTitle: string | null;
}

/** A report for the public, with how the incident stood. */
export interface Publication {
  command: string;
  at: string;
  rev: number;
  status: PublicStatus;
  title: string | null;
  text: string;
}

export interface StatusPageStore {
  /** Publishes something about an incident, once for each command. */
  publish(incident: number, publication: Publication): Promise<void>;
}
