import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Reference } from '../../../domain/reference.ts';
import { monitoringOf, newestIncident } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { minutes } from '../../support/time.ts';

let ops: Ops;
let monitoring: ReturnType<typeof monitoringOf>;

beforeAll(async () => {
  ops = await startOps({
    services: { web: [], api: [], db: [], cache: [] },
    alerts: { flapping: { changes: 4, quietFor: '6s' } },
  });
  monitoring = monitoringOf(ops);
});
afterAll(() => ops.stop());

const alert = (service: string, severity = 'error') => ({
  fingerprint: `f-${service}`,
  labels: { service, severity, alertname: `${service} turns` },
  annotations: { summary: `${service} turns` },
});
const listed = async (service: string) =>
  (await ops.as('dan')('GET', `/v1/alerts?service=${service}`)).body.items[0] as Record<string, unknown> | undefined;
/** The alert begins, or ends, and is seen to have done so; whether it flaps then. */
const turn = async (service: string, isFiring: boolean, severity?: string) => {
  const at = new Date().toISOString();
  if (isFiring) await monitoring.fire({ ...alert(service, severity), startsAt: at });
  else await monitoring.end({ ...alert(service, severity), startsAt: at, endsAt: at });
  await expect.poll(async () => (await listed(service))?.['isFiring'], { timeout: 10_000 }).toBe(isFiring);
  return (await listed(service))?.['isFlapping'];
};
const newest = async () => (await ops.stores.incidents.list({ limit: 1 })).items[0]?.number ?? 0;
/** What pages people have got of it, whatever comes within a second. */
const pagesOf = async (reference: Reference) => {
  await new Promise((done) => setTimeout(done, 1_500));
  return (await ops.stores.outbox.of(reference)).filter(({ key }) => key.includes('/page/')).length;
};

test('an alert that flaps keeps its incident open without another page, and counts as it stands when it has calmed down', async () => {
  await turn('web', true);
  const incident = await newestIncident(ops);
  await incident.until(({ escalation }) => escalation.paged.length > 0);
  expect((await incident.ask('dan', 'acknowledge')).status).toBe(200);
  expect([await turn('web', false), await turn('web', true), await turn('web', false)]).toEqual([false, false, true]);
  await incident.until(({ alerts }) => alerts.flapping === 1);
  const pages = await pagesOf(incident.reference);

  for (const isFiring of [true, false, true, false]) {
    await turn('web', isFiring);
    await incident.skip(minutes(5));
  }

  const flapping = await incident.until(() => true);
  expect([flapping.status, flapping.alerts]).toMatchObject(['investigating', { total: 1, firing: 1, flapping: 1 }]);
  expect((await ops.as('dan')('GET', `/v1/incidents/${incident.number}`)).body).toMatchObject({
    flapping: ['web turns'],
  });
  expect((await ops.as('dan')('GET', '/v1/alerts?state=flapping')).body.items).toHaveLength(1);
  expect((await incident.ask('dan', 'resolve', { solution: 'x', strategy: 'other' })).body.detail).toContain(
    '1 flapping',
  );
  expect(await pagesOf(incident.reference)).toBe(pages);

  await incident.until(({ alerts }) => alerts.firing === 0 && alerts.flapping === undefined);
  await incident.becomes('resolved');
  expect(await incident.told('relapsed', 'reopened')).toEqual([]);
  expect(await listed('web')).toMatchObject({ isFlapping: false });
});

test('what flaps while somebody has restored service is no relapse at each turn', async () => {
  const before = await newest();
  await turn('api', true);
  const incident = await newestIncident(ops, before);
  await incident.ask('dan', 'acknowledge');
  for (const isFiring of [false, true, false]) await turn('api', isFiring);
  await incident.until(({ alerts }) => alerts.flapping === 1);
  await incident.ask('dan', 'mitigate', { strategy: 'restart' });
  await incident.ask('dan', 'restore');
  const pages = await pagesOf(incident.reference);

  expect(await turn('api', true)).toBe(true);
  expect(await turn('api', false)).toBe(true);

  expect(await pagesOf(incident.reference)).toBe(pages);
  expect((await incident.now())?.status).toBe('monitoring');
  await incident.until(({ alerts }) => alerts.firing === 0);
  await incident.skip(minutes(5));
  await incident.becomes('resolved');
});

test('an alert that flaps as a warning pages at once when it turns critical', async () => {
  const before = await newest();
  for (const isFiring of [true, false, true]) await turn('db', isFiring, 'warning');
  expect(await turn('db', false, 'warning')).toBe(true);
  expect(await listed('db')).toMatchObject({ incident: null });

  expect(await turn('db', true, 'critical')).toBe(true);

  const incident = await newestIncident(ops, before);
  const paged = await incident.until(({ escalation }) => escalation.paged.length > 0);
  expect(paged).toMatchObject({ severity: 'SEV-2', alerts: { firing: 1 } });
});

test('an incident that was cancelled while its alert flaps is not opened again because it has calmed down', async () => {
  const before = await newest();
  for (const isFiring of [true, false, true, false, true]) await turn('cache', isFiring);
  const incident = await newestIncident(ops, before);
  await incident.until(({ alerts }) => alerts.flapping === 1);
  expect((await incident.ask('dan', 'cancel', { code: 'false-positive', reason: 'a bad rule' })).status).toBe(200);

  await incident.becomes('cancelled');
  const fingerprint = String((await listed('cache'))?.['fingerprint']);
  const calm = async () => (await ops.stores.alerts.find(fingerprint))?.flapsUntil;
  await expect.poll(calm, { timeout: 15_000 }).toBeNull();
  await new Promise((done) => setTimeout(done, 1_500));

  expect(await listed('cache')).toMatchObject({ isFiring: true, incident: incident.number });
  expect(await newest()).toBe(incident.number);
});
