import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { afterAll, describe, expect, inject, test } from 'vitest';

const files = globSync('test/replay/histories/*/*.json').toSorted();
const replay = (codePath: string, path: string) =>
  Worker.runReplayHistory(
    { workflowBundle: { codePath } },
    JSON.parse(readFileSync(path, 'utf8')),
    basename(path, '.json'),
  );

describe('workflows as they are now', () => {
  test('have histories of earlier runs to stand up to', () => {
    expect(files.length).toBeGreaterThanOrEqual(4);
  });

  test.each(files)('replay %s', async (path) => {
    await expect(replay(inject('bundlePath'), path)).resolves.toBeUndefined();
  });
});

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-planted-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Changes the bundle as a careless pull request would. */
const planted = (name: string, from: RegExp, to: string): string => {
  const code = readFileSync(inject('bundlePath'), 'utf8');
  expect(code).toMatch(from);
  const path = join(folder, `${name}.js`);
  writeFileSync(path, code.replaceAll(from, to));
  return path;
};

describe('a change that would break running work', () => {
  const started = files.find((path) => readFileSync(path, 'utf8').includes('"startPlan"'))!;

  test.each([
    ['an activity under another name', /(\.stored)\.startPlan\(/g, '$1.reserveEnvironment('],
    ['an activity that became a local one', /\.stored\.planOperation\(/g, '.quick.planOperation('],
    ['an activity that is gone', /await [\w.]+\.stored\.reportCompletion\(/g, 'void ('],
  ])('is caught: %s', async (name, from, to) => {
    await expect(replay(planted(name, from, to), started)).rejects.toThrow(DeterminismViolationError);
  });
});

test('histories survive the way through JSON', () => {
  expect(() => historyToJSON(historyFromJSON({ events: [] }))).not.toThrow();
});
