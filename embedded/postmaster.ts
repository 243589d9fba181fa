import { readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { allProcesses, commandLineOf, workingDirectoryOf } from './process.ts';

const lockFile = (dataDir: string): string => join(dataDir, 'postmaster.pid');

/** The pid of the PostgreSQL server that runs on this data folder, if one does. */
export function postmasterOf(dataDir: string): number | undefined {
  const pid = lockOf(dataDir)?.pid;
  return pid && commandLineOf(pid).includes(`-D ${dataDir} `) ? pid : undefined;
}

/** Whether the server on this data folder takes connections. */
export const takesConnections = (dataDir: string): boolean =>
  postmasterOf(dataDir) !== undefined && lockOf(dataDir)?.status === 'ready';

/**
 * PostgreSQL refuses to start while the pid in its lock exists, even if that is another program by now, or a zombie.
 * The lock goes, unless a backend of the dead server still works on the data: then PostgreSQL is right to refuse.
 */
export function forgetDeadPostmaster(dataDir: string): void {
  const lock = lockOf(dataDir);
  if (lock && postmasterOf(dataDir) === undefined && !isWorkedOn(dataDir)) rmSync(lockFile(dataDir));
}

/** Backends go on for a moment without their server; each has the data folder as its working directory. */
function isWorkedOn(dataDir: string): boolean {
  const folder = realpathSync(dataDir);
  return allProcesses().some(({ pid }) => workingDirectoryOf(pid) === folder);
}

/** The lock that a server keeps in its data folder: the first line names it, the eighth how far it got. */
function lockOf(dataDir: string): { pid: number; status: string } | undefined {
  try {
    const lines = readFileSync(lockFile(dataDir), 'utf8').split('\n');
    return { pid: Number(lines[0]), status: lines[7]?.trim() ?? '' };
  } catch {
    return undefined;
  }
}
