import { readFileSync, renameSync, writeFileSync } from 'node:fs';

export type JsonRecord = Record<string, unknown>;

export const isRecord = (value: unknown): value is JsonRecord => typeof value === 'object' && value !== null;

/** What a file holds; undefined if it is missing, torn or something else than `fits` asks for. */
export function readJsonFile<Content>(file: string, fits: (value: unknown) => value is Content): Content | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return fits(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a file that only its owner may read; a reader sees the old content or the new, never half of it. */
export function writeJsonFile(file: string, content: object): void {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, JSON.stringify(content, null, 2), { mode: 0o600 });
  renameSync(unfinished, file);
}
