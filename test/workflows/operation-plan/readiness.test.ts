import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { act } from '../../support/company.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { hours, minutes } from '../../support/time.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

/** A blocker that the runbook `mend` closes; whether it did is seen at the target. */
const mendable = (id: string, path: string) => ({
  id,
  title: 'It was mended',
  level: 'C' as const,
  severity: 'blocker' as const,
  remediation: 'mend',
  evidence: { kind: 'http' as const, url: `{{environment.url}}/${path}` },
});

describe('readiness', () => {
  test('holds a plan until the evidence is good, and looks again by itself', async () => {
    await ops.apply();
    ops.target.answer('GET /health', 503);
    const plan = await ops.deploy();
    const held = await plan.until(({ readiness }) => readiness?.verdict === 'not-ready');
    expect(held.readiness?.blockers).toEqual(['OBS-1 It answers: status 503']);
    ops.target.answer('GET /health', 200);

    await plan.skip(minutes(16));

    await plan.becomes('completed');
  });

  test('asks of a service what all levels below its own ask', async () => {
    await ops.apply({ template: { checklists: { C: 'basics' } } });
    ops.target.answer('GET /health', 503);
    const plan = await ops.deploy();

    const held = await plan.until(({ readiness }) => readiness !== undefined);

    expect(held.readiness?.verdict).toBe('not-ready');
    expect(held.readiness?.blockers).toEqual(['OBS-1 It answers: status 503']);
    ops.target.answer('GET /health', 200);
    await plan.ask('cid', 'cancel', { reason: 'seen enough' });
  });

  test('holds a plan whose runbooks use a secret that is not there, before anybody is asked', async () => {
    const name = 'EVENKEEL_SECRET_DEPLOY_KEY';
    delete process.env[name];
    const headers = { authorization: { secret: 'deploy-key', prefix: 'Bearer ' } };
    await ops.apply({ steps: [act('guarded', { headers })] });
    const plan = await ops.deploy();

    const held = await plan.until(({ readiness }) => readiness !== undefined);

    expect(held.readiness?.blockers).toEqual([
      'EVENKEEL-1 Secrets, programs and variables that the work uses are there: ' +
        'there is no secret deploy-key (runbook work, step guarded): ' +
        'EVENKEEL_SECRET_DEPLOY_KEY or the file deploy-key of the secrets folder; ' +
        `then: evenkeel plan reassess ${plan.id} --reason "…"`,
    ]);
    process.env[name] = 'from-the-vault';
    await plan.ask('cid', 'reassess', { reason: 'the secret is there' });
    await plan.becomes('completed');
    const call = ops.target.calls.find(({ route }) => route === 'POST /guarded');
    expect(call?.headers.authorization).toBe('Bearer from-the-vault');
  });

  test('fails a plan that never became ready, and tells the owner first', async () => {
    await ops.apply({ template: { readyWithin: '2h' } });
    ops.target.answer('GET /health', 503);
    const plan = await ops.deploy();
    await plan.until(({ readiness }) => readiness?.verdict === 'not-ready');

    await plan.skip(hours(3));

    const failed = await plan.becomes('failed');
    expect(failed.outcome).toContain('not ready by');
    await expect.poll(() => ops.subjects()).toContain('checkout in production: not ready');
    ops.target.answer('GET /health', 200);
  });

  test('goes on with a waiver that a second person granted', async () => {
    ops.target.answer('GET /health', 503);
    await ops.apply({ steps: [act('one')] });
    const plan = await ops.deploy();
    await plan.until(({ readiness }) => readiness?.verdict === 'not-ready');
    const asked = await ops.as('cid')('POST', '/v1/waivers', {
      service: 'checkout',
      environment: 'production',
      check: 'OBS-1',
      reason: 'the probe is broken',
      validFor: '1h',
    });
    const told = async (): Promise<string[]> =>
      (await ops.mails())
        .filter(({ subject }) => subject === 'checkout in production: cid requests a waiver of OBS-1')
        .map(({ to }) => to);
    await expect.poll(told).toEqual(['ana@example.org', 'ben@example.org']);
    await plan.skip(minutes(16));
    expect(await told()).toHaveLength(2);

    const granted = await ops.as('ana')('POST', `/v1/waivers/${asked.body.id}/grant`);

    expect(granted.status).toBe(200);
    const done = await plan.becomes('completed');
    expect(done.readiness?.conditions).toEqual([expect.stringMatching(/^OBS-1 It answers: waived, ./)]);
    ops.target.answer('GET /health', 200);
  });

  test('does not start on a waiver that was withdrawn meanwhile', async () => {
    ops.target.answer('GET /health', 503);
    await ops.apply({ template: { approvalPolicy: 'second-person' } });
    const { body } = await ops.as('cid')('GET', '/v1/services/checkout/environments/production/waivers');
    const [{ id }] = body.items as unknown as [{ id: string }];
    const plan = await ops.deploy();
    await plan.until(({ approval }) => approval?.status === 'open');

    const refused = [
      await ops.as('vic')('POST', `/v1/waivers/${id}/withdraw`, { reason: 'no' }),
      await ops.as('eva')('POST', `/v1/waivers/${id}/withdraw`, { reason: 'no' }),
      await ops.as('cid')('POST', `/v1/waivers/${id}/withdraw`, {}),
    ];
    const withdrawn = await ops.as('cid')('POST', `/v1/waivers/${id}/withdraw`, { reason: 'it is worse' });
    await plan.vote('ana');

    expect(refused.map(({ status }) => status)).toEqual([403, 404, 422]);
    expect(withdrawn).toMatchObject({ status: 200, body: { withdrawnBy: 'cid' } });
    await plan.until(({ readiness }) => readiness?.verdict === 'not-ready');
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
    await plan.becomes('cancelled');
    ops.target.answer('GET /health', 200);
  });

  test('makes an activity of a gap that a runbook can close, and opens the gate only on evidence', async () => {
    await ops.apply({
      checks: [mendable('GAP-1', 'mended')],
      runbooks: { mend: [act('mend', { undo: undefined })] },
    });
    ops.target.answer('GET /mended', 404);
    const plan = await ops.deploy();
    await plan.until(({ activities }) =>
      activities.some(({ name, status }) => name === 'close-gap-1' && status === 'done'),
    );
    expect((await plan.now()).activities.find(({ name }) => name === 'work')?.status).toBe('planned');
    ops.target.answer('GET /mended', 200);

    await plan.skip(minutes(16));

    await plan.becomes('completed');
  });
});

