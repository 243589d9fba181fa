import { Command } from 'commander';
import { addApproval } from '../../cli/approval.ts';
import { addAudit } from '../../cli/audit.ts';
import { addCatalogue } from '../../cli/catalogue.ts';
import { addDeployment } from '../../cli/deployment.ts';
import { addInbox } from '../../cli/inbox.ts';
import { addMachine } from '../../cli/machine.ts';
import { addPlan } from '../../cli/plan.ts';
import { addReadiness } from '../../cli/readiness.ts';
import type { Session } from '../../cli/session.ts';
import { addTask } from '../../cli/task.ts';
import { addToken } from '../../cli/token.ts';
import { table } from './table.ts';

const groups: [string, readonly ((program: Command, session: Session) => void)[]][] = [
  ['This machine', [addMachine]],
  ['Catalogue', [addCatalogue]],
  ['Plans', [addPlan]],
  ['Approvals', [addApproval]],
  ['Tasks', [addTask]],
  ['Readiness', [addReadiness]],
  ['What comes in', [addDeployment, addInbox]],
  ['Trust', [addAudit, addToken]],
];

/** One verb, such as `plan watch`, with what it takes. */
export interface Verb {
  words: string;
  takes: string;
  description: string;
  options: string[];
}

const programOf = (adders: (typeof groups)[number][1]): Command => {
  const program = new Command('evenkeel');
  // Nothing is run, so nobody asks the session.
  for (const add of adders) add(program, {} as Session);
  return program;
};

const verbsBelow = (command: Command, words: readonly string[] = []): Verb[] =>
  command.commands.flatMap((each) => {
    const path = [...words, each.name()];
    if (each.commands.length > 0) return verbsBelow(each, path);
    const takes = each.registeredArguments.map((argument) => {
      const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
      return argument.required ? `<${name}>` : `[${name}]`;
    });
    const options = each.options.map(({ flags, mandatory }) => (mandatory ? `${flags} (required)` : flags));
    return [{ words: path.join(' '), takes: takes.join(' '), description: each.description(), options }];
  });

/** Every verb that the program knows. */
export const verbs = (): Verb[] => groups.flatMap(([, adders]) => verbsBelow(programOf(adders)));

/** All verbs with their options, in the groups of the page. */
export const commandTables = (): string =>
  groups
    .map(([name, adders]) => {
      const rows = verbsBelow(programOf(adders)).map(({ words, takes, description, options }) => [
        `\`evenkeel ${`${words} ${takes}`.trim()}\``,
        description,
        options.map((flags) => `\`${flags}\``).join(', '),
      ]);
      return `### ${name}\n\n${table(['Command', 'What it does', 'Options'], rows)}`;
    })
    .join('\n\n');
