import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { Actor } from '../../domain/actor.ts';
import { evenkeel } from '../../domain/actor.rules.ts';
import type { LedgerAction, LedgerEntry } from '../../domain/audit.ts';
import { entryKeyOf } from '../../domain/identifiers.ts';
import type { SavedBy } from '../../domain/ports.ts';
import type { Reference } from '../../domain/reference.ts';
import { refusalOf } from '../refusal.ts';
import { now } from '../time.ts';

/** Why the record changed: who did what, for the ledger. */
export interface Cause {
  by: Actor;
  at: string;
  action: LedgerAction;
  reason?: string;
  detail?: Record<string, unknown>;
}

/** What the entries of the ledger are about, and the record that it belongs to. */
export interface EntryScope {
  subject: string;
  belongsTo: Reference;
}

/** A record with a revision, as its workflow holds it. */
export interface Held<State> {
  current: State;
}

/**
 * Writes the newest state with everything that led to it, for as long as it takes. Answers with the revision up to which
 * another path was saved, if one was: a worker that is lost may have saved what Temporal never heard of.
 */
export type Save<State> = (state: State, entries: LedgerEntry[], by: SavedBy) => Promise<number | undefined>;

export interface Saving {
  /** Notes what led to this revision of the record. */
  note(rev: number, cause: Cause): void;
  /** Somebody waits to see what happened: it is saved however long our own work takes. */
  hurry(): void;
  /** Waits for short work of our own; earlier changes are saved together with its result. */
  briefly<Result>(work: Promise<Result>): Promise<Result>;
  /** Resolves when all that happened so far can be read in PostgreSQL. */
  saved(): Promise<void>;
  /** The result of the work; rejects at once when the database refuses the record, which is over for this workflow then. */
  unlessRefused<Result>(work: Promise<Result>): Promise<Result>;
}

/** Keeps the copy of a record in PostgreSQL up to date, revision by revision. */
export function keepSaved<State extends { rev: number }>(
  held: Held<State>,
  save: Save<State>,
  { subject, belongsTo }: EntryScope,
): Saving {
  const { workflowId, runId } = workflowInfo();
  let unsaved: LedgerEntry[] = [];
  let isAwaited = false;
  let briefWork = 0;

  const entryOf = (rev: number, { by, ...cause }: Cause): LedgerEntry => ({
    ...cause,
    key: entryKeyOf(workflowId, rev),
    actor: by,
    subject,
    belongsTo,
  });

  /** What a lost worker saved stays in the ledger; this path goes on behind it, and says so. */
  const takeOver = (lost: number): void => {
    const first = held.current.rev - unsaved.length + 1;
    const reason = `revisions ${first} to ${lost} were saved by a worker that was lost; they did not come to pass`;
    const told = entryOf(lost + 1, { by: evenkeel, at: now(), action: 'history.taken-over', reason });
    held.current = { ...held.current, rev: lost + 1 + unsaved.length };
    unsaved = [told, ...unsaved.map((entry, at) => ({ ...entry, key: entryKeyOf(workflowId, lost + 2 + at) }))];
  };

  // A database that is away holds up the copy, not the commands.
  const saveInOrder = async (): Promise<void> => {
    for (;;) {
      await condition(() => unsaved.length > 0 && (isAwaited || briefWork === 0));
      // More may be added while these are written.
      const entries = [...unsaved];
      const lost = await save(held.current, entries, { runId, at: Date.now() });
      if (lost === undefined) unsaved = unsaved.slice(entries.length);
      else takeOver(lost);
      if (unsaved.length === 0) isAwaited = false;
    }
  };
  let refuse: (refusal: unknown) => void;
  const refused = new Promise<never>((_, reject) => (refuse = reject));
  refused.catch(() => undefined);
  // Nothing cancels it. It starts after the first synchronous stretch of the workflow, so that brief work of then delays
  // the first save.
  void CancellationScope.nonCancellable(() => Promise.resolve().then(saveInOrder)).catch((error: unknown) => {
    if (refusalOf(error) === undefined) throw error;
    refuse(error);
  });

  return {
    note: (rev, cause) => void unsaved.push(entryOf(rev, cause)),
    hurry: () => void (isAwaited = true),
    async briefly(work) {
      briefWork += 1;
      try {
        return await work;
      } finally {
        briefWork -= 1;
      }
    },
    unlessRefused: (work) => Promise.race([work, refused]),
    async saved() {
      if (unsaved.length === 0) return;
      isAwaited = true;
      await condition(() => unsaved.length === 0);
    },
  };
}
