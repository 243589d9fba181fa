import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { declare, monitoringOf, newestIncident } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { minutes } from '../../support/time.ts';

let ops: Ops;
let monitoring: ReturnType<typeof monitoringOf>;

beforeAll(async () => {
  ops = await startOps({ services: { web: [], both: [] } });
  monitoring = monitoringOf(ops);
});
afterAll(() => ops.stop());

const newest = async (): Promise<number> => (await ops.stores.incidents.list({ limit: 1 })).items[0]!.number;
const alert = (alertname: string) => ({ labels: { service: 'web', alertname, severity: 'error' } });

test('an incident that is merged is over, and its alerts belong to the other one, those to come as well', async () => {
  const main = await declare(ops);
  await monitoring.fire(alert('A'));
  const other = await newestIncident(ops, main.number);
  await other.until(({ alerts }) => alerts.firing === 1);

  expect((await other.ask('dan', 'merge', { into: 1, reason: 'the same' })).status).toBe(422);
  expect((await other.ask('dan', 'merge', { into: main.number, reason: 'the same' })).status).toBe(200);
  await main.until(({ alerts }) => alerts.firing === 1);
  await monitoring.fire(alert('B'));

  await main.until(({ alerts }) => alerts.firing === 2);
  expect((await other.now())?.status).toBe('cancelled');
  expect((await ops.stores.incidents.list({ limit: 1 })).items[0]?.number).toBe(other.number);
});

test('two that are merged into one another at once leave one open', async () => {
  const one = await declare(ops, { title: 'Nobody can pay', service: 'web' });
  const other = await declare(ops, { title: 'Payments fail', service: 'web' });

  const answers = await Promise.all([
    one.ask('dan', 'merge', { into: other.number, reason: 'the same' }),
    other.ask('cid', 'merge', { into: one.number, reason: 'the same' }),
  ]);

  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  const [merged, left] = answers[0].status === 200 ? [one, other] : [other, one];
  await merged.becomes('cancelled');
  expect((await left.now())?.status).toBe('triaged');
});

test('two that are merged into one another leave one open, however long the first command waits for a worker', async () => {
  const one = await declare(ops, { title: 'Nobody can pay', service: 'web' });
  const other = await declare(ops, { title: 'Payments fail', service: 'web' });
  const answers: number[] = [];
  await ops.restartWorker(async () => {
    answers.push((await one.ask('dan', 'merge', { into: other.number, reason: 'the same' })).status);
    await sql`update incident set merging_at = merging_at - interval '61 seconds'`.execute(ops.db);
    answers.push((await other.ask('cid', 'merge', { into: one.number, reason: 'the same' })).status);
  });

  expect(answers).toEqual([202, 409]);
  await one.becomes('cancelled');
  expect((await other.now())?.status).toBe('triaged');
});

test('alerts of one that is merged into another, which is merged at the same time, are those of the last', async () => {
  const { incidents } = ops.stores;
  await monitoring.fire({ labels: { service: 'both', alertname: 'Both', severity: 'error' } });
  const first = await newestIncident(ops, await newest());
  await first.until(({ alerts }) => alerts.firing === 1);
  const [second, third] = [await declare(ops), await declare(ops)];

  await incidents.merge(second.number, third.number);
  await incidents.merge(first.number, second.number);

  expect((await third.until(({ alerts }) => alerts.firing === 1)).alerts.total).toBe(1);
});

test('nothing that is open is merged into what is resolved: its alerts would page nobody', async () => {
  const [done, open] = [await declare(ops), await declare(ops)];
  await done.ask('cid', 'acknowledge');
  await done.ask('cid', 'resolve', { solution: 'Restarted', strategy: 'restart' });
  await done.becomes('resolved');

  const { status, body } = await open.ask('dan', 'merge', { into: done.number, reason: 'the same' });

  expect([status, body.detail]).toEqual([409, expect.stringContaining('is resolved: reopen it first')]);
});

test('an alert that is shelved counts for nothing until it is taken off the shelf', async () => {
  await monitoring.fire({ labels: { alertname: 'Noise' } });
  const incident = await newestIncident(ops, await newest());
  await incident.until(({ alerts }) => alerts.firing === 1);
  const [noise] = (await ops.as('dan')('GET', `/v1/alerts?incident=${incident.number}`)).body.items;
  const path = `/v1/alerts/${String(noise?.['fingerprint'])}`;

  const until = new Date(Date.now() + minutes(60)).toISOString();
  const onShelf = async (): Promise<unknown[]> =>
    (await ops.as('dan')('GET', `/v1/alerts?incident=${incident.number}&state=shelved`)).body.items;
  expect(await onShelf()).toEqual([]);
  expect((await ops.as('dan')('POST', `${path}/shelve`, { until, reason: 'known' })).status).toBe(200);
  expect(await onShelf()).toEqual([expect.objectContaining({ shelvedUntil: until })]);
  await incident.until(({ alerts }) => alerts.firing === 0);
  expect((await ops.as('eva')('POST', `${path}/shelve`, { until, reason: 'known' })).status).toBe(404);

  expect((await ops.as('dan')('POST', `${path}/unshelve`, { reason: 'not so' })).status).toBe(200);
  expect(await onShelf()).toEqual([]);
  await incident.until(({ alerts }) => alerts.firing === 1);
  const told = await ops.stores.records.find(incident.reference);
  expect(told?.status).toBe('triaged');
});

test('stakeholders hear nothing of an incident that is cancelled before they were told of it', async () => {
  const reportsOf = async ({ number }: { number: number }) =>
    (await ops.mails()).flatMap(({ to, subject }) => (subject.startsWith(`Incident ${number} cancelled`) ? [to] : []));
  const [known, unknown] = [await declare(ops), await declare(ops)];
  await known.ask('dan', 'report-status', { text: 'We look into it' });
  await known.until(({ updates }) => updates.sent === 1);
  for (const incident of [known, unknown])
    expect((await incident.ask('dan', 'cancel', { code: 'false-positive', reason: 'a bad rule' })).status).toBe(200);

  await expect.poll(() => reportsOf(known)).toEqual(['shop@example.org']);
  await expect.poll(() => reportsOf(unknown)).toContain('dan@example.org');
  expect(await reportsOf(unknown)).not.toContain('shop@example.org');
});

test('stakeholders of a major incident hear how it stands, and whoever owes them news is reminded', async () => {
  const incident = await declare(ops, { severity: 'SEV-1' });
  await incident.ask('cid', 'acknowledge');
  await incident.skip(minutes(31));
  await expect
    .poll(() => ops.mails())
    .toContainEqual({
      to: 'cid@example.org',
      subject: expect.stringContaining('stakeholders wait for news') as string,
    });

  await incident.ask('cid', 'report-status', { text: 'We know what it is' });
  await incident.until(({ updates }) => updates.sent === 1);

  expect(await ops.mails()).toContainEqual({ to: 'shop@example.org', subject: `Status: incident ${incident.number}` });
});
