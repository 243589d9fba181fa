import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Makes a folder and those above it; `recursive` never returns below folders such as `/proc`. */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(resolve(folder)));
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!isThere(error)) throw error;
  }
}

const isThere = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST';

/** The text of a file that only its owner reads, made with `make` where it is not there yet. */
export function keptFile(path: string, make: () => string): string {
  if (!existsSync(path)) {
    makeFolder(dirname(path));
    // Whole or not at all: another process may look for it, or make it, at this moment.
    const own = `${path}.${randomUUID()}`;
    writeFileSync(own, make(), { mode: 0o600 });
    chmodSync(own, 0o600);
    try {
      linkSync(own, path);
    } catch (error) {
      // Another process made it in the meantime: that one counts.
      if (!isThere(error)) throw error;
    } finally {
      rmSync(own, { force: true });
    }
  }
  return readFileSync(path, 'utf8');
}
