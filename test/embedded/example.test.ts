import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stop } from '../../cli/stop.ts';
import { livingChildren } from '../../embedded/pid-file.ts';
import { isFree } from '../../embedded/ports.ts';
import { freePort } from '../../roles/port.ts';
import { fencedLines } from '../support/command-line.ts';

const program = join(import.meta.dirname, '..', '..', 'bin', 'evenkeel.mjs');
const targetPort = 7499;

let stateDir: string;
let env: NodeJS.ProcessEnv;
let child: ChildProcess;
let printed: string;

beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'evenkeel-example-'));
  // PostgreSQL enters it as another user.
  chmodSync(stateDir, 0o755);
  const { DATABASE_URL: _, TEMPORAL_ADDRESS: __, EVENKEEL_TOKEN: ___, ...rest } = process.env;
  env = { ...rest, EVENKEEL_STATE_DIR: stateDir, EVENKEEL_PORT: String(await freePort()) };
  printed = '';
});

afterEach(async () => {
  await stop(stateDir).catch(() => undefined);
  rmSync(stateDir, { recursive: true, force: true });
});

test('the first steps of the README carry a plan to its completion, and Ctrl-C leaves nothing behind', async () => {
  // A demo beside this test plays the same target.
  await expect.poll(() => isFree(targetPort), { timeout: 60_000, interval: 500 }).toBe(true);
  const [begin = '', ...commands] = firstSteps();
  child = spawn('sh', ['-c', `exec ${inShell(begin)}`], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout!.on('data', (chunk) => (printed += String(chunk)));
  await expect.poll(() => printed, { timeout: 50_000, interval: 100 }).toContain('Ctrl-C stops it.');

  expect(commandsPrinted()).toEqual(commands);
  expect(withoutFigures(printed.split('The example')[0]!)).toEqual(withoutFigures(shownStart()));

  const said = run(commands);

  expect(said.at(-1)).toMatch(/: completed, all activities are done/);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(livingChildren(stateDir)).toEqual([]);
  expect(await isFree(targetPort)).toBe(true);
}, 180_000);

/** The commands of the README's first steps, in their order. */
const firstSteps = (): string[] => {
  const text = readFileSync('README.md', 'utf8').split('\n');
  const lineOf = (heading: string): number => text.indexOf(heading);
  return fencedLines('README.md', ['sh'])
    .filter(({ at }) => {
      const line = Number(at.split(':')[1]);
      return line > lineOf('## Your own first steps') && line < lineOf('## Read on');
    })
    .map(({ text: command }) => command);
};

const commandsPrinted = (): string[] =>
  Array.from(printed.matchAll(/^ {2}((?:\w+=\S+ npx|\w+=\$\(npx) evenkeel .+)$/gm), ([, command = '']) => command);

/** What Getting started shows of a start. */
const shownStart = (): string =>
  fencedLines('docs/getting-started.md', ['text'])
    .map(({ text }) => text)
    .join('\n')
    .split('Ctrl-C')[0]!;

const withoutFigures = (text: string): string[] =>
  text
    .replaceAll(/\d+\.\d s/g, 'N s')
    .replaceAll(/(?<=\w {2,})(?:http:\/\/[\d.:]+|\/\S*?)(?=\/docs|\/admin-token|\n)/g, '…')
    .replaceAll(/ {2,}/g, '  ')
    .trim()
    .split('\n');

const inShell = (command: string): string => command.replaceAll('npx evenkeel', `'${process.execPath}' '${program}'`);

/** Runs one after the other in shells that keep their variables; a plan takes its time between two of them. */
const run = (commands: readonly string[]): string[] => {
  const known: Record<string, string> = {};
  return commands.map((command) => {
    const filled = command.replaceAll(/<(\w+)>/g, (_, name: string) => known[name] ?? name);
    const awaited = /--status open/.test(command) ? /^plan\./m : /deployment send/.test(command) ? /^plan /m : /(?:)/;
    const out = patiently(inShell(filled), awaited);
    const [, variable] = /^(\w+)=\$\(/.exec(command) ?? [];
    if (variable !== undefined) env[variable] = out.trim();
    known['plan'] ??= /^plan (\S+)$/m.exec(out)?.[1] as string;
    known['approval'] ??= /^(plan\.\S+\.approval\.\d+) /m.exec(out)?.[1] as string;
    known['task'] ??= /^(plan\.\S+\.task\.\S+) /m.exec(out)?.[1] as string;
    return out;
  });
};

/** Tries a command again while the plan has not come so far yet. */
const patiently = (command: string, expected: RegExp): string => {
  const until = Date.now() + 30_000;
  for (;;) {
    const asked = /^\w+=\$\((.*)\)$/.exec(command)?.[1] ?? command;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', asked], { env, encoding: 'utf8' });
    if (status === 0 && expected.test(stdout)) return stdout;
    if (Date.now() > until) throw new Error(`${command} ended with ${status}, not ${expected}:\n${stdout}${stderr}`);
    spawnSync('sleep', ['0.3']);
  }
};
