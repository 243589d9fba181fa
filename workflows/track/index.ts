import {
  allHandlersFinished,
  condition,
  currentUpdateInfo,
  defineSignal,
  defineUpdate,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Actor } from '../../domain/actor.ts';
import { evenkeel } from '../../domain/actor.rules.ts';
import type { LedgerAction } from '../../domain/audit.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Receipt } from '../../domain/receipt.rules.ts';
import { now } from '../time.ts';
import { refusedCommand, refuseStrangers, refuseUnaccepted } from './message.ts';
import { type Cause, type EntryScope, type Held, keepSaved, type Save, type Saving } from './saving.ts';

/** What a command brings besides what it asks. */
interface Asked {
  /** Id of the accepted command, which is that of its update. */
  command: string;
  by: Actor;
  at: string;
  reason?: string;
}

/** What passes through continue-as-new: plain JSON. */
export interface Carried<State> {
  state: State;
  receipts: Receipt[];
  batches: string[];
}

interface Tracking<State> extends EntryScope {
  initial: State;
  opening: Cause;
  carried: Carried<State> | undefined;
  save: Save<State>;
  /** Goes on in a new run, with the same input and what is carried over. */
  again(carried: Carried<State>): Promise<never>;
  messagesPerRun: number;
}

/** For each thing that can be asked of a record: its action in the ledger, and the transition that carries it out or refuses it. */
export type Answers<State, Ask extends { type: string }> = {
  [Type in Ask['type']]: [
    action: LedgerAction,
    transition: (state: State, why: Extract<Ask, { type: Type }> & Asked) => State,
  ];
};

export interface Hearing<News> {
  /** A signal cannot be refused: one that has not the shape of news is not heard. */
  reads(news: unknown): news is News;
  handle(news: News): void;
  batchOf(news: News): string;
}

export interface Tracked<State> extends Pick<Saving, 'briefly' | 'saved' | 'unlessRefused'> {
  readonly current: State;
  /** Replaces the record and remembers why. */
  apply(next: State, cause: Omit<Cause, 'by' | 'at'> & Partial<Pick<Cause, 'by' | 'at'>>): State;
  /** Takes each ask as the update of this name. One transition is its validator and its handler; a repeat gets the first receipt. */
  accepts<Ask extends { type: string }>(updates: Record<Ask['type'], string>, answers: Answers<State, Ask>): void;
  /** Handles each signal of this name whose news can be read; a batch that came before is not handled again. */
  hears<News>(signal: string, hearing: Hearing<News>): void;
  /**
   * Counts the signals of this name; whoever sees the count grow looks at the database. They may come bare, from anybody, so
   * they do not count as messages of the run.
   */
  counts(signal: string): () => number;
  /** Waits for short work, and until its readers see the record as it is now: activities believe the database alone. */
  settle<Result>(work: Promise<Result>): Promise<Result>;
  /** Resolves when all is saved and no update is under way: nothing is left to do for this run. */
  settled(): Promise<void>;
  /** The history is long enough: continue as new at the next quiet place. */
  readonly mustContinue: boolean;
  /** Continues as new, once everything is saved and `isQuiet`. */
  continueAsNew(isQuiet?: () => boolean): Promise<never>;
}

const receiptsKept = 200;
const batchesKept = 500;

/** Holds a record, answers commands about it, and keeps its copy in PostgreSQL up to date. */
export function track<State extends { rev: number }>(how: Tracking<State>): Tracked<State> {
  const { carried } = how;
  const held: Held<State> = { current: carried?.state ?? how.initial };
  const saving = keepSaved(held, how.save, how);
  if (!carried) saving.note(held.current.rev, how.opening);
  let receipts = carried?.receipts ?? [];
  let batches = carried?.batches ?? [];
  let messages = 0;

  const apply: Tracked<State>['apply'] = (next, cause) => {
    held.current = { ...next, rev: held.current.rev + 1 };
    saving.note(held.current.rev, { by: evenkeel, at: now(), ...cause });
    return held.current;
  };

  const receiptFor = (id: string | undefined): Receipt | undefined =>
    receipts.find(({ receiptOf: command }) => command === id);

  const accept = (update: string, action: LedgerAction, transition: (state: State, why: Asked) => State): void =>
    setHandler(
      defineUpdate<Receipt, [Asked]>(update),
      (why) => {
        const { id } = currentUpdateInfo()!;
        const before = receiptFor(id);
        if (before) return before;
        messages += 1;
        saving.hurry();
        const { by, at, reason, command: _, ...detail } = why;
        apply(transition(held.current, why), { by, at, action, ...(reason === undefined ? {} : { reason }), detail });
        const receipt = { receiptOf: id, rev: held.current.rev };
        receipts = [...receipts.slice(1 - receiptsKept), receipt];
        return receipt;
      },
      {
        validator: (why) => {
          const { id } = currentUpdateInfo()!;
          refuseUnaccepted(why, id);
          if (!receiptFor(id)) unlessRefused(id, () => transition(held.current, why));
        },
      },
    );

  const hear = (signal: string, handle: (news: unknown) => void): void =>
    setHandler(defineSignal<[unknown]>(signal), handle);

  const hears: Tracked<State>['hears'] = (signal, { reads, handle, batchOf }) =>
    hear(signal, (news) => {
      if (!reads(news)) return log.warn('a signal could not be read', { signal });
      const batch = batchOf(news);
      if (batches.includes(batch)) return;
      batches = [...batches.slice(1 - batchesKept), batch];
      messages += 1;
      handle(news);
    });
  void Promise.resolve().then(refuseStrangers);

  return {
    briefly: saving.briefly,
    saved: saving.saved,
    unlessRefused: saving.unlessRefused,
    get current() {
      return held.current;
    },
    apply,
    accepts(updates, answers) {
      for (const type of Object.keys(answers) as (keyof typeof answers)[]) {
        const [action, transition] = answers[type];
        // The name of the update says which ask comes with it.
        accept(updates[type], action, transition as (state: State, why: Asked) => State);
      }
    },
    hears,
    counts(signal) {
      let heard = 0;
      hear(signal, () => (heard += 1));
      return () => heard;
    },
    async settle(work) {
      const result = await saving.briefly(work);
      await saving.saved();
      return result;
    },
    async settled() {
      await condition(allHandlersFinished);
      await saving.saved();
    },
    get mustContinue() {
      return workflowInfo().continueAsNewSuggested || messages >= how.messagesPerRun;
    },
    async continueAsNew(isQuiet = () => true) {
      do {
        await condition(() => allHandlersFinished() && isQuiet());
        await saving.saved();
        // Something may have begun while it was saved.
      } while (!isQuiet());
      return how.again({ state: held.current, receipts, batches });
    },
  };
}

/** A refusal of the domain reaches the caller as a failure of its code; anything else is our own fault. */
const unlessRefused = (command: string, check: () => unknown): void => {
  try {
    check();
  } catch (error) {
    if (error instanceof DomainError) throw refusedCommand(command, error);
    throw error;
  }
};
