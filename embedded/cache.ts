import { linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJsonFile } from './json-file.ts';
import { isAlive, isMark, markOf } from './process.ts';
import { hasCode } from './system-error.ts';

/** Who waits for something that takes a while: where lines for a person go, and what gives up. */
export interface Patience {
  say: (line: string) => void;
  signal: AbortSignal;
}

/** One folder of the user for all state folders. */
export const cacheFolder = (): string => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'evenkeel');

/**
 * Makes something in a folder of the cache, one process at a time: `make` gets an empty folder beside the place where
 * the result is to be moved. What a process left behind that was killed is removed before.
 */
export async function makeOnce(
  folder: string,
  name: string,
  { say, signal }: Patience,
  make: (unfinished: string) => Promise<void>,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const unlock = await lock(join(folder, `.${name}.lock`), {
    say: () => say(`Another start makes ${name}: waiting`),
    signal,
  });
  const remove = (): void => {
    for (const left of readdirSync(folder)) {
      if (left.startsWith(`.${name}-`)) rmSync(join(folder, left), { recursive: true, force: true });
    }
  };
  try {
    remove();
    const unfinished = join(folder, `.${name}-${process.pid}`);
    mkdirSync(unfinished);
    await make(unfinished);
  } finally {
    remove();
    unlock();
  }
}

/** The lock of a process that died counts for nothing. */
async function lock(file: string, waiting: { say: () => void; signal: AbortSignal }): Promise<() => void> {
  let said = false;
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(markOf(process.pid)));
  try {
    for (;;) {
      waiting.signal.throwIfAborted();
      try {
        linkSync(mine, file);
        return () => rmSync(file, { force: true });
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
      }
      if (!holderLives(file)) {
        rmSync(file, { force: true });
        continue;
      }
      if (!said) waiting.say();
      said = true;
      await sleep(500, undefined, { signal: waiting.signal });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function holderLives(file: string): boolean {
  const holder = readJsonFile(file, isMark);
  return holder !== undefined && isAlive(holder);
}