test('a blocker that comes up before the start is closed first, by a plan that is asked about anew', async () => {
  await ops.apply({
    checks: [mendable('GAP-3', 'mended-still')],
    runbooks: { mend: [act('mend', { undo: undefined })] },
    template: { approvalPolicy: 'second-person' },
  });
  ops.target.answer('GET /mended-still', 200);
  const plan = await ops.deploy();
  await plan.until(({ approval }) => approval?.status === 'open');
  ops.target.answer('GET /mended-still', 404);
  await plan.skip(minutes(16));
  await plan.vote('ana');

  const again = await plan.until(({ revision, approval }) => revision === 2 && approval?.status === 'open');

  expect(again.activities.map(({ name, status }) => [name, status])).toContainEqual(['close-gap-3', 'planned']);
  expect(
    ops.target.calls.filter(({ headers }) => headers['idempotency-key']?.includes(plan.id.replaceAll('.', '/'))),
  ).toEqual([]);
  await plan.ask('cid', 'cancel', { reason: 'the story ends' });
});

test('what closes a blocker cannot be dropped from the plan', async () => {
  await ops.apply({
    checks: [mendable('GAP-2', 'mended-too')],
    runbooks: { mend: [act('mend', { undo: undefined })] },
    template: { approvalPolicy: 'second-person' },
  });
  ops.target.answer('GET /mended-too', 404);
  const plan = await ops.deploy();
  await plan.until(({ approval }) => approval?.status === 'open');

  const amended = await plan.ask('cid', 'amend', { drop: ['close-gap-2'], reason: 'no time' });

  expect(amended).toMatchObject({ status: 403, body: { detail: expect.stringContaining('ask for a waiver') } });
  expect((await plan.now()).activities.map(({ name }) => name)).toContain('close-gap-2');
  await plan.ask('cid', 'cancel', { reason: 'the story ends' });
  await plan.becomes('cancelled');
});

test('a plan that is not ready, and a waiver that it waits for, are told of once, also where its workflow was taken back', async () => {
  await ops.apply();
  ops.target.answer('GET /health', 503);
  const plan = await ops.deploy();
  const { readyBy } = await plan.until(({ readiness }) => readiness?.verdict === 'not-ready');
  const { body } = await ops.as('cid')('POST', '/v1/waivers', {
    service: 'checkout',
    environment: 'production',
    check: 'OBS-1',
    reason: 'the probe is broken again',
    validFor: '1h',
  });
  const told = async (): Promise<string[]> => {
    const { rows } = await sql<{ key: string }>`
      select key from outbox where belongs_to = ${plan.reference} and key like '%/not-ready/%/ana' order by key`.execute(
      ops.db,
    );
    return rows.map(({ key }) => key.replace(`${plan.workflowId}/not-ready/`, ''));
  };
  const once = [`${readyBy}/ana`, `${readyBy}/waiver/${body.id}/ana`];
  await expect.poll(told).toEqual(once);
  const runs = async () => (await ops.client.workflow.getHandle(plan.workflowId).describe()).runId;
  const history = await ops.client.workflow.getHandle(plan.workflowId).fetchHistory();
  const looked = history.events?.find((event) => event.activityTaskCompletedEventAttributes);
  const tasks = history.events?.filter((event) => event.workflowTaskCompletedEventAttributes) ?? [];
  const toEvent = tasks.find(({ eventId }) => Number(eventId) > Number(looked?.eventId))?.eventId;

  const before = await runs();
  const repaired = await ops.as('admin')('POST', '/v1/stalls/repair', {
    workflowId: plan.workflowId,
    reason: 'to see',
    toEvent: Number(toEvent),
  });

  expect([repaired.status, (await runs()) === before]).toEqual([200, false]);
  const { readiness } = await plan.now();
  await plan.skip(minutes(16));
  await plan.until((again) => again.readiness?.validUntil !== readiness?.validUntil);
  await plan.skip(minutes(16));
  expect(await told()).toEqual(once);
  expect((await plan.now()).readyBy).toBe(readyBy);
  await plan.ask('cid', 'cancel', { reason: 'the story ends' });
  await plan.becomes('cancelled');
  await ops.as('cid')('POST', `/v1/waivers/${body.id}/withdraw`, { reason: 'the story ends' });
  ops.target.answer('GET /health', 200);
});
