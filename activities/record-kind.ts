import type { ApprovalPolicySpec } from '../domain/approval.ts';
import type { Joined } from '../domain/approval/stage.rules.ts';
import type { LedgerEntry } from '../domain/audit.ts';
import { DomainError } from '../domain/errors.ts';
import { idOf, kindOf } from '../domain/identifiers.ts';
import type { TriggeredBy } from '../domain/login.ts';
import type { Notice, OfRecord, Recipient } from '../domain/notice.ts';
import type { AnnouncedRun, Publication } from '../domain/ports.ts';
import type { Reference } from '../domain/reference.ts';
import type { SingleStep, Step } from '../domain/runbook.ts';
import type { StepReference } from '../domain/run-authorization.ts';
import type { Circumstances } from '../domain/circumstances.ts';

/** A step with all that is needed to act on it. */
export interface StepInPlace {
  step: SingleStep;
  circumstances: Circumstances;
  /** What a vote on the step binds. */
  digest: string;
  /** Why this attempt does not begin now, though it may; whoever begins something asks. Absent: nothing holds it. */
  holdNow?: (attempt: number) => Promise<Hold | undefined>;
}

/** Why work that has not begun does not begin now, and when it is to be tried again, in milliseconds. */
export interface Hold {
  why: string;
  until: number;
}

export interface BrokenOff {
  /** Whoever is notified. */
  to: Recipient;
  why: string;
  end(runId: string): Promise<unknown>;
}

/** A report of a record: of its end, or of how it stands. */
export interface Report {
  /** What events about records of this kind begin with, and where people read the reports, below the public URL. */
  event: string;
  path: string;
  title: string;
  markdown: string;
  data: unknown;
  status: string;
  team: string;
  /** NotificationChannels that get it; the team does, where there are none. */
  stakeholders: readonly string[];
  catalogueRevision: number;
}

/**
 * What a kind of record answers to what hangs on it. Each answer comes from PostgreSQL, whatever a message says; ids are
 * those of records of this kind.
 */
export interface RecordKind {
  /** The workflow that carries the record, and nobody else. */
  workflowIdOf(id: string): string;
  /** What the record is about, in a few words for people. */
  titleOf(id: string): Promise<string>;
  /** How the record stands, line by line, for whoever reads of it in a mail. */
  factsOf(id: string): Promise<string[]>;
  /** Who alone hears of the record, in place of its team; undefined where the team may. */
  audienceOf(id: string): Promise<readonly string[] | undefined>;
  /** The runbook that carries out an activity of the record, or undoes it; undefined where there is none. */
  runbookOf(
    id: string,
    place: Pick<StepReference, 'revision' | 'activity' | 'purpose'>,
  ): Promise<{ name: string; steps: Step[] } | undefined>;
  /** The step, whether its turn has come or not. Refuses one that the record does not have. */
  stepOf(id: string, place: Pick<StepReference, 'revision' | 'activity' | 'step' | 'purpose'>): Promise<StepInPlace>;
  /** The step to run, or to undo. Refuses one that may not be now. */
  authorize(reference: StepReference, direction: 'forth' | 'back', run: AnnouncedRun): Promise<StepInPlace>;
  /** The question about the record as a whole. */
  questionOf(id: string, revision: number): Promise<{ digest: string; question: string; policy: ApprovalPolicySpec }>;
  /** Who is concerned by any question of the record, and so does not decide on it. */
  concernedBy(
    id: string,
    revision: number,
  ): Promise<{
    team: string;
    requester: string;
    triggeredBy?: TriggeredBy[] | undefined;
    editors: string[];
    executors: string[];
  }>;
  /** Who has a part in the record by now, by what people have said: some may have come to it since a question was put. */
  joinedTo(id: string): Promise<Omit<Joined, 'people'>>;
  /** A run of the record has saved what became of its steps. */
  heardOfRun(id: string, entries: readonly LedgerEntry[]): Promise<void>;
  reportOf(id: string, ask: { kind: 'completion' } | { kind: 'status'; text: string }): Promise<Report>;
  /** Publishes what was written for the public; absent where the public hears nothing of the kind. */
  publish?(id: string, publication: Publication): Promise<void>;
  /** What whoever decides on the record as a whole has to know, line by line. */
  briefOf(id: string, digest: string): Promise<string[]>;
  /** What a workflow says of the record, in the words that PostgreSQL has for it. */
  noticeOf(id: string, said: OfRecord): Promise<Notice>;
  /**
   * What becomes of a record whose workflow was ended from outside, with this status of Temporal: its questions are
   * withdrawn; whom to notify and why; `end` saves it as ended. Undefined when it is over already.
   */
  breakOff(id: string, status: string): Promise<BrokenOff | undefined>;
}

/** Every kind of record, by the word that its references begin with. */
export type RecordKinds = Readonly<Record<string, RecordKind>>;

/** The kind of a record and its id. Refuses a reference to a kind that there is not. */
export const kindIn = (kinds: RecordKinds, reference: Reference): { kind: RecordKind; id: string } => {
  const kind = kinds[kindOf(reference)];
  if (!kind) throw new DomainError('not-found', `there is no record ${reference}`);
  return { kind, id: idOf(reference) };
};
