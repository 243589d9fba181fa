import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

/** Most time that one part gets to stop. */
const stopWithinMs = 8_000;

export interface Shutdown {
  /** Aborted when the process begins to stop. */
  signal: AbortSignal;
  /** To be stopped before everything that was added earlier. */
  add(name: string, stop: () => Promise<void>): void;
  /** Stops what was added, the last first, and ends the process. A second call changes nothing. */
  begin(code: number): void;
}

/** Stops this process in order, on SIGINT and SIGTERM too. */
export function createShutdown(log: Logger): Shutdown {
  const parts: { name: string; stop: () => Promise<void> }[] = [];
  const aborting = new AbortController();
  const run = async (code: number): Promise<void> => {
    if (aborting.signal.aborted) return;
    aborting.abort();
    for (const { name, stop } of parts.toReversed()) {
      await Promise.race([stop(), sleep(stopWithinMs)]).catch((err: unknown) =>
        log.warn({ err, name }, 'could not be stopped in order'),
      );
    }
    process.exit(code);
  };
  const begin = (code: number): void => void run(code);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => begin(0));
  return { signal: aborting.signal, add: (name, stop) => void parts.push({ name, stop }), begin };
}
