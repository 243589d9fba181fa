import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isRecord, readJsonFile, writeJsonFile } from './json-file.ts';

const portNames = [
  'frontend',
  'frontendHttp',
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
export type Ports = Record<(typeof portNames)[number], number>;

// Below the range from which Linux and macOS take ports for outgoing connections:
// a port from there may be somebody's by the time of the next start.
const lowest = 20_000;
const highest = 32_000;

/** The ports of this state folder: those of the last start, or free ones that are written down for the next. */
export async function portsOf(stateDir: string, { mayMove }: { mayMove: boolean }): Promise<Ports> {
  const file = join(stateDir, 'ports.json');
  const kept = readJsonFile(file, isPorts);
  if (kept && (!mayMove || (await areFree(Object.values(kept))))) return kept;

  const ports = await freePorts();
  writeJsonFile(file, ports);
  return ports;
}

/** Whether somebody could listen on this port now. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

async function freePorts(): Promise<Ports> {
  const taken = new Set<number>();
  const take = async (): Promise<number> => {
    let port: number;
    do port = randomInt(lowest, highest);
    while (taken.has(port) || !(await isFree(port)));
    taken.add(port);
    return port;
  };
  return {
    frontend: await take(),
    frontendHttp: await take(),
    frontendMembership: await take(),
    history: await take(),
    historyMembership: await take(),
    matching: await take(),
    matchingMembership: await take(),
    worker: await take(),
    workerMembership: await take(),
    temporalUi: await take(),
  };
}

async function areFree(ports: number[]): Promise<boolean> {
  return (await Promise.all(ports.map((port) => isFree(port)))).every(Boolean);
}

const isPorts = (value: unknown): value is Ports =>
  isRecord(value) && portNames.every((name) => Number.isInteger(value[name]));
