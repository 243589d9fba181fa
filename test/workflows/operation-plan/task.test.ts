import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { act } from '../../support/company.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { hours } from '../../support/time.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

describe('a human task', () => {
  const tasked = {
    template: {
      activities: [
        {
          name: 'hand-over',
          task: {
            title: 'Hand over',
            assignee: { team: 'shop' },
            form: [{ field: 'done', label: 'Done?', type: 'boolean' as const }],
            dueWithin: '4h',
          },
        },
      ],
    },
  };

  test('is reminded, escalated to the owner when it is late, and counts when it is done at last', async () => {
    await ops.apply(tasked);
    const plan = await ops.deploy();
    const { tasks } = await plan.until((state) => state.tasks.length === 1);
    await plan.skip(hours(5));
    await plan.until((state) => state.tasks[0]?.escalated === true);
    await expect.poll(() => ops.subjects()).toEqual(expect.arrayContaining(['Reminder: Hand over', 'Late: Hand over']));

    const wrong = await ops.as('dan')('POST', `/v1/tasks/${tasks[0]!.id}/complete`, { answers: { done: 'yes' } });
    const right = await ops.as('dan')('POST', `/v1/tasks/${tasks[0]!.id}/complete`, { answers: { done: true } });

    expect([wrong.status, right.status]).toEqual([422, 200]);
    expect((await plan.becomes('completed')).tasks[0]?.closedBy).toEqual({ type: 'person', name: 'dan' });
    await expect
      .poll(async () => (await ops.stores.reports.of(plan.reference))[0]?.markdown)
      .toContain('- hand-over: Hand over: done by dan; Done? true');
  });

  test('that the first admin completes was done by the admin, says the plan', async () => {
    const plan = await ops.deploy();
    const { tasks } = await plan.until((state) => state.tasks.length === 1);

    await ops.as('admin')('POST', `/v1/tasks/${tasks[0]!.id}/complete`, { answers: { done: true } });

    expect((await plan.becomes('completed')).activities[0]?.detail).toBe('done by admin');
  });

  test('that fails, is tried again and fails again is told of each time', async () => {
    const plan = await ops.deploy();
    const failures = async (): Promise<number> =>
      (await ops.mails()).filter(({ to, subject }) => to === 'ana@example.org' && subject.endsWith('hand-over failed'))
        .length;
    const before = await failures();
    for (const round of [1, 2]) {
      const { tasks } = await plan.until((state) => state.tasks.some(({ status }) => status === 'open'));
      const { id } = tasks.find(({ status }) => status === 'open')!;
      await ops.as('dan')('POST', `/v1/tasks/${id}/complete`, { result: 'failed', reason: 'nobody answers' });
      const failed = await plan.until(({ activities }) => activities[0]?.status === 'failed');
      expect(failed.activities[0]?.detail).toBe('nobody answers');
      await expect.poll(failures).toBe(before + round);
      await plan.ask('cid', 'retry', { activity: 'hand-over', reason: 'once more' });
    }
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
    await plan.becomes('cancelled');
  });

  test('fails with an answer that says so, and the report has who had it tried again and why', async () => {
    const form = [{ field: 'green', label: 'All green', type: 'boolean' as const, failsWhen: false }];
    const task = { title: 'Look at the dashboard', assignee: { team: 'shop' }, form };
    await ops.apply({ template: { activities: [{ name: 'look', task }] } });
    const plan = await ops.deploy();
    const answer = async (green: boolean): Promise<void> => {
      const { tasks } = await plan.until((state) => state.tasks.some(({ status }) => status === 'open'));
      const { id } = tasks.find(({ status }) => status === 'open')!;
      await ops.as('dan')('POST', `/v1/tasks/${id}/complete`, { answers: { green }, reason: 'as I see it' });
    };
    await answer(false);
    await plan.until(({ activities }) => activities[0]?.status === 'failed');
    await plan.ask('cid', 'retry', { activity: 'look', reason: 'it was the cache' });
    await answer(true);

    await plan.becomes('completed');
    await expect
      .poll(async () => (await ops.stores.reports.of(plan.reference))[0]?.markdown)
      .toMatch(/failed by dan \(All green: no; as I see it\)[^]*retried look, by cid: it was the cache/);
    await ops.apply(tasked);
  });

  test('keeps nobody from taking back what was done when something else fails', async () => {
    await ops.apply({
      runbooks: { sets: [act('set-up')], breaks: [act('break-off', { undo: undefined })] },
      template: {
        activities: [
          { name: 'sets', runbook: 'sets' },
          { name: 'breaks', runbook: 'breaks', after: ['sets'] },
          { name: 'write-up', task: { title: 'Write it up', assignee: { team: 'shop' }, dueWithin: '10d' } },
        ],
      },
    });
    ops.target.answer('POST /break-off', 500);

    const plan = await ops.deploy();

    const undone = await plan.becomes('undone');
    expect(undone.outcome).toContain('breaks failed');
    expect(undone.activities.find(({ name }) => name === 'write-up')?.status).toBe('cancelled');
    expect(undone.tasks[0]?.status).toBe('cancelled');
    expect(ops.target.calls.filter(({ route }) => route === 'DELETE /set-up')).toHaveLength(1);
    await ops.apply(tasked);
  });

  test('can be skipped with a reason', async () => {
    const plan = await ops.deploy();
    await plan.until((state) => state.tasks.length === 1);

    await plan.ask('cid', 'skip', { activity: 'hand-over', reason: 'done by phone' });

    const done = await plan.becomes('completed');
    expect(done.deviations).toEqual(['skipped hand-over, by cid: done by phone']);
  });

  test('is filled in once: what an artifact is called is not a placeholder', async () => {
    await ops.apply({
      template: {
        activities: [{ name: 'tell', task: { title: 'Tell of {{artifact}}', assignee: { team: 'shop' } } }],
      },
    });
    const plan = await ops.deploy('release-{{version}}');

    const { tasks } = await plan.until((state) => state.tasks.length === 1);

    expect(tasks[0]?.title).toBe('Tell of release-{{version}}');
    await ops.as('dan')('POST', `/v1/tasks/${tasks[0]!.id}/complete`, { answers: {} });
    await plan.becomes('completed');
  });
});
