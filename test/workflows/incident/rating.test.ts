import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkExport } from '../../../cli/audit/check.ts';
import { resigned } from '../../support/export.ts';
import { declare } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';

let ops: Ops;
/** Eva is of another team; the reports of checkout go to her address. */
const people = { eva: { email: 'Shop@example.org' } };

beforeAll(async () => {
  const statusPages = { shop: { title: 'Shop', components: [{ service: 'checkout', name: 'Paying' }] } };
  ops = await startOps({ people, statusPages });
});
afterAll(() => ops.stop());

const resolved = async (more: object = {}) => {
  const incident = await declare(ops, more);
  await incident.ask('cid', 'acknowledge');
  await incident.ask('cid', 'resolve', { solution: 'Restarted', strategy: 'restart' });
  await incident.becomes('resolved');
  return incident;
};

const closed = async (more: object = {}) => {
  const incident = await resolved(more);
  await incident.ask('cid', 'close', { reason: 'nothing to learn' });
  await incident.becomes('closed');
  await ops.client.workflow.getHandle(incident.workflowId).result();
  return incident;
};

/** Mails that ask for a rating of the incident. */
const askedOf = async ({ number }: { number: number }): Promise<string[]> => {
  const { rows } = await sql<{ to: string }>`
    select payload->>'to' as to from outbox
    where payload->>'text' like ${`%evenkeel incident rate ${number} SCORE%`}`.execute(ops.db);
  return rows.map(({ to }) => to);
};

const scoresOf = async ({ number }: { number: number }): Promise<unknown> =>
  (await ops.as('vic')('GET', `/v1/incidents/${number}`)).body['ratings'];

describe('how an incident was handled', () => {
  test('is asked once, however often it was reopened, and answered after its workflow has ended', async () => {
    const incident = await resolved();
    await incident.ask('cid', 'reopen', { reason: 'it is back' });
    await incident.ask('cid', 'acknowledge');
    await incident.ask('cid', 'resolve', { solution: 'Restarted again', strategy: 'restart' });
    expect(await askedOf(incident)).toEqual([]);
    await incident.ask('cid', 'close', { reason: 'nothing to learn' });
    await ops.client.workflow.getHandle(incident.workflowId).result();

    expect(await askedOf(incident)).toEqual(['shop@example.org']);
    expect((await incident.ask('eva', 'rate', { score: 2, comment: 'we heard late' })).status).toBe(200);
    expect((await incident.ask('vic', 'rate', { score: 5 })).status).toBe(200);
    expect((await incident.ask('eva', 'rate', { score: 4 })).body).toMatchObject({ person: 'eva', score: 4 });

    expect(await scoresOf(incident)).toMatchObject([
      { person: 'vic', score: 5 },
      { person: 'eva', score: 4 },
    ]);
    expect((await incident.told('rated')).map(({ detail }) => detail)).toEqual([
      { score: 2, comment: 'we heard late' },
      { score: 5 },
      { score: 4 },
    ]);
  });

  test('is part of its export, which shows whether somebody has changed it', async () => {
    const incident = await resolved();
    await incident.ask('dan', 'report-status', { text: 'It works again', public: true });
    await incident.until(({ updates }) => updates.sent === 1);
    await incident.ask('vic', 'rate', { score: 2 });
    const { body } = await ops.as('aud')('GET', `/v1/incidents/${incident.number}/export`);
    const file: Record<string, unknown> = { ...body, checkpoints: [] };
    const changed = (name: string, change: object) =>
      checkExport(resigned({ ...file, [name]: [{ ...(file[name] as object[])[0], ...change }] })).problems;

    expect(checkExport(resigned(file)).problems).toEqual([]);
    expect(changed('ratings', { score: 5 })).toEqual([
      `ratings: rating ${incident.number}/vic: it is not as the ledger has it`,
    ]);
    expect(changed('publicUpdates', { text: 'It never broke' })).toEqual([
      expect.stringMatching(/^publicUpdates: .* it is not as the ledger has it$/),
    ]);
    expect(checkExport(resigned({ ...file, ratings: [] })).problems).toEqual([
      `ratings: ${incident.number}/vic: the ledger knows it, the file does not have it`,
    ]);
  });

  test.each([
    ['a drill', { kind: 'drill' }],
    ['what is backfilled', { kind: 'backfilled' }],
    ['what is private', { privateTo: ['cid', 'dan'] }],
  ])('is not asked of %s', async (_, more) => {
    const incident = await closed(more);

    expect(await askedOf(incident)).toEqual([]);
    expect((await incident.ask('dan', 'rate', { score: 1 })).body.detail).toContain('nobody rates a drill');
    expect((await incident.ask('eva', 'rate', { score: 1 })).status).toBe('privateTo' in more ? 404 : 409);
  });

  test('is not asked of what was none, or is not over', async () => {
    const open = await declare(ops);
    const none = await declare(ops);
    await none.ask('dan', 'cancel', { code: 'false-positive', reason: 'a test' });
    await ops.client.workflow.getHandle(none.workflowId).result();

    expect((await open.ask('dan', 'rate', { score: 1 })).body.detail).toContain('rate it when it is resolved');
    expect((await none.ask('dan', 'rate', { score: 1 })).body.detail).toContain('there was nothing to rate');
    expect(await askedOf(none)).toEqual([]);
  });

  test('is said by people who may see it or hold a stake in its service, once for each request', async () => {
    const incident = await resolved();
    const path = `/v1/incidents/${incident.number}/rate`;
    const again = { 'idempotency-key': crypto.randomUUID() };
    const rate = (score: unknown) => ops.as('vic')('POST', path, { score }, again);

    const [first, later] = [await rate(3), await ops.as('vic')('POST', path, { score: 1 })];
    expect([first.status, later.status]).toEqual([200, 200]);
    expect((await rate(3)).body).toEqual(later.body);
    expect((await rate(4)).status).toBe(409);
    expect((await ops.as('vic')('POST', path, { score: 6 })).status).toBe(422);
    expect((await ops.as('pipeline')('POST', path, { score: 5 })).status).toBe(403);
    expect((await ops.as('admin')('POST', path, { score: 5 })).status).toBe(403);
    expect(await scoresOf(incident)).toMatchObject([{ person: 'vic', score: 1 }]);

    await ops.apply({ people: {} });
    await expect.poll(async () => (await incident.ask('eva', 'rate', { score: 1 })).status).toBe(404);
    await ops.apply({ people });
  });
});
