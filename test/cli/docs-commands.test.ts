import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
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

const pages = ['README.md', 'CONTRIBUTING.md', 'examples/README.md', ...globSync('docs/*.md').toSorted()];

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
