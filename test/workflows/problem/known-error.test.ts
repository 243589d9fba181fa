import { afterAll, beforeAll, expect, test } from 'vitest';
import { act } from '../../support/company.ts';
import { declare, monitoringOf, newestIncident } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { openProblem } from '../../support/problem.ts';
import { sql } from 'kysely';

let ops: Ops;
beforeAll(async () => {
  const restores = { strategy: 'restart' as const };
  ops = await startOps({ services: { web: [] }, restoring: { restart: { restores, steps: [act('restart')] } } });
});
afterAll(() => ops.stop());

const document = {
  signature: { titles: ['Pool * is empty'] },
  symptom: 'Requests wait for a connection',
  cause: 'A timeout skips the release',
  workaround: 'Restart one instance after the other',
  runbook: 'restart',
};
const pagesOf = async (reference: string): Promise<string[]> => {
  const { rows } = await sql<{ text: string }>`
    select payload->>'text' as text from outbox where belongs_to = ${reference} and key like '%/page/%'`.execute(
    ops.db,
  );
  return rows.map(({ text }) => text);
};

test('the next incident of a known error has what helps in its first page, in its timeline and wherever it is shown', async () => {
  const problem = await openProblem(ops);
  await problem.ask('dan', 'assess', { impact: 2, urgency: 2 });
  await problem.ask('dan', 'assign', { to: 'cid' });
  expect((await problem.ask('cid', 'publish-known-error', { document })).status).toBe(409);
  await problem.ask('cid', 'claim', { text: 'A timeout skips the release', evidence: [{ text: 'a trace' }] });
  await problem.ask('cid', 'judge-claim', { claim: 1, status: 'supported', reason: 'seen' });
  const unknown = { ...document, runbook: 'nothing' };
  expect((await problem.ask('cid', 'publish-known-error', { document: unknown })).status).toBe(422);
  expect((await problem.ask('cid', 'publish-known-error', { document })).status).toBe(200);
  await problem.becomes('known-error');

  const labels = { service: 'web', alertname: 'Pool', severity: 'error' };
  await monitoringOf(ops).fire({ labels, annotations: { summary: 'Pool eu-1 is empty' } });
  const incident = await newestIncident(ops);
  await incident.until(({ escalation }) => escalation.paged.length > 0);

  const [page] = await pagesOf(incident.reference);
  expect(page).toContain(`Known error of problem ${problem.number}: Requests wait for a connection`);
  expect(page).toContain('Workaround: Restart one instance after the other');
  expect(page).toContain(`evenkeel incident start-runbook ${incident.number} restart`);
  const { body } = await ops.as('dan')('GET', `/v1/incidents/${incident.number}`);
  expect(body['knownErrors']).toMatchObject([{ problem: problem.number, runbook: 'restart' }]);

  const other = await declare(ops, { title: 'Nobody can log in' });
  await other.until(({ escalation }) => escalation.paged.length > 0);
  expect((await pagesOf(other.reference)).join('\n')).not.toContain('Known error');
});

test('how often it was offered, applied and has restored is counted', async () => {
  const [problem] = (await ops.as('dan')('GET', '/v1/problems')).body.items;
  const use = async () => (await ops.as('dan')('GET', `/v1/problems/${String(problem!['number'])}`)).body['use'];
  const before = (await use()) as { offered: number };
  const incident = await declare(ops, { title: 'Pool sa-1 is empty' });
  await incident.until(({ knownErrors }) => knownErrors !== undefined);
  await incident.ask('cid', 'start-runbook', { runbook: 'restart', reason: 'known' });
  await incident.until(({ runbooks }) => runbooks[0]?.status === 'restored');

  await expect.poll(use).toEqual({ offered: before.offered + 1, applied: 1, restored: 1 });
});

test('what people did by hand is counted, and what helps too seldom is to be looked at again', async () => {
  const [problem] = (await ops.as('dan')('GET', '/v1/problems')).body.items;
  const number = Number(problem!['number']);
  const use = async () =>
    (await ops.as('dan')('GET', `/v1/problems/${number}`)).body['use'] as { applied: number; restored: number };
  const before = await use();
  const incident = await declare(ops, { title: 'Something like the pool' });
  expect((await incident.ask('vic', 'workaround', { problem: number })).status).toBe(403);
  expect((await incident.ask('dan', 'workaround', { problem: 1 })).status).toBe(422);
  expect((await incident.ask('dan', 'workaround', { problem: number })).status).toBe(200);
  await expect.poll(use).toMatchObject({ applied: before.applied + 1, restored: before.restored + 1 });
  // What is said later of the same counts in its place.
  await incident.ask('dan', 'workaround', { problem: number, restored: false });
  await expect.poll(use).toMatchObject({ applied: before.applied + 1, restored: before.restored });

  const review = () =>
    ops.client.workflow.execute('findDailyPatterns', {
      taskQueue: ops.taskQueue,
      workflowId: `daily-${Math.random()}`,
    });
  const asked = async () =>
    (await ops.mails()).filter(({ subject }) => subject.includes('its workaround helps too seldom'));
  await review();
  expect(await asked()).toEqual([]);
  await sql`
    update record set state = jsonb_set(state, '{workarounds}', (
      select jsonb_agg(jsonb_build_object('problem', ${number}::bigint, 'restored', at <= 4, 'by', 'dan', 'at', '2026-01-01T00:00:00.000Z')) from generate_series(1, 10) as at))
    where reference = ${incident.reference}`.execute(ops.db);
  await review();
  await review();
  expect(await asked()).toMatchObject([{ to: 'cid@example.org' }]);
});

test('whoever works on an incident of it hears what helps as soon as it is published', async () => {
  const open = await declare(ops, { title: 'Pool ap-1 is empty' });
  await open.ask('dan', 'acknowledge');
  await open.until(({ assignee }) => assignee === 'dan');
  const [problem] = (await ops.as('dan')('GET', '/v1/problems')).body.items;

  const path = `/v1/problems/${String(problem!['number'])}/publish-known-error`;
  expect((await ops.as('cid')('POST', path, { document })).status).toBe(200);

  await expect
    .poll(() => ops.mails())
    .toContainEqual({ to: 'dan@example.org', subject: expect.stringContaining('what helps is known') as string });
});

test('what is known is offered by the workflow, and goes into the ledger', async () => {
  const incident = await declare(ops, { title: 'Pool us-1 is empty' });
  const { knownErrors } = await incident.until(({ knownErrors: known }) => known !== undefined);

  expect((await incident.told('known-error-offered')).map(({ detail }) => detail['problems'])).toEqual([knownErrors]);
});
