import type { UpdateDefinition } from '@temporalio/common';
import { ApplicationFailure, currentUpdateInfo, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Actor } from '../domain/actor.ts';
import { evenkeel } from '../domain/actor.rules.ts';
import type { LedgerEntry } from '../domain/audit.ts';
import { DomainError } from '../domain/errors.ts';
import { createSaver, type Saving } from './saver.ts';

/** Why the record changed: who did what, for the ledger. */
export interface Cause {
  by: Actor;
  at: string;
  action: string;
  reason?: string;
  detail?: Record<string, unknown>;
}

/** What a command brings besides what it asks. */
interface Asked {
  by: Actor;
  at: string;
  reason?: string;
}

/** Receipt of a command: the revision of the record that it led to. */
export interface Receipt {
  id: string;
  rev: number;
}

/** What passes through continue-as-new: plain JSON. */
export interface Carried<State> {
  state: State;
  receipts: Receipt[];
  batches: string[];
}

interface Tracking<State> extends Saving {
  initial: State;
  opening: Cause;
  carried: Carried<State> | undefined;
  subject: string;
  plan: string;
  /**
   * Writes the newest state with everything that led to it, for as long as it takes. Answers with the revision up to which
   * another path was saved, if one was: a worker that is lost may have saved what Temporal never heard of.
   */
  save(state: State, entries: LedgerEntry[], how: SavedBy): Promise<number | undefined>;
  messagesPerRun: number;
}

/** Which run saves, and when by its own clock, in milliseconds. */
export interface SavedBy {
  runId: string;
  at: number;
}

export interface Tracked<State> {
  readonly current: State;
  /** Replaces the record and remembers why. */
  apply(next: State, cause: Omit<Cause, 'by' | 'at'> & Partial<Pick<Cause, 'by' | 'at'>>): State;
  /**
   * One transition is the update's validator and its handler; a repeated command gets its first receipt. `refuse` is
   * held against new commands alone, so that what was granted before it was thought of can be replayed.
   */
  accepts<Why extends Asked>(
    update: UpdateDefinition<Receipt, [Why]>,
    action: string,
    transition: (state: State, why: Why) => State,
    refuse?: (state: State, why: Why) => void,
  ): void;
  /** Notes a message; false when a batch of this id came before. */
  hears(batch?: string): boolean;
  /** Waits for short work of our own; what happened before is saved with what comes of it. */
  briefly<Result>(work: Promise<Result>): Promise<Result>;
  /** Resolves when all that happened so far can be read in PostgreSQL. */
  saved(): Promise<void>;
  /** The history is long enough: continue as new at the next quiet place. */
  readonly mustContinue: boolean;
  carry(): Carried<State>;
}

/** The workflow's own time, as text. */
export const now = (): string => inTime(0);

/** The time in so many milliseconds, as text. */
export const inTime = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();

/** Holds a record, answers commands about it, and keeps its copy in PostgreSQL up to date. */
export function track<State extends { rev: number }>(how: Tracking<State>): Tracked<State> {
  const { carried } = how;
  let current = carried?.state ?? how.initial;
  let receipts = carried?.receipts ?? [];
  let batches = carried?.batches ?? [];
  let messages = 0;
  const { workflowId, runId } = workflowInfo();

  const entryOf = (rev: number, { by, at, action, reason, detail }: Cause): LedgerEntry => ({
    key: `${workflowId}/${rev}`,
    at,
    actor: by,
    action,
    subject: how.subject,
    plan: how.plan,
    ...(reason === undefined ? {} : { reason }),
    ...(detail === undefined ? {} : { detail }),
  });
  /** What a lost worker saved stays in the ledger; this path goes on behind it, and says so. */
  const takeOver = (lost: number, entries: LedgerEntry[]): LedgerEntry[] => {
    const first = current.rev - entries.length + 1;
    const reason = `revisions ${first} to ${lost} were saved by a worker that was lost; they did not come to pass`;
    const told = entryOf(lost + 1, { by: evenkeel, at: now(), action: 'history.taken-over', reason });
    current = { ...current, rev: lost + 1 + entries.length };
    return [told, ...entries.map((entry, at) => ({ ...entry, key: `${workflowId}/${lost + 2 + at}` }))];
  };
  const saver = createSaver(
    (entries) => how.save(current, entries, { runId, at: Date.now() }),
    takeOver,
    how,
    carried ? [] : [entryOf(current.rev, how.opening)],
  );

  const apply: Tracked<State>['apply'] = (next, cause) => {
    current = { ...next, rev: current.rev + 1 };
    saver.add(entryOf(current.rev, { by: evenkeel, at: now(), ...cause }));
    return current;
  };

  const given = (): Receipt | undefined => receipts.find(({ id }) => id === currentUpdateInfo()?.id);
  return {
    get current() {
      return current;
    },
    apply,
    accepts(update, action, transition, refuse) {
      setHandler(
        update,
        (why) => {
          const before = given();
          if (before) return before;
          messages += 1;
          const { by, at, reason, ...ask } = why;
          // Whoever asked wants to see it, however long our own work takes.
          saver.want();
          apply(transition(current, why), { by, at, action, ...(reason === undefined ? {} : { reason }), detail: ask });
          const receipt = { id: currentUpdateInfo()!.id, rev: current.rev };
          receipts = [...receipts.slice(-199), receipt];
          return receipt;
        },
        {
          validator: (why) => {
            if (given()) return;
            allow(() => {
              transition(current, why);
              refuse?.(current, why);
            });
          },
        },
      );
    },
    hears(batch) {
      messages += 1;
      if (batch === undefined) return true;
      if (batches.includes(batch)) return false;
      batches = [...batches.slice(-499), batch];
      return true;
    },
    briefly: saver.briefly,
    saved: saver.saved,
    get mustContinue() {
      return workflowInfo().continueAsNewSuggested || messages >= how.messagesPerRun;
    },
    carry: () => ({ state: current, receipts, batches }),
  };
}

/** A refusal of the domain reaches the caller as a failure of its code; anything else is our own fault. */
const allow = (check: () => unknown): void => {
  try {
    check();
  } catch (error) {
    if (error instanceof DomainError) throw ApplicationFailure.nonRetryable(error.message, error.code, error.field);
    throw error;
  }
};
