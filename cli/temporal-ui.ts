import { once } from 'node:events';
import { startTemporalUi } from '../embedded/temporal-ui.ts';
import { CommandFailure } from './failure.ts';
import { readRun, stateDir as usualStateDir } from './state.ts';

/** `evenkeel temporal-ui`: runs until Ctrl-C, and returns the exit code. Fails with code 3 where nothing is started here. */
export async function temporalUi(stateDir = usualStateDir()): Promise<number> {
  const run = readRun(stateDir);
  if (!run) throw new CommandFailure(3, `Evenkeel is not started in ${stateDir}`);
  const asked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => asked.abort());
  try {
    const { signal } = asked;
    const ui = await startTemporalUi({ stateDir, say: console.log, signal, codec: `${run.address}/v1/codec` });
    console.log(
      `Temporal UI: ${ui.url}\nWhile it runs, everybody on this machine can see which workflows there are. Ctrl-C stops it.`,
    );
    if (!signal.aborted) await once(signal, 'abort');
    await ui.stop();
    return 0;
  } catch (error) {
    if (asked.signal.aborted) return 0;
    throw new CommandFailure(1, error instanceof Error ? error.message : String(error), { cause: error });
  }
}
