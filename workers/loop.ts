import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

export interface Loop {
  /** There may be work: do not wait for the next round. */
  wake(): void;
  /** Ends after the round that is under way. */
  stop(): Promise<void>;
}

/**
 * Calls `round` until stopped: again at once while it finds work, else after `idleMs` or a wake. An error is logged and
 * ends the round, not the loop.
 */
export function startLoop(name: string, idleMs: number, log: Logger, round: () => Promise<number>): Loop {
  let isStopping = false;
  let woken = new AbortController();

  const idle = (ms: number): Promise<void> => sleep(ms, undefined, { signal: woken.signal }).catch(() => {});

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!isStopping) {
      woken = new AbortController();
      try {
        const found = await round();
        failures = 0;
        if (found === 0) await idle(idleMs);
      } catch (error) {
        failures += 1;
        if (failures === 1 || failures % 30 === 0) log.warn({ loop: name, failures, err: error }, 'a round failed');
        await idle(Math.min(5_000, 200 * failures));
      }
    }
  };
  const running = run();
  return {
    // A storm wakes it a thousand times a second, and each abort makes an error.
    wake: () => {
      if (!woken.signal.aborted) woken.abort();
    },
    stop: () => {
      isStopping = true;
      woken.abort();
      return running;
    },
  };
}
