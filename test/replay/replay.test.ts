import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { afterAll, describe, expect, inject, test } from 'vitest';

const files = globSync('test/replay/histories/*/*.json').toSorted();
/** Under its own id, which some workflows go by. */
const replay = (codePath: string, path: string) => {
  const history = JSON.parse(readFileSync(path, 'utf8')) as {
    events: { workflowExecutionStartedEventAttributes: { workflowId: string } }[];
  };
  const { workflowId } = history.events[0]!.workflowExecutionStartedEventAttributes;
  return Worker.runReplayHistory({ workflowBundle: { codePath } }, history, workflowId);
};

describe('workflows as they are now', () => {
  test('have histories of every kind to stand up to', () => {
    const kinds = files.map((path) => path.split('/').at(-2));

    expect([...new Set(kinds)]).toEqual([
      'chaseSignals',
      'executeRunbook',
      'findPatterns',
      'manageIncident',
      'manageProblem',
      'measureObjectives',
      'openRoutineRuns',
      'produceMonthlyReports',
      'produceReport',
      'runOperationPlan',
    ]);
    expect(files.length).toBeGreaterThanOrEqual(20);
  });

  test.each(files)('replay %s', async (path) => {
    await expect(replay(inject('bundlePath'), path)).resolves.toBeUndefined();
  });
});

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-planted-'));
afterAll(() => rmSync(folder, { recursive: true }));

const code = (): string => readFileSync(inject('bundlePath'), 'utf8');

/** The bundle as a pull request would have changed it. */
const planted = (name: string, from: string, to: string): string => {
  expect(code().includes(from)).toBe(true);
  const path = join(folder, `${name}.js`);
  writeFileSync(path, code().replaceAll(from, to));
  return path;
};

/** What the bundle calls a module. */
const moduleIn = (pattern: RegExp): string => pattern.exec(code())![1]!;

describe('a changed workflow', () => {
  const completed = 'test/replay/histories/runOperationPlan/completed-after-approval.json';
  const report = 'await stored.reportCompletion(';

  test('is caught where an activity has another name', async () => {
    const changed = planted('renamed', 'stored.startPlan(', 'stored.reserveEnvironment(');

    await expect(replay(changed, completed)).rejects.toThrow(DeterminismViolationError);
  });

  test('is caught where a local activity became one of the server', async () => {
    const looking = moduleIn(/(\w+)\.looking\.assessReadiness\(/);
    const changed = planted('scheduled', 'stored.planOperation(', `${looking}.looking.planOperation(`);

    await expect(replay(changed, completed)).rejects.toThrow(DeterminismViolationError);
  });

  test('is caught where an incident pages by another activity', async () => {
    const changed = planted('paged', 'stored.pageResponders(', 'stored.suggestRestorations(');

    await expect(replay(changed, 'test/replay/histories/manageIncident/escalation.json')).rejects.toThrow(
      DeterminismViolationError,
    );
  });

  test('is caught where an activity is gone', async () => {
    const changed = planted('gone', report, 'void (');

    await expect(replay(changed, completed)).rejects.toThrow(DeterminismViolationError);
  });

  test('replays what was before it, when it stands behind a patch', async () => {
    const sdk = moduleIn(/\(0, ?(\w+)\.condition\)\(\(\) ?=> ?!context\.plan\.current\.paused/);
    const changed = planted('patched', report, `if (!(0, ${sdk}.patched)('no-report')) ${report}`);

    await expect(replay(changed, completed)).resolves.toBeUndefined();
  });
});
