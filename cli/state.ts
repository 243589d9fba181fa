import { linkSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { makePassable } from '../embedded/folder.ts';
import { isRecord, readJsonFile, writeJsonFile } from '../embedded/json-file.ts';
import { isAlive, isMark, markOf, type ProcessMark } from '../embedded/process.ts';
import { hasCode } from '../embedded/system-error.ts';
import { CommandFailure } from './failure.ts';

/** Who supervises the processes of a state folder, and where they answer. */
export type Run = {
  supervisor: ProcessMark;
  /** Of the console and the API, such as `http://127.0.0.1:7480`. */
  address: string;
  temporalUiUrl?: string;
  startedAt: string;
};

/** The one folder that holds everything: databases, ports, logs, tokens. */
export function stateDir(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment['EVENKEEL_STATE_DIR']) return resolve(environment['EVENKEEL_STATE_DIR']);
  if (process.getuid?.() === 0) return '/var/lib/evenkeel';
  return join(environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'evenkeel');
}

/** Where the first start leaves the token of the first administrator. */
export const adminTokenFile = (folder: string): string => join(folder, 'admin-token');

const runFile = (folder: string): string => join(folder, 'run.json');

/** The run whose supervisor lives; undefined if nothing is supervised here. */
export function readRun(folder: string): Run | undefined {
  const run = readJsonFile(runFile(folder), isRun);
  return run && isAlive(run.supervisor) ? run : undefined;
}

/** Takes the state folder for this process; fails with code 3 if another one supervises it. */
export function claimRun(folder: string, { address }: Pick<Run, 'address'>): Run {
  const supervisor = markOf(process.pid);
  if (!supervisor) throw new Error('This process cannot find itself');
  const run: Run = { supervisor, address, startedAt: new Date().toISOString() };
  makeStateDir(folder);

  const mine = join(folder, `run.json.claim-${process.pid}`);
  writeJsonFile(mine, run);
  try {
    // A link is made only where nothing is, so of two starts at once one comes second.
    while (!linkedTo(mine, runFile(folder))) {
      const other = readRun(folder);
      if (other) throw new CommandFailure(3, `Evenkeel already runs: ${other.address} (pid ${other.supervisor.pid})`);
      removeStale(folder);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return run;
}

/** Adds what became known after the claim. */
export function updateRun(folder: string, run: Run): void {
  writeJsonFile(runFile(folder), run);
}

/** Gives the state folder free; what another process claimed meanwhile stays. */
export function releaseRun(folder: string): void {
  const run = readJsonFile(runFile(folder), isRun);
  if (!run || run.supervisor.pid === process.pid || !isAlive(run.supervisor)) rmSync(runFile(folder), { force: true });
}

function makeStateDir(folder: string): void {
  try {
    makePassable(folder);
    writeJsonFile(join(folder, '.writable'), {});
    rmSync(join(folder, '.writable'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(1, `The state folder ${folder} cannot be written (${why}): set EVENKEEL_STATE_DIR`, {
      cause,
    });
  }
}

function linkedTo(existing: string, link: string): boolean {
  try {
    linkSync(existing, link);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Removes the claim of a dead supervisor, and puts it back if it turns out to be a new one of somebody faster. */
function removeStale(folder: string): void {
  const aside = join(folder, `run.json.stale-${process.pid}`);
  try {
    renameSync(runFile(folder), aside);
  } catch {
    return;
  }
  const run = readJsonFile(aside, isRun);
  if (run && isAlive(run.supervisor)) linkedTo(aside, runFile(folder));
  rmSync(aside, { force: true });
}

const isRun = (value: unknown): value is Run =>
  isRecord(value) && isMark(value['supervisor']) && typeof value['address'] === 'string';
