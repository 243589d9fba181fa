import type { Actor } from '../actor.ts';
import type { LedgerEntry } from '../audit.ts';
import type { Arrival } from '../inbox.ts';
import type { RoutineRun } from './run.ts';

/** What a person has said about a routine beside its document. */
export interface RoutinePause {
  by: Actor;
  at: string;
  reason: string;
}

export interface RoutineState {
  /** Each time until then has its runs; ISO 8601. */
  settledUntil: string;
  paused: RoutinePause | null;
}

/** How a run came out that did not open. */
export interface Ending {
  status: 'failed' | 'skipped' | 'missed';
  why: string;
  at: string;
}

export interface RoutineStore {
  /** What is known of a routine of the catalogue; its times count from when it came there, at most from `at`. */
  state(name: string, at: string): Promise<RoutineState>;
  /** Forgets what is known of a routine that the catalogue has no more; its runs stay. */
  forget(name: string): Promise<void>;
  /** Names of routines that something is known of. */
  known(): Promise<string[]>;
  /** Writes the runs of all times until one, once; false where somebody else has written them meanwhile. */
  settle(
    name: string,
    span: { after: string; until: string },
    runs: readonly RoutineRun[],
    entries: readonly LedgerEntry[],
  ): Promise<boolean>;
  /** Hands over the runs that are to open by then, each once; says in how many milliseconds the next one is to. */
  handOver(name: string, at: string, arrivalOf: (run: RoutineRun) => Arrival): Promise<number | undefined>;
  /** A run, and whether the routine has a newer one for the same place. */
  find(id: string): Promise<(RoutineRun & { isNewest: boolean }) | undefined>;
  /** Writes runs that somebody has ordered, each once. */
  order(runs: readonly RoutineRun[], accepted: string, entry: LedgerEntry): Promise<void>;
  opened(id: string, plan: string): Promise<void>;
  /** Ends a run that did not open; the first end stays. */
  end(id: string, ending: Ending, entry: LedgerEntry): Promise<void>;
  /** Ends the runs whose plans have ended, as those did; so many at most, and says how many. */
  concludeEnded(at: string, entryOf: (run: RoutineRun) => LedgerEntry): Promise<number>;
  /** Runs that are no success and that nobody knows of, or that were to open before then and have not; by routine and time. */
  untold(lateBefore: string): Promise<RoutineRun[]>;
  told(runs: readonly Pick<RoutineRun, 'id' | 'status'>[]): Promise<void>;
}
