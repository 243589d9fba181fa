import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  currentUpdateInfo,
  defineSignal,
  defineUpdate,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Actor } from '../domain/actor.ts';
import { evenkeel } from '../domain/actor.rules.ts';
import type { LedgerAction, LedgerEntry } from '../domain/audit.ts';
import { DomainError } from '../domain/errors.ts';
import { entryKeyOf } from '../domain/identifiers.ts';
import type { SavedBy } from '../domain/ports.ts';
import type { Reference } from '../domain/reference.ts';

/** Why the record changed: who did what, for the ledger. */
export interface Cause {
  by: Actor;
  at: string;
  action: LedgerAction;
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

interface Tracking<State> {
  initial: State;
  opening: Cause;
  carried: Carried<State> | undefined;
  /** What the entries of the ledger are about, and the record that it belongs to. */
  subject: string;
  belongsTo: Reference;
  /**
   * Writes the newest state with everything that led to it, for as long as it takes. Answers with the revision up to which
   * another path was saved, if one was: a worker that is lost may have saved what Temporal never heard of.
   */
  save(state: State, entries: LedgerEntry[], by: SavedBy): Promise<number | undefined>;
  messagesPerRun: number;
}

/** For each thing that can be asked of a record: its action in the ledger, and the transition that carries it out or refuses it. */
export type Answers<State, Ask extends { type: string }> = {
  [Type in Ask['type']]: [
    action: LedgerAction,
    transition: (state: State, why: Extract<Ask, { type: Type }> & Asked) => State,
  ];
};

export interface Tracked<State> {
  readonly current: State;
  /** Replaces the record and remembers why. */
  apply(next: State, cause: Omit<Cause, 'by' | 'at'> & Partial<Pick<Cause, 'by' | 'at'>>): State;
  /** Takes each ask as the update of this name. One transition is its validator and its handler; a repeat gets the first receipt. */
  accepts<Ask extends { type: string }>(updates: Record<Ask['type'], string>, answers: Answers<State, Ask>): void;
  /** Calls `handle` for each signal of this name; a batch that came before is not handled again. */
  hears<News = undefined>(signal: string, handle: (news: News) => void, batchOf?: (news: News) => string): void;
  /** Waits for short work of our own; what happened before is saved with what comes of it. */
  briefly<Result>(work: Promise<Result>): Promise<Result>;
  /** Resolves when all that happened so far can be read in PostgreSQL. */
  saved(): Promise<void>;
  /** The same, once no update is under way: nothing is left to do for this run. */
  settled(): Promise<void>;
  /** The history is long enough: continue as new at the next quiet place. */
  readonly mustContinue: boolean;
  /** Goes on in a new run with the same input, once everything is saved and `isQuiet`. */
  continueAsNew(input: unknown, isQuiet?: () => boolean): Promise<never>;
}

/** The workflow's own time, as text. */
export const now = (): string => inTime(0);

/** The time in so many milliseconds, as text. */
export const inTime = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();

const receiptsKept = 200;
const batchesKept = 500;

/** Holds a record, answers commands about it, and keeps its copy in PostgreSQL up to date. */
export function track<State extends { rev: number }>(how: Tracking<State>): Tracked<State> {
  const { carried } = how;
  const { workflowId, runId } = workflowInfo();
  let current = carried?.state ?? how.initial;
  let receipts = carried?.receipts ?? [];
  let batches = carried?.batches ?? [];
  let messages = 0;

  const entryOf = (rev: number, { by, at, action, reason, detail }: Cause): LedgerEntry => ({
    key: entryKeyOf(workflowId, rev),
    at,
    actor: by,
    action,
    subject: how.subject,
    belongsTo: how.belongsTo,
    ...(reason === undefined ? {} : { reason }),
    ...(detail === undefined ? {} : { detail }),
  });

  let unsaved = carried ? [] : [entryOf(current.rev, how.opening)];
  /** Somebody waits to see what happened: it is saved however long our own work takes. */
  let isAwaited = false;
  let briefWork = 0;

  /** What a lost worker saved stays in the ledger; this path goes on behind it, and says so. */
  const takeOver = (lost: number): void => {
    const first = current.rev - unsaved.length + 1;
    const reason = `revisions ${first} to ${lost} were saved by a worker that was lost; they did not come to pass`;
    const told = entryOf(lost + 1, { by: evenkeel, at: now(), action: 'history.taken-over', reason });
    current = { ...current, rev: lost + 1 + unsaved.length };
    unsaved = [told, ...unsaved.map((entry, at) => ({ ...entry, key: entryKeyOf(workflowId, lost + 2 + at) }))];
  };

  // A database that is away holds up the copy, not the commands.
  const saveInOrder = async (): Promise<void> => {
    for (;;) {
      await condition(() => unsaved.length > 0 && (isAwaited || briefWork === 0));
      // More may be added while these are written.
      const entries = [...unsaved];
      const lost = await how.save(current, entries, { runId, at: Date.now() });
      if (lost === undefined) unsaved = unsaved.slice(entries.length);
      else takeOver(lost);
      if (unsaved.length === 0) isAwaited = false;
    }
  };
  // Nothing cancels it, and what is refused for good fails the workflow task, where it is seen. It begins once the workflow
  // has come as far as it can at first: that may be to work of our own.
  void CancellationScope.nonCancellable(() => Promise.resolve().then(saveInOrder));

  const apply: Tracked<State>['apply'] = (next, cause) => {
    current = { ...next, rev: current.rev + 1 };
    unsaved.push(entryOf(current.rev, { by: evenkeel, at: now(), ...cause }));
    return current;
  };

  const saved = async (): Promise<void> => {
    if (unsaved.length === 0) return;
    isAwaited = true;
    await condition(() => unsaved.length === 0);
  };

  const settled = async (): Promise<void> => {
    await condition(allHandlersFinished);
    await saved();
  };

  const receiptOf = (id: string | undefined): Receipt | undefined => receipts.find((receipt) => receipt.id === id);

  const accept = (update: string, action: LedgerAction, transition: (state: State, why: Asked) => State): void =>
    setHandler(
      defineUpdate<Receipt, [Asked]>(update),
      (why) => {
        const { id } = currentUpdateInfo()!;
        const before = receiptOf(id);
        if (before) return before;
        messages += 1;
        isAwaited = true;
        const { by, at, reason, ...ask } = why;
        apply(transition(current, why), { by, at, action, ...(reason === undefined ? {} : { reason }), detail: ask });
        const receipt = { id, rev: current.rev };
        receipts = [...receipts.slice(1 - receiptsKept), receipt];
        return receipt;
      },
      {
        validator: (why) => {
          if (!receiptOf(currentUpdateInfo()?.id)) refusing(() => transition(current, why));
        },
      },
    );

  return {
    get current() {
      return current;
    },
    apply,
    accepts(updates, answers) {
      for (const type of Object.keys(answers) as (keyof typeof answers)[]) {
        const [action, transition] = answers[type];
        // The name of the update says which ask comes with it.
        accept(updates[type], action, transition as (state: State, why: Asked) => State);
      }
    },
    hears(signal, handle, batchOf) {
      setHandler(defineSignal<[Parameters<typeof handle>[0]]>(signal), (news) => {
        messages += 1;
        const batch = batchOf?.(news);
        if (batch !== undefined && batches.includes(batch)) return;
        if (batch !== undefined) batches = [...batches.slice(1 - batchesKept), batch];
        handle(news);
      });
    },
    async briefly(work) {
      briefWork += 1;
      try {
        return await work;
      } finally {
        briefWork -= 1;
      }
    },
    saved,
    settled,
    get mustContinue() {
      return workflowInfo().continueAsNewSuggested || messages >= how.messagesPerRun;
    },
    async continueAsNew(input, isQuiet = () => true) {
      do {
        await condition(() => allHandlersFinished() && isQuiet());
        await saved();
        // Something may have begun while it was saved.
      } while (!isQuiet());
      return continueAsNew(input, { state: current, receipts, batches } satisfies Carried<State>);
    },
  };
}

/** A refusal of the domain reaches the caller as a failure of its code; anything else is our own fault. */
const refusing = (check: () => unknown): void => {
  try {
    check();
  } catch (error) {
    if (error instanceof DomainError) throw ApplicationFailure.nonRetryable(error.message, error.code, error.field);
    throw error;
  }
};
