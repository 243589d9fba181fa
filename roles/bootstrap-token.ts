import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { evenkeel } from '../domain/actor.rules.ts';
import { DomainError } from '../domain/errors.ts';
import type { Config } from '../workers/config.ts';
import { makeFolder } from '../workers/kept-file.ts';
import type { Stores } from '../workers/ports.ts';

const validForMs = 365 * 86_400_000;
/** There is one, whoever makes it. */
const firstTokenId = '00000000-0000-4000-8000-000000000001';

/** The first start makes one admin token and keeps it where only its owner reads it. It never approves anything. */
export const ensureBootstrapToken = async ({ EVENKEEL_STATE_DIR }: Config, tokens: Stores['tokens']): Promise<void> => {
  if (EVENKEEL_STATE_DIR === undefined || (await tokens.hasBootstrap())) return;
  const path = join(EVENKEEL_STATE_DIR, 'admin-token');
  const now = Date.now();
  const expiresAt = new Date(now + validForMs).toISOString();
  const ask = { kind: 'bootstrap', holder: 'admin', scope: 'admin', expiresAt } as const;
  const made = await tokens.create(firstTokenId, ask, evenkeel, new Date(now).toISOString()).catch((error: unknown) => {
    // Another process that starts at this moment has made it.
    if (error instanceof DomainError && error.code === 'conflict') return undefined;
    throw error;
  });
  if (!made) return;
  makeFolder(EVENKEEL_STATE_DIR);
  writeFileSync(path, `${made.secret}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
  // Without a terminal a log would keep the secret: the file alone has it.
  process.stdout.write(
    process.stdout.isTTY
      ? `admin token (shown once, kept in ${path}): ${made.secret}\n`
      : `the admin token is in ${path}\n`,
  );
};
