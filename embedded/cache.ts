import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { claimFile } from './claim.ts';
import { makeFolder } from './folder.ts';
import { ownMark } from './process.ts';

/** How something that takes a while says how it goes, and is given up. */
export interface Control {
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
  { say, signal }: Control,
  make: (unfinished: string) => Promise<void>,
): Promise<void> {
  makeFolder(folder);
  const lock = join(folder, `.${name}.lock`);
  for (let said = false; claimFile(lock, { supervisor: ownMark() }); said = true) {
    if (!said) say(`Another start makes ${name}: waiting`);
    await sleep(500, undefined, { signal });
  }
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
    rmSync(lock, { force: true });
  }
}
