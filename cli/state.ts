import { rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Claim, claimFile, livingClaim } from '../embedded/claim.ts';
import { makePassable } from '../embedded/folder.ts';
import { readJsonFile, writeJsonFile } from '../embedded/json-file.ts';
import { isAlive, ownMark } from '../embedded/process.ts';
import { CommandFailure } from './failure.ts';
import { inShell } from './print.ts';

/** Who supervises the processes of a state folder, and where they answer. */
export interface Run extends Claim {
  /** Of the console and the API, such as `http://127.0.0.1:7480`. */
  address: string;
  startedAt: string;
}

/** The one folder that holds everything: databases, ports, logs, tokens. */
export function stateDir(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment['EVENKEEL_STATE_DIR']) return resolve(environment['EVENKEEL_STATE_DIR']);
  if (process.getuid?.() === 0) return '/var/lib/evenkeel';
  return join(environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'evenkeel');
}

/** What finds this folder in another terminal; undefined where nothing has to be set. */
export const settingFor = (folder: string, environment: NodeJS.ProcessEnv = process.env): string | undefined =>
  folder === stateDir({ ...environment, EVENKEEL_STATE_DIR: '' })
    ? undefined
    : `export EVENKEEL_STATE_DIR=${inShell(folder)}`;

/** Where secrets are read from: a folder of the operator's own, or the one in the state folder. */
export const secretsFolder = (folder: string, environment: NodeJS.ProcessEnv = process.env): string =>
  environment['EVENKEEL_SECRETS_DIR'] || join(folder, 'secrets');

/** Where the first start leaves the token of the first administrator. */
export const adminTokenFile = (folder: string): string => join(folder, 'admin-token');

const runFile = (folder: string): string => join(folder, 'run.json');

/** The run whose supervisor lives; undefined if nothing is supervised here. */
export const readRun = (folder: string): Run | undefined =>
  livingClaim<Run>(runFile(folder), ['supervisor', 'address']);

/** Takes the state folder for this process; fails with code 3 if another one supervises it. */
export function claimRun(folder: string, { address }: Pick<Run, 'address'>): Run {
  const run: Run = { supervisor: ownMark(), address, startedAt: new Date().toISOString() };
  makeStateDir(folder);
  const other = claimFile(runFile(folder), run);
  if (other) throw alreadyRuns(other);
  return run;
}

export const alreadyRuns = ({ address, supervisor }: Pick<Run, 'address' | 'supervisor'>): CommandFailure =>
  new CommandFailure(3, `Evenkeel already runs: ${address} (pid ${supervisor.pid})`);

/** Gives the state folder free; what another process claimed meanwhile stays. */
export function releaseRun(folder: string): void {
  const run = readJsonFile<Run>(runFile(folder), ['supervisor']);
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
