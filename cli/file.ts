import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailure } from './failure.ts';

/** The text of a file that somebody named, without the byte order mark that some editors put ahead. */
export const textOfFile = (path: string): string => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
    if (!text.includes('\0')) return text;
  } catch (cause) {
    if (isMissing(cause)) throw new CommandFailure(2, `there is no file ${path}`, { cause });
    if (!(cause instanceof TypeError)) throw new CommandFailure(2, `${path} cannot be read`, { cause });
  }
  throw new CommandFailure(2, `${path} is not UTF-8 text`);
};

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** The files that were named and those in the folders that were named, each once, by name. */
export function filesUnder(paths: readonly string[]): string[] {
  const files = paths.flatMap((path) => {
    if (path === '-') return [path];
    const kind = statSync(path, { throwIfNoEntry: false });
    if (!kind) throw new CommandFailure(2, `there is no file ${path}`);
    if (!kind.isDirectory()) return [path];
    const found = globSync('**/*.{yaml,yml,json}', { cwd: path, exclude: isHidden });
    if (found.length === 0) throw new CommandFailure(2, `${path} has no *.yaml, *.yml or *.json`);
    return found.map((file) => join(path, file)).filter((file) => statSync(file).isFile());
  });
  return [...new Set(files)].toSorted();
}

const isHidden = (name: string): boolean => /(?:^|\/)(?:\.[^/.]|node_modules$)/.test(name);
