import { appendFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Database } from '../storage/database.ts';
import { type Checkpoint, checkpoint, seal } from '../storage/ledger-seal.ts';
import type { Config } from './config.ts';
import { startLoop } from './loop.ts';
import { loadSigningKey } from './signing-key.ts';

const sealEveryMs = 250;
const checkpointEveryMs = 60_000;

/** Links new ledger entries into the chain and signs its head each minute. One of all processes works at a time. */
export function startSealer(config: Config, db: Database, log: Logger): { stop(): Promise<void> } {
  const { key, keyId } = loadSigningKey(config);
  let signedAt = 0;
  /** Signed, and not in the file yet. */
  let unwritten: Checkpoint | undefined;
  return startLoop('sealer', sealEveryMs, log, async () => {
    const sealed = await seal(db);
    // Also while entries never cease to come.
    if (Date.now() - signedAt >= checkpointEveryMs) {
      unwritten ??= await checkpoint(db, key, keyId, new Date().toISOString());
      if (unwritten && config.EVENKEEL_CHECKPOINT_FILE !== undefined)
        await appendFile(config.EVENKEEL_CHECKPOINT_FILE, `${JSON.stringify(unwritten)}\n`);
      unwritten = undefined;
      signedAt = Date.now();
    }
    return sealed;
  });
}
