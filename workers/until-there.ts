import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Does what needs a server that may start later than we do: a try a second for as long as what fails `isPassing`; `onWait`
 * hears of the first failure. Throws the last one once `signal` has aborted.
 */
export async function untilThere<Result>(
  work: () => Promise<Result>,
  onWait: (reason: string) => void,
  signal: AbortSignal,
  isPassing: (error: unknown) => boolean = () => true,
): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || signal.aborted) throw error;
      if (tries === 0) onWait(error instanceof Error ? error.message : 'unknown');
      await sleep(1_000);
    }
  }
}
