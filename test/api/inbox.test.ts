import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { monitoringOf, newestIncident } from '../support/monitoring.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
  await sql`
    create function refuse() returns trigger language plpgsql as 'begin raise exception ''no such alert''; end';
    create trigger refuse before insert on alert for each row execute function refuse()`.execute(ops.db);
});
afterAll(() => ops.stop());

const parked = async (who: string, query = '') => (await ops.as(who)('GET', `/v1/inbox?state=parked${query}`)).body;
const redeliver = async (who: string, id: string) => (await ops.as(who)('POST', `/v1/inbox/${id}/redeliver`)).status;
const metrics = async () => (await ops.as('vic')('GET', '/metrics')).body['text'];

test('alerts that were parked are listed, shown, counted and delivered again like any other row', async () => {
  await monitoringOf(ops).fire();
  await ops.as('cid')('POST', '/v1/events', { title: 'Down', service: 'checkout', environment: 'production' });
  await expect.poll(async () => (await parked('vic')).items.length, { timeout: 10_000 }).toBe(2);

  const [event, alert] = (await parked('vic')).items;
  expect([event, alert]).toMatchObject([
    { source: 'api/person/cid', actor: { type: 'person', name: 'cid' } },
    { source: 'monitoring', name: 'alertmanager', verdict: { reason: 'no such alert' }, team: 'shop' },
  ]);
  const first = await parked('vic', '&limit=1');
  expect(first.items).toEqual([event]);
  expect((await parked('vic', `&limit=1&after=${String(first['next'])}`)).items).toEqual([alert]);
  const { id } = alert!;
  expect((await ops.as('vic')('GET', `/v1/inbox/${id}`)).body).toEqual(alert);
  expect((await parked('eva')).items).toEqual([]);
  expect((await ops.as('eva')('GET', `/v1/inbox/${id}`)).status).toBe(404);
  expect(await metrics()).toContain('evenkeel_inbox_troubled{state="parked"} 2');

  await sql`drop trigger refuse on alert`.execute(ops.db);
  expect([await redeliver('eva', id), await redeliver('vic', id), await redeliver('cid', id)]).toEqual([404, 403, 202]);

  const incident = await newestIncident(ops);
  await incident.until(({ alerts }) => alerts.firing === 1);
  expect((await parked('vic')).items).toEqual([event]);
  expect(await metrics()).toContain('evenkeel_inbox_troubled{state="parked"} 1');
  const { rows } = await sql`
    select from ledger_entry where action = 'inbox.redelivered' and subject = ${`inbox/${id}`}`.execute(ops.db);
  expect(rows).toHaveLength(1);
});
