import { text as textOf } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import type { Document } from '../domain/document.ts';
import { route } from './api.ts';
import {
  type Applied,
  appliedText,
  differenceText,
  documentsText,
  type Listed,
  type Output,
  outputs,
} from './catalogue-view.ts';
import { kindOf } from './document-kind.ts';
import { CommandFailure } from './failure.ts';
import { filesUnder, textOfFile } from './file.ts';
import { asJson, note, plain, say } from './print.ts';
import type { Session } from './session.ts';

/** `evenkeel apply`, `delete` and `get`: the catalogue as files. */
export function addCatalogue(program: Command, session: Session): void {
  program
    .command('apply')
    .argument('<path...>', 'files, folders with *.yaml, *.yml and *.json, or - for standard input')
    .description('checks documents, shows the differences, and applies them as one revision')
    .option('--dry-run', 'changes nothing')
    .option(
      '--prune <labels>',
      'deletes documents that carry all of these labels (name=value,…) and are not in the files',
    )
    .action(async (paths: string[], { dryRun = false, prune }: { dryRun?: boolean; prune?: string }) => {
      const labels = prune === undefined ? {} : { prune: labelsOf(prune) };
      const files = await Promise.all(
        filesUnder(paths).map(async (path) =>
          path === '-' ? { path: 'stdin', text: await textOf(process.stdin) } : { path, text: textOfFile(path) },
        ),
      );
      const said = await session.api.command<Applied>('/v1/catalogue', { files, dryRun, ...labels });
      session.show(said, appliedText);
      if (!session.isJson) for (const warning of said.warnings) note(`warning: ${plain(warning)}`);
    });

  program
    .command('delete')
    .argument('<kind>', 'such as service, Team or plan-templates')
    .argument('<name>')
    .description('deletes a document that no other document refers to; running plans keep their revision')
    .action(async (kindText: string, name: string) => {
      const kind = kindOf(kindText);
      await session.api.delete(route`/v1/catalogue/${kind}/${name}`);
      session.show({ kind, name, change: 'deleted' }, () =>
        differenceText({ kind, name, change: 'deleted', lines: [] }),
      );
    });

  program
    .command('get')
    .argument('<kind>', 'such as service, Team or plan-templates')
    .argument('[name]')
    .description('shows documents of the catalogue; you can apply the YAML again')
    .addOption(new Option('-o, --output <format>').choices(outputs))
    .action(async (kindText: string, name: string | undefined, options: { output?: Output }) => {
      const kind = kindOf(kindText);
      const output = session.isJson ? 'json' : (options.output ?? (name === undefined ? 'table' : 'yaml'));
      const path = name === undefined ? route`/v1/catalogue/${kind}` : route`/v1/catalogue/${kind}/${name}`;
      const said = await session.api.get<Listed | Document>(path);
      say(output === 'json' ? asJson(said) : documentsText(said, output));
    });
}

/** `team=shop,tier=gold` */
const labelsOf = (text: string): Record<string, string> => {
  const pairs = text.split(',').map((pair) => /^([^=]+)=(.*)$/.exec(pair.trim())?.slice(1));
  if (pairs.every((pair) => pair !== undefined)) return Object.fromEntries(pairs) as Record<string, string>;
  throw new CommandFailure(2, `--prune ${text}: expected labels such as team=shop,tier=gold`);
};
