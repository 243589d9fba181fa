import { describe, expect, test } from 'vitest';
import type { RunbookRun, RunInput, StepOutline, StepStatus } from '../../domain/runbook-run.ts';
import { begin, completeTask, stepsInEffect, retryStep, skipStep } from '../../domain/runbook-run.rules.ts';
import { morning, person, run, step, task } from '../support/builders.ts';
import { planReference, runId, taskId } from '../support/id.ts';

const by = person('ana');
const why = { reason: 'because', command: 'c-1', by, at: morning };

const outline = (name: string, more: Partial<StepOutline> = {}): StepOutline => ({
  name,
  kind: 'http',
  attempts: 1,
  everyMs: 1000,
  timeoutMs: 1000,
  onFailure: 'undo',
  ...more,
});

const ofStep = (name: string) => ({
  of: 'step' as const,
  activity: 'work',
  run: runId('plan.p.run.work.1'),
  step: name,
});

const opening = (more: Partial<RunInput>): RunInput => ({
  id: runId('plan.p.run.work.1'),
  workflowId: 'operation-plan/p/runbook/work/run-1',
  belongsTo: planReference('p'),
  team: 'shop',
  executors: [],
  revision: 1,
  activity: 'work',
  runbook: 'work',
  round: 1,
  purpose: 'run',
  done: [],
  outline: [],
  decideWithinMs: 1000,
  messagesPerRun: 1000,
  ...more,
});

describe('a run', () => {
  test('begins with all steps planned, those of a parallel step one by one', () => {
    const parallel = [outline('left', { undo: { kind: 'http' } }), outline('right')];
    const begun = begin(opening({ outline: [[outline('first')], parallel] }), morning);

    expect(begun.status).toBe('running');
    expect(begun.steps.map(({ name, status, hasUndo }) => [name, status, hasUndo])).toEqual([
      ['first', 'planned', false],
      ['left', 'planned', true],
      ['right', 'planned', false],
    ]);
  });

  test('that undoes steps of an earlier one takes these as done, in their round', () => {
    const outlines = [[outline('one')], [outline('two')]];
    const begun = begin(
      opening({ purpose: 'undo-steps', done: [{ name: 'one', round: 3 }], outline: outlines }),
      morning,
    );

    expect(begun).toMatchObject({
      status: 'undoing',
      steps: [
        { name: 'one', status: 'done', round: 3 },
        { name: 'two', status: 'planned', round: 1 },
      ],
    });
    expect(stepsInEffect(begun)).toEqual([{ name: 'one', round: 3 }]);
  });
});

test('what stands after a run is what was done, may be half done, or could not be taken back', () => {
  const ended = run([
    step('done', { status: 'done', round: 2 }),
    step('stuck', { status: 'undo-failed' }),
    step('half', { status: 'failed' }),
    step('unsent', { status: 'failed', neverSent: true }),
    step('gone', { status: 'undone' }),
    step('accepted', { status: 'left' }),
    step('passed-over', { status: 'skipped' }),
    step('never', { status: 'planned' }),
  ]);

  expect(stepsInEffect(ended)).toEqual([
    { name: 'done', round: 2 },
    { name: 'stuck', round: 1 },
    { name: 'half', round: 1 },
  ]);
});

const withOne = (status: StepStatus, more: Partial<RunbookRun> = {}, kind = 'http'): RunbookRun =>
  run([step('go', { status, kind, ...(more.status === 'asking' ? { asks: true as const } : {}) })], more);

describe('a retry of a step', () => {
  const again = (of: RunbookRun, name = 'go'): RunbookRun => retryStep(of, { type: 'retry-step', step: name, ...why });

  test('tries what failed in a new round', () => {
    expect(again(withOne('failed', { status: 'asking' }))).toMatchObject({
      status: 'running',
      steps: [{ status: 'planned', round: 2, undoRound: 1 }],
    });
  });

  test('tries an undo that failed in a new round of undoing', () => {
    expect(again(withOne('undo-failed', { status: 'undoing' })).steps).toMatchObject([
      { status: 'done', round: 1, undoRound: 2 },
    ]);
  });

  test('keeps who ordered it, why, and what the try before had come to', () => {
    const failed = run([step('go', { status: 'failed', asks: true, detail: 'status 500' })], { status: 'asking' });

    expect(again(failed).steps[0]?.retries).toEqual([
      { by: why.by.name, reason: why.reason, at: why.at, failed: 'status 500' },
    ]);
  });

  test('is refused unless the run asks what to do', () => {
    expect(() => again(withOne('failed', { status: 'undoing' }))).toThrow('nothing to retry');
    expect(() => again(withOne('done'))).toThrow('nothing to retry');
    expect(() => again(withOne('failed', { status: 'asking' }), 'ghost')).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
  });
});

describe('a skip of a step', () => {
  const without = (of: RunbookRun): RunbookRun => skipStep(of, { type: 'skip-step', step: 'go', ...why });

  test('goes on without what has not begun', () => {
    expect(without(withOne('planned'))).toMatchObject({ status: 'running', steps: [{ status: 'skipped' }] });
  });

  test('goes on without what failed', () => {
    expect(without(withOne('failed', { status: 'asking' }))).toMatchObject({
      status: 'running',
      steps: [{ status: 'skipped', detail: 'because', endedAt: morning }],
    });
  });

  test('leaves an undo that failed as it is', () => {
    expect(without(withOne('undo-failed', { status: 'undoing' }, 'approval')).steps).toMatchObject([
      { status: 'left' },
    ]);
  });

  test.each([
    ['planned', 'running'],
    ['running', 'running'],
    ['failed', 'asking'],
  ] as const)('of an approval that is %s is refused: four eyes are not skipped', (status, ofRun) => {
    expect(() => without(withOne(status, { status: ofRun }, 'approval'))).toThrow(
      expect.objectContaining({ code: 'not-allowed' }),
    );
  });

  test('closes the task that somebody had to do', () => {
    const waiting = withOne(
      'running',
      { tasks: [task('t1', { place: ofStep('go') }), task('t2', { place: ofStep('other') })] },
      'task',
    );

    expect(without(waiting).tasks).toMatchObject([
      { id: 't2', status: 'open' },
      { id: 't1', status: 'skipped', closedBy: by },
    ]);
  });

  test.each([
    ['what runs', withOne('running')],
    ['what is done', withOne('done')],
    ['anything once the run undoes', withOne('planned', { status: 'undoing' })],
    ['anything once the run has ended', withOne('planned', { status: 'failed' })],
  ])('is refused for %s', (_, of) => {
    expect(() => without(of)).toThrow('cannot be skipped');
  });
});

test('a task of the run is completed by its id', () => {
  const ask = {
    type: 'complete-task',
    task: taskId('t1'),
    result: 'done',
    answers: {},
    reason: '',
    command: 'c-1',
    by,
    at: morning,
  } as const;

  expect(completeTask(withOne('running', { tasks: [task('t1')] }), ask).tasks).toMatchObject([{ status: 'done' }]);
  expect(() => completeTask(withOne('running'), ask)).toThrow(expect.objectContaining({ code: 'not-found' }));
});
