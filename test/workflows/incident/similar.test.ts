import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { declare, monitoringOf, newestIncident } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({ services: { web: [] } });
});
afterAll(() => ops.stop());

interface Found {
  number: number;
  why: string[];
  solution: string | null;
}
const similarTo = async (number: number, who = 'dan'): Promise<Found[]> =>
  (await ops.as(who)('GET', `/v1/incidents/${number}/similar`)).body['items'] as unknown as Found[];
const numbers = (found: readonly Found[]): number[] => found.map(({ number }) => number);

const profiled = () =>
  expect
    .poll(async () => {
      const { rows } = await sql`select from incident where profiled < changes limit 1`.execute(ops.db);
      return rows.length;
    })
    .toBe(0);
const clusterOf = async (number: number): Promise<string | undefined> => {
  const { rows } = await sql<{ cluster: string }>`
    select cluster from incident_profile where incident = ${number}`.execute(ops.db);
  return rows[0]?.cluster;
};
const resolved = async (title: string, solution: string) => {
  const incident = await declare(ops, { title, service: 'web' });
  await incident.ask('dan', 'acknowledge');
  await incident.ask('dan', 'resolve', { solution, strategy: 'restart' });
  await incident.becomes('resolved');
  return incident;
};

test('the second incident of a kind says what resolved the first, in its first page and wherever it is shown', async () => {
  const first = await resolved('Pool eu-1 is empty', 'Restarted the pool');
  const other = await resolved('Certificate of the shop has expired', 'Renewed it');
  await profiled();

  await monitoringOf(ops).fire({
    labels: { service: 'web', alertname: 'Pool', severity: 'error' },
    annotations: { summary: 'Pool ap-7 is empty' },
  });
  const second = await newestIncident(ops, other.number);
  await second.until(({ escalation }) => escalation.paged.length > 0);
  await profiled();

  const found = await similarTo(second.number);
  expect(numbers(found)).toEqual([first.number]);
  expect(found[0]).toMatchObject({
    solution: 'Restarted the pool',
    why: ['the same template: Pool <*> is empty', 'the same service: web'],
  });
  const { rows } = await sql<{ text: string }>`
    select payload->>'text' as text from outbox where belongs_to = ${second.reference} and key like '%/page/%'`.execute(
    ops.db,
  );
  expect(rows[0]?.text).toContain(`Incident ${first.number} of `);
  expect(rows[0]?.text).toContain('Pool eu-1 is empty; resolved by: Restarted the pool (');
  const { body } = await ops.as('dan')('GET', `/v1/incidents/${second.number}`);
  expect(body['similar']).toMatchObject([{ number: first.number }]);
});

describe('what is like an incident', () => {
  test('is found of a drill, and no drill is found', async () => {
    const drill = await declare(ops, { title: 'Pool us-2 is empty', service: 'web', kind: 'drill' });
    const real = await declare(ops, { title: 'Pool us-3 is empty', service: 'web' });
    await profiled();
    expect(numbers(await similarTo(drill.number))).toContain(real.number);
    expect(numbers(await similarTo(real.number))).not.toContain(drill.number);
  });

  test('is not found once it was cancelled', async () => {
    const mistaken = await declare(ops, { title: 'Pool us-4 is empty', service: 'web' });
    await profiled();
    const real = await declare(ops, { title: 'Pool us-5 is empty', service: 'web' });
    expect(numbers(await similarTo(real.number))).toContain(mistaken.number);
    await mistaken.ask('dan', 'cancel', { code: 'false-positive', reason: 'a typo' });
    await mistaken.becomes('cancelled');
    await profiled();
    expect(numbers(await similarTo(real.number))).not.toContain(mistaken.number);
  });

  test('is not named to those who may not see it, however alike it is', async () => {
    const hidden = await ops.as('ana')('POST', '/v1/incidents', {
      title: 'Vault of the bank is open',
      service: 'checkout',
      privateTo: ['cid'],
    });
    const open = await declare(ops, { title: 'Vault of the shop is open', service: 'checkout' });
    await profiled();
    const number = Number(hidden.body['incident']);
    expect(numbers(await similarTo(open.number, 'cid'))).toContain(number);
    expect(numbers(await similarTo(open.number, 'vic'))).not.toContain(number);
    expect((await ops.as('vic')('GET', `/v1/incidents/${number}/similar`)).status).toBe(404);
    expect(await clusterOf(number)).toBe(`incident/${number}`);
  });
});

describe('that two incidents are not the same', () => {
  const differ = (who: string, one: number, other: number) =>
    ops.as(who)('POST', `/v1/incidents/${one}/not-similar`, { other, reason: 'Another pool, another cause' });

  test('is remembered: neither is shown with the other, and the later one begins a cluster of its own', async () => {
    const [one, other] = [
      await declare(ops, { title: 'Queue of orders 1 is full', service: 'web' }),
      await declare(ops, { title: 'Queue of orders 2 is full', service: 'web' }),
    ];
    await profiled();
    expect(await clusterOf(other.number)).toBe(await clusterOf(one.number));

    expect((await differ('dan', one.number, other.number)).status).toBe(200);
    expect((await differ('dan', other.number, one.number)).status).toBe(200);
    await profiled();
    expect(numbers(await similarTo(one.number))).not.toContain(other.number);
    expect(numbers(await similarTo(other.number))).not.toContain(one.number);
    expect(await clusterOf(other.number)).toBe(`${await clusterOf(one.number)}/from/${other.number}`);
    expect(await one.told('not-similar')).toMatchObject([{ detail: { other: other.number } }]);

    // What is saved of it later does not take it back.
    await other.ask('dan', 'acknowledge');
    await other.until(({ assignee }) => assignee === 'dan');
    await profiled();
    expect(await clusterOf(other.number)).toBe(`${await clusterOf(one.number)}/from/${other.number}`);
    const third = await declare(ops, { title: 'Queue of orders 3 is full', service: 'web' });
    await profiled();
    expect(await clusterOf(third.number)).toBe(await clusterOf(one.number));
  });

  test('is said by whoever responds, of incidents that they see', async () => {
    const [one, other] = [await declare(ops), await declare(ops)];
    expect((await differ('vic', one.number, other.number)).status).toBe(403);
    expect((await differ('eva', one.number, other.number)).status).toBe(404);
    expect((await differ('dan', one.number, 1)).status).toBe(422);
    expect((await differ('dan', one.number, one.number)).status).toBe(422);
  });
});
