import { sql } from 'kysely';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHeartbeats } from '../../workers/correlation/heartbeats.ts';
import { asFiles, company } from '../support/company.ts';
import { newestIncident } from '../support/monitoring.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

const beat = (name = 'backup', secret = 'events-secret', body?: string) =>
  fetch(`${ops.url}/v1/heartbeats/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
    ...(body === undefined ? {} : { body }),
  });
const alerts = async () => (await ops.as('cid')('GET', '/v1/alerts?source=heartbeat/backup')).body.items;
const told = async (): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*) from alert_inbox where source = 'heartbeat/backup'`.execute(ops.db);
  return rows[0]!.count;
};
/** Moves the clock of the database, as it were, by moving everything that it compares with. */
const later = (interval: string) =>
  sql`with beaten as (update heartbeat set beaten_at = beaten_at - ${interval}::interval)
    update revision set applied_at = applied_at - ${interval}::interval`.execute(ops.db);
/** Two rounds of whoever looks. */
const rounds = () => new Promise((done) => setTimeout(done, 2_300));

describe('a heartbeat', () => {
  test('that has never beaten has its time from when it was applied', async () => {
    await later('24h 59min');
    await rounds();
    expect(await told()).toBe(0);

    await later('2min');
    await expect.poll(told).toBe(1);
  });

  test('that is silent is an alert, and an incident, until it beats again', async () => {
    const incident = await newestIncident(ops);
    await incident.until(({ alerts: { firing } }) => firing === 1);
    expect(await alerts()).toMatchObject([
      {
        title: 'Heartbeat backup is silent',
        service: 'checkout',
        environment: 'production',
        severity: 'critical',
        gap: null,
        annotations: { lastBeatAt: 'never', every: '24h', grace: '1h' },
      },
    ]);

    expect((await beat()).status).toBe(204);
    await incident.until(({ alerts: { firing } }) => firing === 0);
    expect(await told()).toBe(2);
  });

  test('that beats is no alert, and is one as soon as it is late, told once by however many who look', async () => {
    const others = [1, 2, 3].map(() =>
      startHeartbeats({ db: ops.db, catalogue: ops.stores.catalogue }, pino({ level: 'silent' })),
    );
    await later('24h 59min');
    await beat();
    await later('24h 59min');
    await rounds();
    expect(await told()).toBe(2);

    await later('2min');
    await expect.poll(told).toBe(3);
    await rounds();
    expect(await told()).toBe(3);
    await expect
      .poll(alerts)
      .toMatchObject([{ isFiring: true, annotations: { lastBeatAt: expect.stringMatching(/^2/) } }]);

    await Promise.all(Array.from({ length: 50 }, () => beat()));
    await expect.poll(alerts).toMatchObject([{ isFiring: false }]);
    expect(await told()).toBe(4);
    await Promise.all(others.map((other) => other.stop()));
  });

  test('that is changed has its time anew, and one that is deleted while it is silent has ended', async () => {
    await later('26h');
    await expect.poll(alerts).toMatchObject([{ isFiring: true }]);
    await ops.apply({ heartbeat: { grace: '2h' } });
    await rounds();
    await expect.poll(alerts).toMatchObject([{ isFiring: true }]);

    await ops.as('admin')('DELETE', '/v1/catalogue/Heartbeat/backup');

    await expect.poll(alerts).toMatchObject([{ isFiring: false }]);
    expect((await beat()).status).toBe(404);
    await ops.apply();
    await rounds();
    await expect.poll(alerts).toMatchObject([{ isFiring: false }]);
  });

  test('that names no service is an incident of its team', async () => {
    await ops.apply({ heartbeat: { service: undefined } });
    await later('26h');

    await expect.poll(alerts).toMatchObject([{ isFiring: true, gap: 'the heartbeat/backup names no service' }]);
    await beat();
    await expect.poll(alerts).toMatchObject([{ isFiring: false }]);
  });
});

test('who has no secret of it is refused, and its body is not read', async () => {
  expect((await beat('backup', 'wrong')).status).toBe(401);
  expect((await beat('nobody')).status).toBe(404);
  expect((await beat('backup', 'events-secret', 'anything: at all')).status).toBe(204);
  expect((await beat('backup', 'events-secret', ' '.repeat(200 * 1024))).status).toBe(413);
  expect((await fetch(`${ops.url}/v1/heartbeats/backup`)).status).toBe(405);
});

test('an admin of another team changes no heartbeat', async () => {
  const [text] = asFiles(company({ target: ops.target.url, heartbeat: { every: '1h' } })).map((file) => file.text);
  const mine = text!.split('\n---\n').find((one) => one.includes('kind: Heartbeat'));

  const reply = await ops.as('eva')('POST', '/v1/catalogue', { files: [{ path: 'x.yaml', text: mine }] });

  expect([reply.status, reply.body.detail]).toEqual([404, 'there is no Heartbeat backup']);
});
