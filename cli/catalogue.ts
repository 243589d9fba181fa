import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { styleText } from 'node:util';
import { type Command, Option } from 'commander';
import type { Difference } from '../domain/catalogue/difference.ts';
import type { Document, Kind } from '../domain/document.ts';
import { route } from './api.ts';
import { CommandFailure } from './failure.ts';
import { textOfFile } from './file.ts';
import { asJson, note, plain, plainLines, say, table, textIn } from './print.ts';
import type { Session } from './session.ts';

interface Applied {
  revision: number;
  dryRun: boolean;
  changes: Difference[];
  warnings: string[];
}

const outputs = ['table', 'yaml', 'json'] as const;
type Output = (typeof outputs)[number];

/** `evenkeel apply`, `delete` and `get`: the catalogue as files. */
export function addCatalogue(program: Command, session: Session): void {
  program
    .command('apply')
    .argument('<path...>', 'files, folders with *.yaml, *.yml and *.json, or - for standard input')
    .description('checks documents, shows what differs, and applies them as one revision')
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
    .description('deletes a document that no other one names; what has begun keeps its revision')
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
    .description('documents of the catalogue; as YAML they can be applied again')
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

type Listed = { items: Document[]; yaml: string };

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

const signs = {
  added: ['green', '+'],
  changed: ['yellow', '~'],
  unchanged: ['gray', ' '],
  deleted: ['red', '-'],
} as const;

const appliedText = ({ revision, dryRun, changes }: Applied): string => {
  const count = (change: Difference['change']): string =>
    `${changes.filter((difference) => difference.change === change).length} ${change}`;
  const isPruned = changes.some(({ change }) => change === 'deleted');
  return [
    ...changes.filter(({ change }) => change !== 'unchanged').map(differenceText),
    `${dryRun ? 'dry run, nothing is applied' : `revision ${revision}`}: ${count('added')}, ${count('changed')}, ${count('unchanged')}${isPruned ? `, ${count('deleted')}` : ''}`,
  ].join('\n');
};

const differenceText = ({ kind, name, change, lines }: Difference): string => {
  const [colour, sign] = signs[change];
  // What is new stands in the file.
  const shown = change === 'added' ? [] : lines;
  return [styleText(colour, `${sign} ${kind} ${name}`), ...shown.map((line) => `    ${plain(line)}`)].join('\n');
};

const documentsText = (said: Listed | Document, output: Exclude<Output, 'json'>): string => {
  if (output === 'yaml' && 'yaml' in said) return plainLines(said.yaml.trimEnd());
  return table(
    ['name', 'team', 'description', 'labels'],
    ('items' in said ? said.items : [said]).map(({ name, labels, spec }) => [
      name,
      textIn(spec, 'owner') || textIn(spec, 'team'),
      plain(textIn(spec, 'description').split('\n')[0] ?? ''),
      plain(
        Object.entries(labels)
          .map(([label, value]) => `${label}=${value}`)
          .join(' '),
      ),
    ]),
    'none',
  );
};

/** All kinds; the compiler says when one is missing. */
const plurals: Record<Kind, string> = {
  Service: 'services',
  Environment: 'environments',
  Source: 'sources',
  Team: 'teams',
  Person: 'people',
  Schedule: 'schedules',
  ReadinessChecklist: 'readinesschecklists',
  PlanTemplate: 'plantemplates',
  Runbook: 'runbooks',
  ApprovalPolicy: 'approvalpolicies',
  MaintenanceWindow: 'maintenancewindows',
  NotificationChannel: 'notificationchannels',
};

/** The kind that somebody means: in any case, with hyphens or without, one or many. */
export function kindOf(text: string): Kind {
  const meant = text.toLowerCase().replaceAll(/[-_ ]/g, '');
  const kinds = Object.keys(plurals) as Kind[];
  const kind = kinds.find((known) => meant === known.toLowerCase() || meant === plurals[known]);
  if (kind) return kind;
  throw new CommandFailure(2, `there is no kind ${text}: choose one of ${kinds.join(', ')}`);
}
