import { globSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonFile, writeJsonFile } from './json-file.ts';
import { isAlive, type ProcessMark } from './process.ts';

/** What is left on disk about a running child, enough for the next supervisor to adopt it, or to stop it. */
export interface PidFile extends ProcessMark {
  name: string;
  /** What it was started with: a child started with something else is not adopted. */
  fingerprint: string;
  /** Started in this order, stopped in the reverse. */
  order: number;
  stopSignals: NodeJS.Signals[];
  stopWithinMs: number;
}

const folderIn = (stateDir: string): string => join(stateDir, 'pids');
const fileIn = (stateDir: string, name: string): string => join(folderIn(stateDir), `${name}.json`);

export function writePidFile(stateDir: string, content: PidFile): void {
  mkdirSync(folderIn(stateDir), { recursive: true });
  writeJsonFile(fileIn(stateDir, content.name), content);
}

export function removePidFile(stateDir: string, name: string): void {
  rmSync(fileIn(stateDir, name), { force: true });
}

/** The child of this name, if it still lives. */
export function livingChild(stateDir: string, name: string): PidFile | undefined {
  const content = readJsonFile<PidFile>(fileIn(stateDir, name), ['pid', 'startedAt', 'fingerprint', 'stopSignals']);
  return content && isAlive(content) ? content : undefined;
}

/** All children in this state folder that still live, in the order in which they were started. */
export function livingChildren(stateDir: string): PidFile[] {
  return globSync('*.json', { cwd: folderIn(stateDir) })
    .flatMap((file) => livingChild(stateDir, file.slice(0, -'.json'.length)) ?? [])
    .toSorted((one, other) => one.order - other.order);
}
