import { access, constants, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fill } from '../../domain/catalogue/placeholder.ts';
import { milliseconds } from '../../domain/duration.ts';
import type { EffectResult } from '../../domain/ports.ts';
import type { Executor } from './executor.ts';
import { run } from './program.ts';

/**
 * Runs a program of the programs folder, never through a shell, with an environment of its own. The key stands in
 * `EVENKEEL_IDEMPOTENCY_KEY`.
 */
export const executeCommand: Executor<'command'> = async ({ program, arguments: template, grace }, execution) => {
  const { programsFolder, values } = execution;
  const refused = (detail: string): EffectResult => ({ ok: false, detail, neverSent: true });
  if (programsFolder === undefined) return refused('no programs folder is set (EVENKEEL_PROGRAMS_DIR)');
  const path = await programIn(programsFolder, program);
  if (path === undefined) return refused(`the programs folder has no program ${program} that may be run`);
  const filled = template.map((text) => fill(text, values));
  const stray = template.find((text, at) => isChosenOutside.test(text) && isOption(filled[at]!));
  if (stray !== undefined)
    return refused(`the value of ${stray} begins with a hyphen, and ${program} would take it for an option`);
  return run(path, filled, { ...execution, graceMs: milliseconds(grace) });
};

/** What an argument begins with that the catalogue does not say. */
const isChosenOutside = /^\{\{\s*(?!environment\.)/;

/** Whoever requests a plan or reports a deployment chooses values, and no options; a negative number is none. */
const isOption = (text: string): boolean => /^-(?!\d+(?:\.\d+)?$)/.test(text);

/** The program's real path, unless a link leads out of the folder or nobody may execute it. */
export const programIn = async (folder: string, program: string): Promise<string | undefined> => {
  try {
    const [root, path] = await Promise.all([realpath(folder), realpath(join(folder, program))]);
    await access(path, constants.X_OK);
    return dirname(path) === root ? path : undefined;
  } catch {
    return undefined;
  }
};
