import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { migrate } from '../storage/migrate.ts';
import type { Config } from '../workers/config.ts';

const away = /ECONNREFUSED|ENOENT|timeout|terminated|starting up|shutting down|EAI_AGAIN|ENOTFOUND/;

/** Migrates the database. A process may start before its database: it waits, and says so once. */
export async function migrateWhenThere({ DATABASE_URL }: Config, log: Logger, signal: AbortSignal): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      for (const name of await migrate(DATABASE_URL)) log.info({ migration: name }, 'applied');
      return;
    } catch (error) {
      const isAway =
        error instanceof Error && away.test(`${'code' in error ? String(error.code) : ''} ${error.message}`);
      if (!isAway || signal.aborted) throw error;
      if (tries === 0) log.warn({ reason: error.message }, 'waiting for the database');
      await sleep(1_000);
    }
  }
}
