import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { hasCode } from './system-error.ts';

/**
 * Makes a folder that other users may walk through and not look into: PostgreSQL runs as somebody else where we are
 * root. The umask does not count here. Folders that exist keep their modes.
 */
export function makePassable(folder: string): void {
  for (const made of makeFolder(folder)) chmodSync(made, 0o711);
}

/**
 * Makes a folder and those above it, and returns the ones that were not there. One at a time: where nothing can be made,
 * such as below `/proc`, Node's own way (`recursive`) never returns.
 */
export function makeFolder(folder: string, mode = 0o777): string[] {
  const missing: string[] = [];
  for (let at = resolve(folder); !existsSync(at); at = dirname(at)) missing.unshift(at);
  return missing.filter((each) => {
    try {
      mkdirSync(each, mode);
      return true;
    } catch (error) {
      // Somebody else made it in the meantime.
      if (hasCode(error, 'EEXIST')) return false;
      throw error;
    }
  });
}

/** Lets everybody read a copied tree, whatever the umask. */
export function makeReadable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755);
    if (entry.isFile()) chmodSync(join(entry.parentPath, entry.name), 0o644);
  }
}
