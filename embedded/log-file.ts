import { copyFileSync, existsSync, mkdirSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hasCode } from './system-error.ts';

const limitBytes = 10 * 1024 * 1024;

/** Where the output of a child goes. */
export const logFile = (stateDir: string, name: string): string => join(stateDir, 'logs', `${name}.log`);

/** Opens a log for appending, which is what lets `capLog` empty it under a running child. */
export function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  capLog(file);
  return openSync(file, 'a', 0o600);
}

/** Moves a log above 10 MB aside, to `<file>.1`; the child goes on writing into the emptied file. */
export function capLog(file: string): void {
  try {
    if (statSync(file).size <= limitBytes) return;
    copyFileSync(file, `${file}.1`);
    truncateSync(file);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

/** The last lines of a log, for an error message; empty if there is none. */
export const lastLines = (file: string): string =>
  existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n') : '';
