import { CancellationScope, condition } from '@temporalio/workflow';
import type { LedgerEntry } from '../domain/audit.ts';

export interface Saving {
  /** Saves once for all that happens until the workflow waits for somebody else; otherwise after each change. */
  savesWhenIdle: boolean;
  worksLocally: boolean;
}

export interface Saver {
  /** Something happened that has to be saved, sooner or later. */
  add(entry: LedgerEntry): void;
  /** Somebody waits to see it: it is saved however long our own work takes. */
  want(): void;
  /** Waits for short work of our own; what happened before is saved with what comes of it. */
  briefly<Result>(work: Promise<Result>): Promise<Result>;
  /** Resolves when all that happened so far can be read in PostgreSQL. */
  saved(): Promise<void>;
}

/**
 * Keeps the copy in PostgreSQL up to date, in order. `save` takes the record as it is, with all that led to it; it answers
 * with a revision when another path than this one has been saved up to there, and `takeOver` numbers the entries behind it.
 */
export function createSaver(
  save: (entries: LedgerEntry[]) => Promise<number | undefined>,
  takeOver: (lost: number, entries: LedgerEntry[]) => LedgerEntry[],
  { savesWhenIdle, worksLocally }: Saving,
  first: readonly LedgerEntry[],
): Saver {
  let unsaved = [...first];
  let isSaving = false;
  let isWanted = false;
  let brief = 0;
  const isDue = (): boolean => unsaved.length > 0 && (isWanted || brief === 0 || !savesWhenIdle);

  // A database that is away holds up the copy, not the commands.
  const saveInOrder = async (): Promise<void> => {
    // What runs at this moment may go on to work of our own.
    if (worksLocally) await Promise.resolve();
    for (;;) {
      await condition(isDue);
      // More may be added while these are written.
      const entries = [...unsaved];
      const lost = await save(entries);
      unsaved = lost === undefined ? unsaved.slice(entries.length) : takeOver(lost, unsaved);
      if (unsaved.length === 0) isWanted = false;
    }
  };
  const begin = (): void => {
    if (isSaving) return;
    isSaving = true;
    // Nothing cancels it, and what is refused for good fails the workflow task, where it is seen.
    void CancellationScope.nonCancellable(saveInOrder);
  };
  if (!savesWhenIdle) begin();

  return {
    add(entry) {
      unsaved.push(entry);
      begin();
    },
    want() {
      isWanted = true;
    },
    async briefly(work) {
      brief += 1;
      try {
        return await work;
      } finally {
        brief -= 1;
      }
    },
    async saved() {
      if (unsaved.length === 0) return;
      isWanted = true;
      begin();
      await condition(() => unsaved.length === 0);
    },
  };
}
