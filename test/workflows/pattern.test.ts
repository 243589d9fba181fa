import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daysAgo, happened, settled } from '../support/backdated.ts';
import { type Ops, startOps } from '../support/ops.ts';
import { problemsWith } from '../support/problem.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({ services: { web: [] } });
});
afterAll(() => ops.stop());

const period = { from: daysAgo(120), until: daysAgo(80) };

const order = (who: string, body: object, key?: string) =>
  ops.as(who)('POST', '/v1/pattern-runs', body, key === undefined ? {} : { 'idempotency-key': key });
const found = async (who: string, body: object) => {
  const { body: said } = await order(who, body);
  const id = String(said['run']);
  await ops.client.workflow.getHandle(`pattern-run/${id}`).result();
  return (await ops.as(who)('GET', `/v1/pattern-runs/${id}`)).body as unknown as Run;
};
interface Run {
  id: string;
  hash: string;
  incidents: number;
  patterns: { rule: string; pattern: string; incidents: number[]; problem?: number }[];
}

describe('patterns of a past that somebody chooses', () => {
  test('are what kept happening then, and say what they stand on; no problem opens of it unless somebody wants that', async () => {
    // Nothing opens while they come in, as if that had not been there yet.
    await sql`update incident set profiled = 1000000`.execute(ops.db);
    const some: number[] = [];
    for (const days of [100, 96]) some.push(await happened(ops, `Pool part${days} of web is empty`, days, 'web'));
    await happened(ops, 'Something else entirely went wrong', 95, 'web');
    await settled(ops);
    const none = await found('dan', { service: 'web', ...period });
    expect(none.patterns).toEqual([]);

    some.push(await happened(ops, 'Pool part90 of web is empty', 90, 'web'));
    await settled(ops);
    const run = await found('dan', { service: 'web', ...period });
    expect(run.patterns).toMatchObject([{ rule: 'recurrence', incidents: some, count: 3 }]);
    expect(run.incidents).toBe(4);

    const again = await found('dan', { service: 'web', ...period });
    expect([again.id, again.hash]).toEqual([expect.not.stringMatching(run.id), run.hash]);
    const later = await found('dan', { service: 'web', from: daysAgo(70), until: daysAgo(40) });
    expect(later.patterns).toEqual([]);
  });

  test('open problems, each once, where whoever asks wants that and may', async () => {
    expect((await order('dan', { service: 'web', ...period, open: true })).status).toBe(403);
    const run = await found('cid', { service: 'web', ...period, open: true });
    const numbers = run.patterns[0]!.incidents;
    const [problem] = await problemsWith(ops, numbers);
    expect(problem).toMatchObject({ identification: 'recurrence', pattern: run.patterns[0]!.pattern });
    const again = await found('cid', { service: 'web', ...period, open: true });
    await settled(ops);
    expect((await problemsWith(ops, numbers)).map(({ number }) => number)).toEqual([problem!.number]);
    expect(again.patterns[0]?.problem).toBe(problem!.number);
    expect(again.hash).toBe(run.hash);
  });

  test('are kept as they were found', async () => {
    const { items } = (await ops.as('vic')('GET', '/v1/pattern-runs')).body;
    expect(items[0]).toMatchObject({ opens: true, patterns: 1, orderedBy: { name: 'cid' } });
    const change = sql`update pattern_run set document = '{}' where id = ${items[0]!.id}`.execute(ops.db);
    await expect(change).rejects.toThrow('what was recorded is not changed');
    const { rows } = await sql`select from ledger_entry where subject = ${`pattern-run/${items[0]!.id}`}`.execute(
      ops.db,
    );
    expect(rows).toHaveLength(2);
  });
});

describe('whoever looks for patterns', () => {
  test('gets one run for each key, of what they see alone', async () => {
    const one = await order('dan', { service: 'web', ...period }, 'k1');
    const same = await order('dan', { service: 'web', ...period }, 'k1');
    expect(same.body['run']).toBe(one.body['run']);
    expect((await order('dan', { team: 'shop', ...period }, 'k1')).status).toBe(409);
    expect((await order('vic', { service: 'web' })).status).toBe(403);
    expect((await order('eva', { service: 'web' })).status).toBe(404);
    expect((await order('dan', {})).status).toBe(422);
    const id = String(one.body['run']);
    await ops.client.workflow.getHandle(`pattern-run/${id}`).result();
    expect((await ops.as('eva')('GET', `/v1/pattern-runs/${id}`)).status).toBe(404);
  });

  test('finds nothing of what is private', async () => {
    const title = 'Vault of the bank is open';
    for (let count = 0; count < 3; count += 1)
      await ops.as('ana')('POST', '/v1/incidents', { title, service: 'web', privateTo: ['cid'] });
    await settled(ops);
    const today = { from: daysAgo(1), until: daysAgo(-1) };
    expect(JSON.stringify(await found('cid', { service: 'web', ...today }))).not.toContain('Vault');
  });

  test('finds nothing that nobody has ordered', async () => {
    const forged = ops.client.workflow.execute('findPatterns', {
      taskQueue: ops.taskQueue,
      workflowId: 'pattern-run/forged',
      args: [{ workflowId: 'pattern-run/forged', run: '019a0000-0000-7000-8000-000000000000' }],
    });
    await expect(forged).rejects.toThrow('Workflow execution failed');
  });
});

test('the run of each day looks at four weeks, once, and opens problems of what it finds', async () => {
  const daily = () =>
    ops.client.workflow.execute('findDailyPatterns', {
      taskQueue: ops.taskQueue,
      workflowId: `daily-${Math.random()}`,
    });
  await daily();
  const runs = async () =>
    (await ops.as('admin')('GET', '/v1/pattern-runs')).body.items.filter(({ team }) => team === undefined);
  const first = await runs();
  expect(first).toMatchObject([{ opens: true, scope: {}, orderedBy: { name: 'evenkeel' } }]);
  await daily();
  expect((await runs()).map(({ id }) => id)).toEqual(first.map(({ id }) => id));
});
