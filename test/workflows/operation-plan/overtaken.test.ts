import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { act, stated } from '../../support/company.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { minutes } from '../../support/time.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

const isAsked = (route: string) => expect.poll(() => ops.target.calls.map((call) => call.route)).toContain(route);

describe('somebody is faster than the plan', () => {
  test('a plan that is cancelled while it is looked at stays cancelled', async () => {
    await ops.apply({ template: { approvalPolicy: 'second-person' } });
    const letGo = ops.target.hold('GET /health');
    const plan = await ops.deploy();
    await isAsked('GET /health');

    const cancelled = await plan.ask('cid', 'cancel', { reason: 'the wrong one' });
    letGo();

    expect(cancelled.status).toBe(200);
    await ops.client.workflow.getHandle(plan.workflowId).result();
    expect((await plan.now()).status).toBe('cancelled');
    expect(await ops.stores.approvals.of(plan.reference)).toEqual([]);
  });

  test('what becomes known during a look is looked at at once', async () => {
    await ops.apply({
      checks: [
        {
          id: 'SLOW-1',
          title: 'It answers slowly',
          level: 'C',
          severity: 'minor',
          evidence: { kind: 'http', url: '{{environment.url}}/slow' },
        },
        stated('blocker'),
      ],
    });
    const letGo = ops.target.hold('GET /slow');
    const plan = await ops.deploy();
    await isAsked('GET /slow');
    // The statement itself is read early; this look has done so already.
    await new Promise((done) => setTimeout(done, 300));
    const place = { service: 'checkout', environment: 'production', check: 'OPS-2', validFor: '1d' };
    await ops.as('cid')('POST', '/v1/attestations', { ...place, statement: 'I know it' });
    await new Promise((done) => setTimeout(done, 500));
    letGo();

    expect((await plan.becomes('completed')).readiness?.verdict).toBe('ready');
  });

  test('a plan whose task has failed can be cancelled', async () => {
    await ops.apply({
      template: { activities: [{ name: 'tell', task: { title: 'Tell', assignee: { team: 'shop' } } }] },
    });
    const plan = await ops.deploy();
    const { tasks } = await plan.until((state) => state.tasks.length === 1);
    await ops.as('dan')('POST', `/v1/tasks/${tasks[0]!.id}/complete`, { result: 'failed', reason: 'nobody answers' });
    await plan.until(({ activities }) => activities[0]?.status === 'failed');

    await plan.ask('cid', 'cancel', { reason: 'then not' });

    expect((await plan.becomes('cancelled')).activities[0]?.status).toBe('cancelled');
  });

  test('an activity that waited for its environment begins nothing while the plan is paused', async () => {
    await ops.apply({
      template: { activities: [{ name: 'work', runbook: 'work', environment: 'exclusive' }] },
      steps: [{ name: 'look', kind: 'task', title: 'Look', assignee: { team: 'shop' } }],
    });
    const first = await ops.deploy();
    await expect.poll(async () => (await first.runs())[0]?.tasks.length).toBe(1);
    const second = await ops.deploy();
    await second.until(({ activities }) => activities[0]?.status === 'waiting');
    await second.ask('cid', 'pause', { reason: 'an incident' });
    await ops.as('dan')('POST', `/v1/tasks/${(await first.runs())[0]!.tasks[0]!.id}/complete`, {});
    await first.becomes('completed');

    await second.skip(minutes(2));
    expect(await second.runs()).toEqual([]);
    await second.ask('cid', 'resume', { reason: 'all clear' });

    await expect.poll(async () => (await second.runs())[0]?.tasks.length, { timeout: 20_000 }).toBe(1);
    await second.ask('cid', 'cancel', { reason: 'the story ends' });
    await second.becomes('cancelled');
  });

  test('of steps side by side that failed each is decided on by itself', async () => {
    await ops.apply({
      steps: [
        {
          name: 'both',
          kind: 'parallel',
          steps: [act('left-hand', { onFailure: 'ask' }), act('right-hand', { onFailure: 'ask' })] as never,
        },
      ],
    });
    ops.target.answer('POST /left-hand', 500);
    ops.target.answer('POST /right-hand', 500);
    const plan = await ops.deploy();
    await expect
      .poll(async () => (await plan.runs())[0]?.steps.map(({ status, asks }) => [status, asks]))
      .toEqual([
        ['failed', true],
        ['failed', true],
      ]);
    ops.target.answer('POST /left-hand', 200);

    const answers = [
      await plan.askStep('cid', 'work/left-hand', 'retry', { reason: 'mended' }),
      await plan.askStep('cid', 'work/right-hand', 'skip', { reason: 'not needed' }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    await plan.becomes('completed');
  });
});
