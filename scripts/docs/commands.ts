import type { Command } from 'commander';
import { createProgram } from '../../cli/program.ts';
import type { Session } from '../../cli/session.ts';
import { table } from './table.ts';

/** One verb, such as `plan watch`, with what it takes. */
export interface Verb {
  group: string;
  words: string;
  usage: string;
  description: string;
  options: string[];
}

const verbsBelow = (command: Command, group: string, words: readonly string[] = []): Verb[] =>
  command.commands.flatMap((each) => {
    const [path, heading] = [[...words, each.name()], each.helpGroup() || group];
    if (each.commands.length > 0) return verbsBelow(each, heading, path);
    const usage = [...words, command.createHelp().subcommandTerm(each).replace(' [options]', '')].join(' ');
    const options = each.options.map(({ flags, mandatory }) => (mandatory ? `${flags} (required)` : flags));
    return [
      { group: heading.replace(/:$/, ''), words: path.join(' '), usage, description: each.description(), options },
    ];
  });

/** Every verb that the program knows; nothing is run, so nobody asks the session. */
export const verbs = (): Verb[] => verbsBelow(createProgram({} as Session), '');

/** All verbs with their options, in the groups of the program's help. */
export const commandTables = (): string =>
  Object.entries(Object.groupBy(verbs(), ({ group }) => group))
    .map(([group, members = []]) => {
      const rows = members.map(({ usage, description, options }) => [
        `\`evenkeel ${usage}\``,
        description,
        options.map((flags) => `\`${flags}\``).join(', '),
      ]);
      return `### ${group}\n\n${table(['Command', 'What it does', 'Options'], rows)}`;
    })
    .join('\n\n');
