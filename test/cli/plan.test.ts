import { expect, test } from 'vitest';
import { inOrder, planText } from '../../cli/plan-view.ts';
import { changesBetween } from '../../cli/plan-watch.ts';
import { anActivity, aPlan, aRun, aStep, planId } from './a-plan.ts';
import { evenkeel, startFakeApi } from './fake-api.ts';
import { task } from '../support/builders.ts';
import { approvalId } from '../support/id.ts';

const now = Date.parse('2026-01-01T11:00:00Z');

test('a plan is shown with what people said of what went wrong', () => {
  const retries = [{ by: 'cid', reason: 'the target is back', at: '2026-01-01T10:30:00Z', failed: 'status 500' }];

  const text = planText(aPlan(), [aRun([aStep('warm-up', 'done', { retries })])], now);

  expect(text).toMatch(/said\n +retried +roll-out\/warm-up +cid .*the target is back \(before: status 500\)/);
});

test('a plan is shown with what is in its way, its steps in order and its people', () => {
  const plan = aPlan({
    paused: true,
    readiness: {
      verdict: 'not-ready',
      review: 'r',
      blockers: ['OBS-5'],
      conditions: [],
      mayBePlanned: false,
      validUntil: '2026-01-02T00:00:00Z',
      waiversAsked: ['w1'],
    },
    assignments: [
      {
        seat: 's1',
        activity: 'roll-out',
        team: 'shop',
        role: 'operator',
        status: 'accepted',
        person: 'ben',
        passed: [{ person: 'ana', how: 'declined', reason: 'asleep' }],
      },
    ],
    deviations: ['skipped warm-up: known'],
  });

  const text = planText(plan, [aRun([aStep('warm-up', 'failed', { detail: 'status 500' })])], now);

  expect(text).toContain(`${planId}  running (paused)`);
  expect(text).toContain('blocker    OBS-5\n  waiver asked for: evenkeel readiness grant w1\n');
  expect(text).toMatch(/running {2}roll-out .*\n.*failed {2}.*warm-up \(http\) +status 500\n.*planned +announce/);
  expect(text).toMatch(/accepted {2}s1 {2}ben {2}ana: declined \(asleep\)/);
  expect(text).toContain('skipped warm-up: known');
  expect(text).toMatch(/template +release\n +revision +1\n/);
});

test('a plan is shown with whose seat and whose task went to somebody else, and why', () => {
  const move = { from: 'dan', to: 'eva', by: 'cid', reason: 'dan is ill', at: '2026-01-01T10:30:00Z' };
  const plan = aPlan({
    assignments: [
      {
        seat: 's1',
        activity: 'roll-out',
        team: 'shop',
        role: 'operator',
        status: 'accepted',
        person: 'ben',
        passed: [{ person: 'ana', how: 'reassigned', reason: 'ana is ill', to: 'ben', by: 'cid' }],
      },
    ],
  });

  const text = planText(plan, [aRun([], { tasks: [task('t1', { reassigned: [move] })] })], now);

  expect(text).toMatch(/accepted {2}s1 {2}ben {2}ana: reassigned by cid \(ana is ill\)/);
  expect(text).toMatch(/reassigned {2}Look at the dashboard {2}cid .*to eva instead of dan: dan is ill/);
});

test('the output of a step that failed is shown where its owner decides, and it cannot pass for ours', () => {
  const tries = [
    { at: '2026-01-01T10:00:00Z', of: 'step', ok: false, detail: 'exit code 1', output: 'the first time' },
    {
      at: '2026-01-01T10:01:00Z',
      of: 'step',
      ok: false,
      detail: 'exit code 3',
      output: 'migrating\n\u001b[31mcolumn exists already\u001b[0m\n',
    },
  ] as const;
  const shown = (status: 'failed' | 'done' | 'undo-failed'): string =>
    planText(aPlan(), [aRun([aStep('migrate', status, { tries: [...tries] })])], now);

  expect(shown('failed')).toContain('output of roll-out/migrate: exit code 3\n  migrating\n  column exists already');
  expect(shown('failed')).not.toContain('the first time');
  expect(shown('undo-failed')).toContain('column exists already');
  expect(shown('done')).not.toContain('column exists already');
});

