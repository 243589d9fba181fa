import { randomUUID } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { evenkeel } from '../domain/actor.rules.ts';
import type { Config } from '../workers/config.ts';
import { makeFolder } from '../workers/kept-file.ts';
import type { Stores } from '../workers/ports.ts';

const validForMs = 365 * 86_400_000;

/** The first start makes one admin token and keeps it where only its owner reads it. It never approves anything. */
export const ensureBootstrapToken = async ({ EVENKEEL_STATE_DIR }: Config, tokens: Stores['tokens']): Promise<void> => {
  if (EVENKEEL_STATE_DIR === undefined || (await tokens.hasBootstrap())) return;
  const path = join(EVENKEEL_STATE_DIR, 'admin-token');
  const now = Date.now();
  const expiresAt = new Date(now + validForMs).toISOString();
  const ask = { kind: 'bootstrap', holder: 'admin', scope: 'admin', expiresAt } as const;
  const { secret } = await tokens.create(randomUUID(), ask, evenkeel, new Date(now).toISOString());
  makeFolder(EVENKEEL_STATE_DIR);
  writeFileSync(path, `${secret}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
  // Without a terminal a log would keep the secret: the file alone has it.
  process.stdout.write(
    process.stdout.isTTY ? `admin token (shown once, kept in ${path}): ${secret}\n` : `the admin token is in ${path}\n`,
  );
};
