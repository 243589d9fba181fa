import { styleText } from 'node:util';
import type { Difference } from '../domain/catalogue/difference.ts';
import type { Document } from '../domain/document.ts';
import { plain, plainLines, table, textIn } from './print.ts';

export interface Applied {
  revision: number;
  dryRun: boolean;
  changes: Difference[];
  warnings: string[];
}

export type Listed = { items: Document[]; yaml: string };

export const outputs = ['table', 'yaml', 'json'] as const;
export type Output = (typeof outputs)[number];

const signs = {
  added: ['green', '+'],
  changed: ['yellow', '~'],
  unchanged: ['gray', ' '],
  deleted: ['red', '-'],
} as const;

export const appliedText = ({ revision, dryRun, changes }: Applied): string => {
  const count = (change: Difference['change']): string =>
    `${changes.filter((difference) => difference.change === change).length} ${change}`;
  const isPruned = changes.some(({ change }) => change === 'deleted');
  return [
    ...changes.filter(({ change }) => change !== 'unchanged').map(differenceText),
    `${dryRun ? 'dry run, nothing is applied' : `revision ${revision}`}: ${count('added')}, ${count('changed')}, ${count('unchanged')}${isPruned ? `, ${count('deleted')}` : ''}`,
  ].join('\n');
};

export const differenceText = ({ kind, name, change, lines }: Difference): string => {
  const [colour, sign] = signs[change];
  // What is new stands in the file.
  const shown = change === 'added' ? [] : lines;
  return [styleText(colour, `${sign} ${kind} ${name}`), ...shown.map((line) => `    ${plain(line)}`)].join('\n');
};

export const documentsText = (said: Listed | Document, output: Exclude<Output, 'json'>): string => {
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
