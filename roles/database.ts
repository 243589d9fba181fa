import type { Logger } from 'pino';
import { migrate } from '../storage/migrate.ts';
import type { Config } from '../workers/config.ts';
import { untilThere } from '../workers/until-there.ts';

const away = /ECONNREFUSED|ENOENT|timeout|terminated|starting up|shutting down|EAI_AGAIN|ENOTFOUND/;

const isAway = (error: unknown): boolean =>
  error instanceof Error && away.test(`${'code' in error ? String(error.code) : ''} ${error.message}`);

/** Migrates the database. A process may start before its database: it waits, and says so once. */
export async function migrateWhenThere({ DATABASE_URL }: Config, log: Logger, signal: AbortSignal): Promise<void> {
  const onWait = (reason: string): void => log.warn({ reason }, 'waiting for the database');
  for (const name of await untilThere(() => migrate(DATABASE_URL), onWait, signal, isAway))
    log.info({ migration: name }, 'applied');
}
