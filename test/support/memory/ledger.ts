import type { LedgerEntry } from '../../../domain/audit.ts';

export interface MemoryLedger {
  append(entries: readonly LedgerEntry[]): void;
  keys(): string[];
}

export const createMemoryLedger = (): MemoryLedger => {
  const kept = new Map<string, LedgerEntry>();
  return {
    append: (entries) => entries.forEach((entry) => kept.has(entry.key) || kept.set(entry.key, entry)),
    keys: () => [...kept.keys()],
  };
};
