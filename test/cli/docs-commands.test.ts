import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { createProgram } from '../../cli/program.ts';
import type { Session } from '../../cli/session.ts';
import { DeploymentReport } from '../../domain/trigger/report.ts';
import {
  type CodeLine,
  commandsOf,
  fencedLines,
  inlineCommands,
  usageFault,
  wordsIn,
} from '../support/command-line.ts';

const pages = ['README.md', 'CONTRIBUTING.md', 'examples/README.md', ...globSync('docs/**/*.md').toSorted()];

test.each(pages)('every command of %s is one that the program understands', async (page) => {
  const inBlocks = await faultsOf(fencedLines(page, ['sh', 'ini']));
  const inText = await faultsOf(inlineCommands(page));

  expect(inBlocks).toEqual([]);
  expect(inText.filter((fault) => !/missing required argument|required option|argument missing/.test(fault))).toEqual(
    [],
  );
});

const faultsOf = async (lines: readonly CodeLine[]): Promise<string[]> => {
  const faults: string[] = [];
  for (const { at, text } of lines.flatMap(commandsOf)) {
    const fault = await usageFault(wordsIn(text));
    if (fault !== undefined) faults.push(`${at}: ${text.trim()}: ${fault}`);
  }
  return faults;
};

test('a fault names the file and the line', async () => {
  const [line] = commandsOf({ at: 'README.md:7', text: 'X=$(EVENKEEL_TOKEN=$A npx evenkeel plan show) # look' });

  expect(line).toEqual({ at: 'README.md:7', text: 'evenkeel plan show' });
  expect(await usageFault(wordsIn(line!.text))).toContain("missing required argument 'id'");
  expect(await usageFault(['plan', 'show', 'x', '--loud'])).toContain("unknown option '--loud'");
  expect(await usageFault(['plan', 'show', 'x', 'y'])).toContain('too many arguments');
  expect(await usageFault(['plans'])).toContain("unknown command 'plans'");
});

test('the pages have commands to look at', () => {
  expect(fencedLines('README.md', ['sh']).flatMap(commandsOf).length).toBeGreaterThan(12);
  expect(fencedLines('docs/getting-started.md', ['sh']).flatMap(commandsOf).length).toBeGreaterThan(20);
});

test('the page of the command line has the exit codes of the help', () => {
  const page = readFileSync('docs/cli.md', 'utf8');
  let help = '';
  const program = createProgram({} as Session).configureOutput({ writeOut: (text) => void (help += text) });
  program.outputHelp();
  const inHelp = Array.from(help.matchAll(/^ {2}(\d) {2}(.+)$/gm), ([, code, meaning]) => [code, meaning]);
  const onPage = Array.from(page.matchAll(/^\| (\d) +\| (.+?) *\|$/gm), ([, code, meaning = '']) => [
    code,
    meaning.replaceAll('`', ''),
  ]);

  expect(inHelp).toHaveLength(8);
  expect(onPage.map(([code]) => code)).toEqual(inHelp.map(([code]) => code));
  for (const [index, [, meaning = '']] of inHelp.entries()) {
    const [first = ''] = meaning.split(/[:(,]/);
    expect(onPage[index]![1]).toContain(first.trim());
  }
});

test('the page of the command line has every value of --change, and the default', () => {
  const page = readFileSync('docs/cli.md', 'utf8');
  const rows = Array.from(page.matchAll(/^\| `([a-z-]+)` +\| (.+?) *\|$/gm), ([, value, meaning]) => [value, meaning]);
  const { change } = DeploymentReport.shape;

  expect(rows.map(([value]) => value)).toEqual(change.unwrap().options);
  expect(rows.filter(([, meaning]) => meaning?.includes('The default')).map(([value]) => value)).toEqual([
    change.parse(undefined),
  ]);
});

describe('output that a page shows', () => {
  const shown = (page: string): string[] => fencedLines(page, ['text']).map(({ text }) => text);

  test('of the demo is what the demo prints', () => {
    const printed = sayings(['cli/demo.ts', ...globSync('cli/demo/*.ts')]);
    const lines = shown('README.md').map((line) => line.replace(/^ *\d+\.\d s {2}/, ''));
    const count = globSync('examples/company/*.yaml')
      .map((file) => parseAllDocuments(readFileSync(file, 'utf8')).length)
      .reduce((sum, each) => sum + each, 0);

    expect(lines.filter((line) => !printed.some((saying) => saying.test(line)))).toEqual([]);
    expect(lines).toContain(`the example company is applied: ${count} documents, revision 1`);
  });

  test('of a refusal is a message of the program', () => {
    const refusals = shown('docs/getting-started.md').flatMap((line) => /^evenkeel: (.+)/.exec(line)?.[1] ?? []);
    const said = globSync('{api,domain,cli}/**/*.ts').map((file) => readFileSync(file, 'utf8'));

    expect(refusals).not.toEqual([]);
    expect(refusals.filter((text) => !said.some((code) => code.includes(text)))).toEqual([]);
  });
});

/** What the texts of these files may say: anything stands where a value is filled in. */
const sayings = (files: readonly string[]): RegExp[] =>
  files
    .flatMap((file) => Array.from(readFileSync(file, 'utf8').matchAll(/`([^`]{8,})`|'([^'\n]{8,})'/g)))
    .map(([, template, text]) => (template ?? text ?? '').split(/\$\{[^}]*(?:\}|$)/))
    // What is nearly all filled in would fit everything.
    .filter((parts) => parts.join('').trim().length > 4)
    .map((parts) => new RegExp(`^${parts.map(escaped).join('.*')}`));

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
