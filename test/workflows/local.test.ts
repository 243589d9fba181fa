import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { act } from '../support/company.ts';
import { type Ops, startOps } from '../support/ops.ts';
import { hours } from '../support/time.ts';
import { askedIn } from '../support/id.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

/** Names of the activities that a closed workflow asked the server for, and of those it ran in its own task. */
const activitiesOf = async (workflowId: string): Promise<{ scheduled: string[]; local: string[] }> => {
  const handle = ops.client.workflow.getHandle(workflowId);
  await handle.result().catch(() => undefined);
  const { events } = await handle.fetchHistory();
  const local = (events ?? []).flatMap(({ markerRecordedEventAttributes: marker }) => {
    const data = marker?.markerName === 'core_local_activity' ? marker.details?.['data']?.payloads?.[0]?.data : null;
    return data ? [(JSON.parse(Buffer.from(data).toString()) as { activity_type: string }).activity_type] : [];
  });
  const scheduled = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: asked }) => {
    const name = asked?.activityType?.name;
    return name ? [name] : [];
  });
  return { scheduled, local };
};

test('only what looks at the world, or changes it, is a task of the server', async () => {
  await ops.apply();
  const plan = await ops.deploy();
  await plan.becomes('completed');

  const own = await activitiesOf(plan.workflowId);
  const run = await activitiesOf(`${plan.workflowId}/runbook/work/run-1`);

  expect(own.scheduled).toEqual(['assessReadiness']);
  expect(own.local).toEqual(['planOperation', 'startPlan', 'announceRun', 'savePlan', 'savePlan', 'reportCompletion']);
  expect(run.scheduled).toEqual(['runStep', 'runStep']);
});

test('what is refused is refused once', async () => {
  const blank = { name: 'tell', kind: 'task' as const, title: '{{environment.nothing}}', assignee: { team: 'shop' } };
  const staging = `apiVersion: evenkeel/v1\nkind: Environment\nmetadata: { name: staging }\nspec: { variables: { nothing: x } }`;
  await ops.as('admin')('POST', '/v1/catalogue', { files: [{ path: 'staging.yaml', text: staging }] });
  await ops.apply({ steps: [act('before'), blank] });
  const waiver = { service: 'checkout', environment: 'production', check: 'EVENKEEL-1', reason: 'r', validFor: '1h' };
  const asked = await ops.as('cid')('POST', '/v1/waivers', waiver);
  await ops.as('ana')('POST', `/v1/waivers/${asked.body.id}/grant`);
  const plan = await ops.deploy();
  await plan.becomes('undone');

  const { scheduled, local } = await activitiesOf(`${plan.workflowId}/runbook/work/run-1`);

  expect(local.filter((name) => name === 'orderTask')).toHaveLength(1);
  expect(scheduled).not.toContain('orderTask');
});

test('a database that is too slow for a workflow task is waited for by the server', async () => {
  await ops.apply();
  const plan = await ops.db.transaction().execute(async (tx) => {
    // Nobody can write a report meanwhile; everything else goes on.
    await sql`lock table report in exclusive mode`.execute(tx);
    const held = await ops.deploy();
    await held.until(({ status }) => status === 'completed');
    await new Promise((done) => setTimeout(done, 3_000));
    return held;
  });

  const { scheduled } = await activitiesOf(plan.workflowId);

  expect(scheduled).toContain('reportCompletion');
  expect(await ops.stores.reports.of(plan.reference)).toHaveLength(1);
});

test('more people are asked and hear of it, though the database was away between the two', async () => {
  await ops.apply({
    template: { approvalPolicy: 'second-person' },
    policy: { timeout: '4h', escalateTo: [{ person: 'eva' }] },
  });
  const plan = await ops.deploy();
  const { approval } = await plan.until((state) => state.approval?.status === 'open');
  const isEscalated = async (): Promise<boolean> =>
    (await ops.stores.approvals.find(askedIn(approval)))?.escalated ?? false;
  await sql`
    create function is_away() returns trigger language plpgsql as $$ begin raise exception 'the database is away'; end $$;
    create trigger is_away before insert on outbox for each row when (new.payload->>'to' = 'eva@example.org') execute function is_away()`.execute(
    ops.db,
  );
  const skipping = plan.skip(hours(5));
  await expect.poll(isEscalated, { timeout: 10_000 }).toBe(true);
  await sql`drop function is_away cascade`.execute(ops.db);
  await skipping;

  await expect.poll(async () => (await ops.mails()).map(({ to }) => to)).toContain('eva@example.org');
  await plan.ask('cid', 'cancel', { reason: 'the story ends' });
  await plan.becomes('cancelled');
});
