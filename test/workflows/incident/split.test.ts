import { afterAll, beforeAll, expect, test } from 'vitest';
import { declare, monitoringOf, newestIncident } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';

let ops: Ops;
let monitoring: ReturnType<typeof monitoringOf>;

beforeAll(async () => {
  ops = await startOps({ services: { web: [], api: [], db: [] } });
  monitoring = monitoringOf(ops);
});
afterAll(() => ops.stop());

const alert = (service: string, alertname: string, severity = 'error') => ({
  labels: { service, alertname, severity },
  annotations: { summary: alertname },
});
const fingerprintOf = async (title: string, incident: number) => {
  const { body } = await ops.as('dan')('GET', `/v1/alerts?incident=${incident}`);
  return String(body.items.find((each) => each['title'] === title)?.['fingerprint']);
};
const newest = async () => (await ops.stores.incidents.list({ limit: 1 })).items[0]?.number ?? 0;
const again = () => new Date().toISOString();

test('alerts that are split off are an incident of their own, which pages and takes them as long as it lasts', async () => {
  await monitoring.fire(alert('web', 'A'), alert('web', 'B', 'critical'));
  const first = await newestIncident(ops);
  await first.until(({ alerts }) => alerts.total === 2);
  const [a, b] = [await fingerprintOf('A', first.number), await fingerprintOf('B', first.number)];
  const split = (alerts: string[]) =>
    first.ask('dan', 'split', { alerts, title: 'B is another thing', reason: 'seen' });
  expect((await split(['0'.repeat(32)])).status).toBe(422);
  expect((await split([a, b])).status).toBe(422);

  expect((await split([b])).status).toBe(200);
  const second = await newestIncident(ops, first.number);
  const other = await second.until(({ alerts, escalation }) => alerts.firing === 1 && escalation.paged.length > 0);
  expect(other).toMatchObject({
    title: 'B is another thing',
    service: 'web',
    severity: 'SEV-2',
    splitFrom: first.number,
  });
  await first.until(({ alerts, splits }) => alerts.total === 1 && splits?.[0]?.into === second.number);
  const shown = async (number: number) => (await ops.as('dan')('GET', `/v1/incidents/${number}`)).body['links'];
  expect(await shown(first.number)).toMatchObject({ splitFrom: null, splitInto: [{ number: second.number }] });
  expect(await shown(second.number)).toMatchObject({ splitFrom: { number: first.number }, splitInto: [] });

  await monitoring.end(alert('web', 'B', 'critical'));
  await second.until(({ alerts }) => alerts.firing === 0);
  await monitoring.fire({ ...alert('web', 'B', 'critical'), startsAt: again() }, alert('web', 'C'));
  await second.until(({ alerts }) => alerts.firing === 1 && alerts.total === 1);
  await first.until(({ alerts }) => alerts.total === 2);

  await monitoring.end(alert('web', 'B', 'critical'));
  await second.ask('dan', 'cancel', { code: 'not-an-incident', reason: 'gone' });
  await second.becomes('cancelled');
  await monitoring.fire({ ...alert('web', 'B', 'critical'), startsAt: again() });
  await first.until(({ alerts }) => alerts.total === 3);
  expect(await newest()).toBe(second.number);
});

test('a parent shows its children and they show it; one level, of one team, and neither moves with the other', async () => {
  const parent = await declare(ops, { title: 'The network is down', service: 'web', environment: 'production' });
  const child = await declare(ops, { title: 'Nobody can pay', service: 'checkout' });
  const third = await declare(ops, { title: 'No data', service: 'db' });
  const foreign = await declare(ops, { service: undefined, environment: undefined, team: 'other' });
  const secret = await declare(ops, { title: 'Stolen keys', service: 'api', privateTo: ['dan'] });
  const link = (from: typeof parent, to: typeof parent, by = 'dan') => from.ask(by, 'link', { parent: to.number });

  expect((await link(child, parent)).status).toBe(200);
  await child.until((record) => record.parent === parent.number);
  const refused = [
    await link(third, third),
    await link(child, foreign),
    await link(child, secret),
    await link(secret, parent),
  ];
  expect(refused.map(({ status }) => status)).toEqual([422, 422, 422, 409]);
  expect(refused[2]!.body.detail).toBe(`there is no incident ${secret.number} of team shop`);
  expect([(await link(third, child)).status, (await link(parent, third)).status]).toEqual([409, 409]);
  const links = async (number: number, by = 'dan') =>
    (await ops.as(by)('GET', `/v1/incidents/${number}`)).body['links'] as Record<string, unknown>;
  expect((await links(parent.number))['children']).toMatchObject([{ number: child.number, title: 'Nobody can pay' }]);
  expect((await links(child.number))['parent']).toMatchObject({ number: parent.number, status: 'triaged' });

  await parent.ask('dan', 'report-status', { text: 'A switch is replaced' });
  await parent.until(({ updates }) => updates.sent === 1);
  expect(await ops.mails()).toContainEqual({ to: 'shop@example.org', subject: `Status: incident ${parent.number}` });

  expect((await parent.ask('dan', 'resolve', { solution: 'Replaced' })).status).toBe(200);
  await parent.becomes('resolved');
  expect((await child.now())?.status).toBe('triaged');
  expect((await child.ask('dan', 'unlink')).status).toBe(200);
  await child.until((record) => record.parent === undefined);
  expect((await child.ask('dan', 'unlink')).status).toBe(409);
  expect((await links(parent.number))['children']).toEqual([]);
});

test('whoever sees an incident without seeing what it is linked to does not hear of that', async () => {
  const parent = await declare(ops, { title: 'Something else', service: 'web' });
  const child = await declare(ops, { title: 'It is slow', service: 'db' });
  await child.ask('dan', 'link', { parent: parent.number });
  await child.ask('dan', 'assign', { to: 'eva' });
  await child.until(({ assignee }) => assignee === 'eva');

  const { body } = await ops.as('eva')('GET', `/v1/incidents/${child.number}`);

  expect(body).toMatchObject({ number: child.number, links: { parent: null } });
  expect(body['record']).not.toHaveProperty('parent');
});
