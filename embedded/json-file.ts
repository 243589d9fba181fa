import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** What we wrote to a file; undefined if it is missing, torn, or lacks one of these fields, as another version might. */
export function readJsonFile<Content extends object>(
  file: string,
  fields: readonly (keyof Content)[],
): Content | undefined {
  try {
    const content = JSON.parse(readFileSync(file, 'utf8')) as Content;
    return fields.every((field) => content[field] !== undefined) ? content : undefined;
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
