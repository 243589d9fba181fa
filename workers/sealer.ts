import { appendFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Database } from '../storage/database.ts';
import { checkpoint, seal } from '../storage/ledger-seal.ts';
import type { Config } from './config.ts';
import { startLoop } from './loop.ts';
import { loadSigningKey } from './signing-key.ts';

const sealEveryMs = 250;
const checkpointEveryMs = 60_000;

/** Links new ledger entries into the chain and signs its head each minute. One of all processes works at a time. */
export function startSealer(config: Config, db: Database, log: Logger): { stop(): Promise<void> } {
  const { key, keyId } = loadSigningKey(config);
  let signedAt = 0;
  const loop = startLoop(
    'sealer',
    sealEveryMs,
    async () => {
      const sealed = await seal(db);
      if (sealed === 0 && Date.now() - signedAt >= checkpointEveryMs) {
        signedAt = Date.now();
        const made = await checkpoint(db, key, keyId, new Date().toISOString());
        if (made && config.EVENKEEL_CHECKPOINT_FILE !== undefined)
          await appendFile(config.EVENKEEL_CHECKPOINT_FILE, `${JSON.stringify(made)}\n`);
      }
      return sealed;
    },
    log,
  );
  return loop;
}
