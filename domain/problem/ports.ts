import type { LedgerEntry } from '../audit.ts';
import type { Course } from './duration-effect.rules.ts';
import type { KnownError } from './known-error.ts';
import type { SavedBy } from '../ports.ts';
import type { Problem, ProblemCommission } from '../problem.ts';

export interface ProblemStore {
  find(
    number: number,
  ): Promise<
    | { record: Problem | null; workflowId: string; team: string; commission: ProblemCommission; openedAt: string }
    | undefined
  >;
  /** What the problem was opened for, which never changes. */
  openedFor(number: number): Promise<ProblemCommission | undefined>;
  /** Saves the record and its ledger entries in one transaction; where a lost worker has saved other states, returns up to which revision. */
  save(record: Problem, entries: LedgerEntry[], by: SavedBy): Promise<number | undefined>;
  /** Opens what somebody or something has asked for, once; says which it is. Of a pattern one is open at a time: the other way round, says which that is. */
  open(
    triggerKey: string,
    opening: (number: number) => { commission: ProblemCommission; entry: LedgerEntry },
    pattern?: string,
  ): Promise<number>;
  /** What open problems have published, the latest first; nothing of what is private. */
  knownErrors(): Promise<{ number: number; team: string; owner: string | null; knownError: KnownError }[]>;
  /** How often its workaround was applied, and has restored service. */
  useOf(number: number, runbook: string | undefined): Promise<{ applied: number; restored: number }>;
  /** When each of its incidents was opened, felt, noticed and mitigated, without drills and what was cancelled. */
  incidentCourses(number: number): Promise<Course[]>;
}