test('a plan that is held says why; a review of one that has ended is valid for nothing more', () => {
  const held = {
    status: 'scheduled',
    startAt: '2026-01-01T11:00:00.000Z',
    deviations: ['held: frozen by rosa'],
  } as const;
  const readiness = {
    verdict: 'ready' as const,
    review: 'r',
    blockers: [],
    conditions: [],
    mayBePlanned: true,
    validUntil: '2026-01-01T12:00:00.000Z',
  };
  const [waiting, started, ended] = [
    aPlan({ ...held, deviations: [...held.deviations], readiness }),
    aPlan({ deviations: [...held.deviations] }),
    aPlan({ status: 'undone', endedAt: '2026-01-01T11:30:00.000Z', readiness }),
  ].map((plan) => planText(plan, [], now));

  expect(waiting).toMatch(/held +frozen by rosa/);
  expect(waiting).toContain('valid until');
  expect(started).not.toMatch(/held +frozen by rosa/);
  expect(ended).not.toContain('valid until');
});

test('what a person has to decide is said with the commands for it', () => {
  const failed = aPlan({ activities: [anActivity('hand-over', { status: 'failed', detail: 'nobody answers' })] });
  const asking = aRun([aStep('warm-up', 'failed', { asks: true })], { status: 'asking' });
  const text = planText(failed, [asking], now);

  expect(text).toContain(`hand-over failed: evenkeel plan retry ${planId} hand-over --reason "…", evenkeel plan skip`);
  expect(text).toContain(`roll-out/warm-up failed: evenkeel plan retry ${planId} roll-out/warm-up --reason "…"`);

  const approval = {
    id: approvalId('a'),
    attempt: 1,
    status: 'changes-requested',
    changeBy: '2026-01-02T11:00:00.000Z',
  } as const;
  const sentBack = planText(aPlan({ status: 'awaiting-approval', approval }), [], now);
  expect(sentBack).toContain(`rejected at 2026-01-02T11:00:00.000Z: evenkeel plan amend ${planId}`);
  expect(planText(aPlan(), [], now)).not.toContain('waits for a decision');
});

test('a plan that has not been planned has no revision', () => {
  expect(planText(aPlan({ revision: 0 }), [], now)).not.toContain('revision');
});

test('activities stand behind what they wait for', () => {
  const activities = [anActivity('c', { after: ['b'] }), anActivity('b', { after: ['a', 'gone'] }), anActivity('a')];

  expect(inOrder(activities).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
});

test('only what has changed is said, each on a line', () => {
  const before = { plan: aPlan(), runs: [aRun([aStep('warm-up', 'running')])] };
  const activities = [anActivity('announce'), anActivity('roll-out', { status: 'done' })];
  const after = {
    plan: aPlan({ status: 'completed', outcome: 'all went well', activities }),
    runs: [aRun([aStep('warm-up', 'done')])],
  };

  expect(changesBetween(before, after)).toEqual([
    `plan ${planId}: completed, all went well`,
    'activity roll-out: done',
    'step roll-out/warm-up: done',
  ]);
  expect(changesBetween(after, after)).toEqual([]);
  expect(changesBetween(undefined, before)).toEqual([
    `plan ${planId}: running`,
    'activity roll-out: running',
    'step roll-out/warm-up: running',
  ]);
});

test.each([
  ['completed', 0],
  ['undone', 1],
] as const)('watching a plan that is %s ends with exit code %d', async (status, expected) => {
  const path = `GET /v1/operation-plans/${planId}`;
  const api = await startFakeApi({ [path]: { body: aPlan({ status }) }, [`${path}/runs`]: { body: { items: [] } } });

  const { code, out } = await evenkeel(api.url, 'plan', 'watch', planId);

  expect(code).toBe(expected);
  expect(out).toMatch(new RegExp(`^\\S+Z plan ${planId}: ${status}$`, 'm'));
});

test('for programs a list is what the API said', async () => {
  const page = { items: [{ ...aPlan(), record: undefined }] };
  const api = await startFakeApi({ 'GET /v1/operation-plans': { body: page } });

  const { out } = await evenkeel(api.url, 'plan', 'list', '--json');

  expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(page)));
});

test('the completion report is Markdown, and its lack is said', async () => {
  const path = `GET /v1/operation-plans/${planId}/reports`;
  const items = [
    { kind: 'status', markdown: 'half' },
    { kind: 'completion', markdown: '# Done\n' },
  ];
  const api = await startFakeApi({ [path]: [{ body: { items } }, { body: { items: [] } }] });

  expect(await evenkeel(api.url, 'plan', 'report', planId)).toMatchObject({ code: 0, out: '# Done\n' });
  expect(await evenkeel(api.url, 'plan', 'report', planId)).toMatchObject({ code: 5, out: '' });
});
