import { join } from 'node:path';

/** Parts of Evenkeel; other than `all` they run only beside servers of one's own. */
export type Role = 'all' | 'api' | 'worker' | 'deliverer';

/**
 * How a role's process is started. V8 lets what is young grow before it looks what is needed of it, and keeps that much when all
 * is quiet: a small limit costs processor in a storm of alerts. `docs/performance.md` says what this one costs and saves.
 */
export const roleCommand = (role: Role): { command: string; args: string[] } => ({
  command: process.execPath,
  args: ['--max-semi-space-size=16', join(import.meta.dirname, '..', 'roles', 'main.ts'), role],
});
