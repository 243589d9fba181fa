import { once } from 'node:events';
import { startTemporalUi } from '../../embedded/temporal-ui.ts';
import type { Api } from '../api.ts';
import { CommandFailure } from '../failure.ts';
import { readRun, stateDir as usualStateDir } from '../state.ts';
import { startCodecDoor } from './codec-door.ts';

/** `evenkeel temporal-ui`: runs until Ctrl-C, and returns the exit code. Fails with code 3 where nothing is started here. */
export async function temporalUi(api: Api, stateDir = usualStateDir()): Promise<number> {
  if (!readRun(stateDir)) throw new CommandFailure(3, `Evenkeel is not started in ${stateDir}`);
  const asked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => asked.abort());
  const door = await startCodecDoor((payloads) => api.post('/v1/codec/decode', payloads));
  try {
    const { signal } = asked;
    const ui = await startTemporalUi({ stateDir, say: console.log, signal, codec: door.url });
    console.log(`Temporal UI: ${door.openFor(ui.url)}`);
    console.log(
      'Open this link: it lets your browser, and no other, read payloads. Which workflows there are, everybody',
    );
    console.log('on this machine can see while it runs. Ctrl-C stops it.');
    if (!signal.aborted) await once(signal, 'abort');
    await ui.stop();
    return 0;
  } catch (error) {
    if (asked.signal.aborted) return 0;
    throw new CommandFailure(1, error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    door.stop();
  }
}
