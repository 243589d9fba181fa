import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Makes a folder that other users may walk through and not look into: PostgreSQL runs as somebody else where we are
 * root. The umask does not count here. Folders that exist keep their modes.
 */
export function makePassable(folder: string): void {
  const first = mkdirSync(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) chmodSync(made, 0o711);
}

/** Lets everybody read a copied tree, whatever the umask. */
export function makeReadable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755);
    if (entry.isFile()) chmodSync(join(entry.parentPath, entry.name), 0o644);
  }
}
