import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Command, CommanderError } from 'commander';
import { createProgram } from '../../cli/program.ts';
import type { Session } from '../../cli/session.ts';

/** The words of a line as a shell has them; the shell can start nothing else. */
export const wordsIn = (line: string): string[] => {
  const { stdout } = spawnSync(
    '/bin/sh',
    ['-c', `evenkeel() { for word; do printf '%s\\0' "$word"; done; }; ${line}`],
    {
      encoding: 'utf8',
      env: { PATH: '' },
    },
  );
  return stdout.split('\0').slice(0, -1);
};

/** A line of code on a page, and where it stands. */
export interface CodeLine {
  at: string;
  text: string;
}

/** The lines of a page's fenced blocks in these languages. */
export function fencedLines(page: string, languages: readonly string[]): CodeLine[] {
  let language: string | undefined;
  return readFileSync(page, 'utf8')
    .split('\n')
    .flatMap((text, index) => {
      const fence = /^ *```(\w*)$/.exec(text);
      if (fence) language = language === undefined ? fence[1] : undefined;
      return fence || language === undefined || !languages.includes(language)
        ? []
        : [{ at: `${page}:${index + 1}`, text }];
    });
}

/** What a page names between single backticks in its text: often without the arguments. */
export const inlineCommands = (page: string): CodeLine[] =>
  readFileSync(page, 'utf8')
    .split('\n')
    .flatMap((line, index) =>
      Array.from(line.matchAll(/`(evenkeel [^`]+)`/g), ([, text = '']) => ({ at: `${page}:${index + 1}`, text })),
    );

/** `evenkeel` by any of its names, then its words: up to where the shell ends the command. */
const invocation = /(?:(?:^|[\s(])evenkeel|\/(?:evenkeel\.mjs|main\.ts))(?= )((?:"[^"]*"|'[^']*'|[^"'|;&()<>#\n])+)/g;

/** Each `evenkeel …` of a line; a placeholder such as `<plan>` stands for one word. */
export const commandsOf = ({ at, text }: CodeLine): CodeLine[] =>
  Array.from(text.replaceAll(/<[^<>]+>/g, 'x').matchAll(invocation), ([, words = '']) => ({
    at,
    text: `evenkeel${words}`,
  }));

/** What the command line does not understand of these words; nothing is run. */
export async function usageFault(words: readonly string[]): Promise<string | undefined> {
  const program = createProgram({} as Session);
  withoutActions(program);
  try {
    await program.parseAsync(words, { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? undefined : error.message;
  }
}

const withoutActions = (command: Command): void => {
  command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  if (command.commands.length === 0) command.action(() => undefined);
  for (const each of command.commands) withoutActions(each);
};
