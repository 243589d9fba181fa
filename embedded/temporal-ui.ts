import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tlsIn } from './certificates.ts';
import { answersWell } from './http-probe.ts';
import { writeJsonFile } from './json-file.ts';
import { portsOf } from './ports.ts';
import { createSupervisor } from './supervisor.ts';
import { keeperOf, tlsFolder } from './temporal.ts';
import { findTemporal, findTemporalUi, provideTemporalUi } from './temporal-binaries.ts';
import { uiConfig } from './temporal-config.ts';

export interface TemporalUi {
  url: string;
  stop(): Promise<void>;
}

/**
 * Runs Temporal's own web interface beside the Temporal of this state folder, until it is stopped. It knows no login:
 * while it runs, whoever is on this machine can look, though payloads stay sealed. So nobody starts it but on demand.
 * Rejects where there is none and none can be built.
 */
export async function startTemporalUi(options: {
  stateDir: string;
  say: (line: string) => void;
  signal: AbortSignal;
  /** Which endpoint opens payloads for the browser. */
  codec: string;
}): Promise<TemporalUi> {
  const { stateDir, say, signal, codec } = options;
  const binaries = await findTemporal(keeperOf(stateDir));
  if (binaries.kind !== 'server') throw new Error('only a Temporal server of our own has a web interface beside it');
  const found = await findTemporalUi(binaries.folder);
  if (!found) throw new Error('Temporal UI cannot be had: there is no Go to build it');
  const program = await provideTemporalUi(found, { say, signal });
  signal.throwIfAborted();

  const ports = await portsOf(stateDir, { mayMove: false });
  const folder = join(stateDir, 'temporal-ui');
  mkdirSync(join(folder, 'config'), { recursive: true, mode: 0o700 });
  const config = uiConfig({ ports, tls: tlsIn(tlsFolder(stateDir)).client, codec });
  writeJsonFile(join(folder, 'config', 'evenkeel.yaml'), config);
  const url = `http://127.0.0.1:${ports.temporalUi}`;
  const supervisor = createSupervisor({ stateDir, say });
  await supervisor.run({
    name: 'temporal-ui',
    command: program,
    args: ['--root', folder, '--env', 'evenkeel', 'start'],
    settings: config,
    stopSignals: ['SIGTERM'],
    stopWithinMs: 1000,
    ready: () => answersWell(url),
    readyWithinMs: 30_000,
  });
  return { url, stop: supervisor.stop };
}
