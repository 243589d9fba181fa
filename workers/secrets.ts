import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { secretVariableOf } from '../domain/identifiers.ts';
import type { Secrets } from '../domain/ports.ts';

/**
 * Secrets by name: `EVENKEEL_SECRET_<NAME>` of the environment, else a file of that name in the secrets folder. Files are
 * read again after ten seconds, so a rotated secret needs no restart. Only catalogue names are looked up, so no path
 * leads out of the folder.
 */
export function createSecrets(folder: string | undefined, environment: Record<string, string | undefined>): Secrets {
  const kept = new LRUCache<string, string>({ max: 1_000, ttl: 10_000 });
  return {
    async get(name) {
      const fromEnvironment = environment[secretVariableOf(name)];
      if (fromEnvironment !== undefined) return fromEnvironment;
      if (folder === undefined || !/^[a-z0-9-]+$/.test(name)) return undefined;
      const known = kept.get(name);
      if (known !== undefined) return known;
      const value = await readFile(join(folder, name), 'utf8').then(
        // Some editors put a byte order mark ahead, which nobody means to be part of a secret.
        (text) => text.replace(/^\uFEFF/, '').trimEnd(),
        () => undefined,
      );
      // What is missing is looked for again at once: somebody may just be putting it there.
      kept.set(name, value);
      return value;
    },
  };
}
