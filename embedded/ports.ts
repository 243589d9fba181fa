import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { readJsonFile, writeJsonFile } from './json-file.ts';

const names = [
  'frontend',
  'frontendMembership',
  'history',
  'historyMembership',
  'matching',
  'matchingMembership',
  'worker',
  'workerMembership',
  'temporalUi',
] as const;

/** Every port that the local servers listen on; all of them on loopback. */
export type Ports = Record<(typeof names)[number], number>;

// Below the range from which Linux and macOS take ports for outgoing connections:
// a port from there may be somebody's by the time of the next start.
const lowest = 20_000;
const highest = 32_000;

/** The ports of this state folder: those of the last start, or free ones that are written down for the next. */
export async function portsOf(stateDir: string, { mayMove }: { mayMove: boolean }): Promise<Ports> {
  const file = join(stateDir, 'ports.json');
  const kept = readJsonFile<Ports>(file, names);
  if (kept && !mayMove) return kept;
  if (kept && (await Promise.all(Object.values(kept).map((port) => isFree(port)))).every(Boolean)) return kept;

  const taken = new Set<number>();
  while (taken.size < names.length) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) taken.add(port);
  }
  const free = [...taken];
  const ports = Object.fromEntries(names.map((name, at) => [name, free[at]])) as Ports;
  writeJsonFile(file, ports);
  return ports;
}

/** Whether somebody could listen on this port now. */
export const isFree = async (port: number): Promise<boolean> => (await whyNotFree(port)) === undefined;

/** The code of the error with which nobody could listen there now; undefined where somebody could. */
export function whyNotFree(port: number, host = '127.0.0.1'): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
