import { setTimeout as sleep } from 'node:timers/promises';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { act } from '../support/company.ts';
import { type Ops, type Plan, startOps } from '../support/ops.ts';
import { days } from '../support/time.ts';

/** Whoever may reset a workflow makes it forget what people had said to it; PostgreSQL does not forget. */
let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

const { ResetReapplyExcludeType: Excluded } = proto.temporal.api.enums.v1;

/** The event behind a task of the workflow, to which it may be reset. */
const taskOf = async (
  workflowId: string,
  which: 'first' | 'last',
): Promise<proto.temporal.api.history.v1.IHistoryEvent> => {
  const { events } = await ops.client.workflow.getHandle(workflowId).fetchHistory();
  return events!.filter(({ workflowTaskCompletedEventAttributes: done }) => done).at(which === 'first' ? 0 : -1)!;
};
const reset = (workflowId: string, { eventId }: proto.temporal.api.history.v1.IHistoryEvent) =>
  ops.client.workflowService.resetWorkflowExecution({
    namespace: 'stories',
    workflowExecution: { workflowId },
    reason: 'by a stranger',
    requestId: crypto.randomUUID(),
    workflowTaskFinishEventId: eventId!,
    resetReapplyExcludeTypes: [Excluded.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL, Excluded.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE],
  });
const posts = (): string[] => ops.target.calls.map(({ route }) => route).filter((route) => route.startsWith('POST'));
const twoSteps = [act('one'), { name: 'long', kind: 'wait' as const, for: '3s' }, act('two')];
const stepTwo = async (plan: Plan): Promise<string | undefined> =>
  (await plan.runs())[0]?.steps.find(({ name }) => name === 'long')?.status;

test('a plan that was cancelled runs no further step', async () => {
  await ops.apply({ template: {}, steps: twoSteps });
  const plan = await ops.deploy();
  await expect.poll(() => stepTwo(plan)).toBe('running');
  const release = ops.target.hold('DELETE /one');
  expect((await plan.ask('cid', 'cancel', { reason: 'stop it' })).status).toBe(200);
  await expect.poll(() => ops.target.calls.map(({ route }) => route)).toContain('DELETE /one');
  await ops.client.workflow.getHandle(`${plan.workflowId}/runbook/work/run-1`).terminate('by a stranger');

  await reset(plan.workflowId, await taskOf(plan.workflowId, 'first'));
  release();

  await plan.until(({ status }) => status === 'undoing' || status === 'undone');
  expect(posts()).not.toContain('POST /two');
  await plan.ask('cid', 'cancel', { reason: 'again' });
});

test('a plan that was paused before its start begins when it is resumed, and not before', async () => {
  await ops.apply({ template: { approvalPolicy: 'second-person' }, steps: [act('later')] });
  const plan = await ops.deploy();
  await plan.until(({ approval }) => approval?.status === 'open');
  await plan.ask('cid', 'pause', { reason: 'not today' });
  await plan.until(({ paused }) => paused);
  await plan.vote('ana');

  await reset(plan.workflowId, await taskOf(plan.workflowId, 'first'));

  await plan.until(({ deviations }) => deviations.includes('held: it is paused'));
  expect(posts()).not.toContain('POST /later');
  // Its workflow knows of no pause, and refuses to end it; that it was asked for is what counts.
  expect((await plan.ask('cid', 'resume', { reason: 'now' })).status).toBe(409);
  await plan.skip(days(1));
  await plan.becomes('completed');
  expect(posts()).toContain('POST /later');
});

test('a run that was paused begins no further step', async () => {
  await ops.apply({ template: {}, steps: [act('first'), { name: 'long', kind: 'wait', for: '3s' }, act('second')] });
  const plan = await ops.deploy();
  await expect.poll(() => stepTwo(plan)).toBe('running');
  const run = `${plan.workflowId}/runbook/work/run-1`;
  const before = await taskOf(run, 'last');
  await plan.ask('cid', 'pause', { reason: 'hold it' });
  await expect.poll(async () => (await plan.runs())[0]?.paused).toBe(true);

  await reset(run, before);

  // Long enough for a run that has forgotten the pause to come to its last step, from wherever it begins again.
  await sleep(6_000);
  expect(posts()).not.toContain('POST /second');
  await plan.ask('cid', 'cancel', { reason: 'the story ends' });
});

test('what was amended away does not come back', async () => {
  const inTwoDays = new Date(Date.now() + days(2));
  await ops.apply({
    window: { zone: 'UTC', opens: `0 2 ${inTwoDays.getUTCDate()} ${inTwoDays.getUTCMonth() + 1} *`, lasts: '4h' },
    runbooks: { danger: [act('danger')] },
    template: {
      window: 'window',
      activities: [
        { name: 'work', runbook: 'work' },
        { name: 'danger', runbook: 'danger', after: ['work'] },
      ],
    },
  });
  const plan = await ops.deploy();
  await plan.becomes('scheduled');
  const before = await taskOf(plan.workflowId, 'last');
  await plan.ask('cid', 'amend', { drop: ['danger'], reason: 'too dangerous' });
  await plan.until(({ revision, status }) => revision === 2 && status === 'scheduled');

  await reset(plan.workflowId, before);
  await plan.skip(days(3));

  const { outcome } = await plan.becomes('failed');
  expect(outcome).toContain('revision 2 of plan');
  expect(posts()).not.toContain('POST /danger');
});
