import { linkSync, renameSync, rmSync } from 'node:fs';
import { readJsonFile, writeJsonFile } from './json-file.ts';
import { isAlive, type ProcessMark } from './process.ts';
import { hasCode } from './system-error.ts';

/** What is written in a file that one process holds at a time. */
export interface Claim {
  supervisor: ProcessMark;
}

/** The claim of a process that lives; one of a dead process counts for nothing. */
export function livingClaim<Content extends Claim>(
  file: string,
  fields: readonly (keyof Content)[],
): Content | undefined {
  const claim = readJsonFile<Content>(file, fields);
  return claim && isAlive(claim.supervisor) ? claim : undefined;
}

/** Takes a file for a process; returns the claim of another one instead, if that holds it. */
export function claimFile<Content extends Claim>(file: string, content: Content): Content | undefined {
  const mine = `${file}.claim-${process.pid}`;
  writeJsonFile(mine, content);
  try {
    // A link is made only where nothing is, so of two at once one comes second.
    while (!isLinked(mine, file)) {
      const other = livingClaim<Content>(file, ['supervisor']);
      if (other) return other;
      removeStale(file);
    }
    return undefined;
  } finally {
    rmSync(mine, { force: true });
  }
}

function isLinked(existing: string, link: string): boolean {
  try {
    linkSync(existing, link);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Removes the claim of a dead process, and puts it back if it turns out to be a new one of somebody faster. */
function removeStale(file: string): void {
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (livingClaim<Claim>(aside, ['supervisor'])) isLinked(aside, file);
  rmSync(aside, { force: true });
}
