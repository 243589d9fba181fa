import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { asFiles, document } from '../../support/company.ts';
import { monitoringOf, newestIncident } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';

let ops: Ops;
afterEach(() => ops.stop());

const alert = (service: string, title: string, severity = 'error') => ({
  fingerprint: `${service}-${title}`,
  labels: { service, alertname: title, severity },
  annotations: { summary: title },
});
const now = () => ({ startsAt: new Date().toISOString() });
const pagesOf = async (reference: Parameters<Ops['stores']['outbox']['of']>[0]) =>
  (await ops.stores.outbox.of(reference)).filter(({ key }) => key.includes('/page/'));

test('an alert that gets worse stays with its incident for as long as that takes alerts', async () => {
  ops = await startOps({
    services: { web: [] },
    correlation: { rule: { match: 'true', groupBy: ['service', 'severity'], resolveDelay: '1s' } },
  });
  const monitoring = monitoringOf(ops);
  await monitoring.fire(alert('web', 'Grows', 'error'));
  const incident = await newestIncident(ops);
  await incident.until(({ alerts }) => alerts.firing === 1);

  await monitoring.fire({ ...alert('web', 'Grows', 'critical'), ...now() });
  expect((await incident.until(({ severity }) => severity === 'SEV-2')).alerts.firing).toBe(1);
  await monitoring.end(alert('web', 'Grows', 'critical'));

  await incident.becomes('resolved');
  expect((await ops.stores.incidents.list({ limit: 10 })).items.length).toBe(1);
});

test('an incident that was cancelled while its alerts fire opens no other one when one of them ends, or is shelved', async () => {
  ops = await startOps({ services: { web: [] }, correlation: { rule: { match: 'true', groupBy: ['service'] } } });
  const monitoring = monitoringOf(ops);
  await monitoring.fire(alert('web', 'A'), alert('web', 'B'), alert('web', 'C'));
  const incident = await newestIncident(ops);
  await incident.until(({ alerts }) => alerts.firing === 3);
  await incident.ask('ana', 'cancel', { code: 'false-positive', reason: 'a test' });
  await incident.becomes('cancelled');
  const [shelved] = (await ops.as('aud')('GET', '/v1/alerts')).body.items.filter((each) => each['title'] === 'B');

  await monitoring.end(alert('web', 'A'));
  const shelf = { until: new Date(Date.now() + 3_600_000).toISOString(), reason: 'known' };
  await ops.as('ana')('POST', `/v1/alerts/${String(shelved!['fingerprint'])}/shelve`, shelf);
  await expect
    .poll(async () => (await ops.as('aud')('GET', '/v1/alerts?state=ended')).body.items.length, { timeout: 10_000 })
    .toBe(1);
  // Two sweeps.
  await new Promise((done) => setTimeout(done, 1_000));

  expect((await ops.stores.incidents.list({ limit: 10 })).items.length).toBe(1);
});

test('an alert that fires right before a merge goes along, however long the merge takes', async () => {
  ops = await startOps({
    services: { web: [], api: [] },
    correlation: { rule: { match: 'true', groupBy: ['service'] } },
  });
  const monitoring = monitoringOf(ops);
  await monitoring.fire(alert('web', 'A'));
  const one = await newestIncident(ops);
  await monitoring.fire(alert('api', 'B'));
  const two = await newestIncident(ops, one.number);
  await two.until(({ escalation }) => escalation.paged.length > 0);
  const held = ops.db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(7310002)`.execute(tx);
    await new Promise((done) => setTimeout(done, 1_800));
  });
  await new Promise((done) => setTimeout(done, 200));
  await monitoring.fire(alert('api', 'C'));
  await two.ask('dan', 'merge', { into: one.number, reason: 'the same' });
  await held;

  await one.until(({ alerts }) => alerts.firing === 3);
  expect((await ops.stores.incidents.list({ limit: 10 })).items.length).toBe(2);
});

test('an alert that fires right before its incident is closed opens another one', async () => {
  ops = await startOps({ services: { web: [] } });
  const monitoring = monitoringOf(ops);
  await monitoring.fire(alert('web', 'A'));
  const incident = await newestIncident(ops);
  await incident.until(({ alerts }) => alerts.firing === 1);
  await incident.ask('cid', 'acknowledge');
  await monitoring.end(alert('web', 'A'));
  await incident.until(({ alerts }) => alerts.firing === 0);
  await incident.ask('cid', 'resolve', { solution: 'Restarted', strategy: 'restart' });
  await incident.becomes('resolved');
  const told = async () =>
    (await sql`select from incident where number = ${incident.number} and told = news`.execute(ops.db)).rows.length;

  await ops.restartWorker(async () => {
    await expect.poll(told).toBe(1);
    await monitoring.fire({ ...alert('web', 'A'), ...now() });
    await expect.poll(told).toBe(0);
    await expect.poll(told).toBe(1);
    await incident.ask('cid', 'close', { reason: 'nothing to learn' });
  });

  const next = await newestIncident(ops, incident.number);
  expect((await next.until(({ escalation }) => escalation.paged.length > 0)).alerts.firing).toBe(1);
  expect((await incident.now())?.status).toBe('closed');
});

describe('an incident that a person opens again', () => {
  test('stays open though its alerts have ended, and pages', async () => {
    ops = await startOps({ correlation: { rule: { match: 'true', resolveDelay: '1s', reopenWindow: '60s' } } });
    const monitoring = monitoringOf(ops);
    await monitoring.fire(alert('checkout', 'A'));
    const incident = await newestIncident(ops);
    await incident.until(({ escalation }) => escalation.paged.length > 0);
    await monitoring.end(alert('checkout', 'A'));
    await incident.becomes('resolved');
    const before = (await pagesOf(incident.reference)).length;

    await incident.ask('dan', 'reopen', { reason: 'customers still cannot pay' });

    await expect.poll(async () => (await pagesOf(incident.reference)).length).toBeGreaterThan(before);
    expect((await incident.now())?.status).toBe('triaged');
  });

  test('takes the alerts of its key, though another one followed it', async () => {
    ops = await startOps({
      services: { web: [] },
      correlation: { rule: { match: 'true', resolveOn: 'never', reopenWindow: '2s' } },
    });
    const monitoring = monitoringOf(ops);
    const solved = async (title: string, after: number) => {
      await monitoring.fire({ ...alert('web', title), ...now() });
      const incident = await newestIncident(ops, after);
      await incident.until(({ alerts }) => alerts.firing === 1);
      await monitoring.end(alert('web', title));
      await incident.until(({ alerts }) => alerts.firing === 0);
      await incident.ask('dan', 'acknowledge');
      await incident.ask('dan', 'resolve', { solution: 'x', strategy: 'other' });
      return incident;
    };
    const first = await solved('A', 0);
    await first.ask('dan', 'request-review', { reason: 'to learn' });
    await expect
      .poll(
        async () => (await sql`select from incident where reopens_until <= now() or not is_open`.execute(ops.db)).rows,
      )
      .not.toEqual([]);
    await new Promise((done) => setTimeout(done, 2_500));
    const second = await solved('B', first.number);
    await second.becomes('closed');
    await first.ask('dan', 'reopen', { reason: 'it was not solved' });
    await first.until(({ reopened }) => reopened === 1);

    await monitoring.fire(alert('web', 'C'));

    await first.until(({ alerts }) => alerts.firing === 1);
  });
});

describe('an incident that is resolved', () => {
  const rule = { match: 'true', resolveDelay: '1s', reopenWindow: '30m' };
  const resolved = async () => {
    ops = await startOps({ services: { web: [] }, correlation: { rule } });
    const monitoring = monitoringOf(ops);
    await monitoring.fire({ ...alert('web', 'A'), ...now() });
    const incident = await newestIncident(ops);
    await incident.until(({ alerts }) => alerts.firing === 1);
    await monitoring.end(alert('web', 'A'));
    await incident.becomes('resolved');
    return { monitoring, incident, news: (await incident.now())!.alerts.news };
  };

  test('is not opened again by its alert where that is only a warning by now, but where it gets worse again', async () => {
    const { monitoring, incident, news } = await resolved();

    await monitoring.fire({ ...alert('web', 'A', 'warning'), ...now() });

    const heard = await incident.until(({ alerts }) => alerts.news > news);
    expect([heard.status, heard.alerts.firing]).toEqual(['resolved', 0]);
    await monitoring.fire({ ...alert('web', 'A', 'critical'), ...now() });
    await incident.until(({ reopened }) => reopened === 1);
    // It ends when nobody is needed any more.
    const lowered = new Date().toISOString();
    await monitoring.fire({ ...alert('web', 'A', 'warning'), ...now() });
    const { times } = await incident.becomes('resolved');
    expect(times.restoredAt! > lowered).toBe(true);
  });

  test('is opened again by its alert once that is not held any more', async () => {
    const { monitoring, incident, news } = await resolved();
    const lasting = (opens: string) => ({ zone: 'UTC', opens, lasts: '1m', silences: { services: ['web'] } });
    await ops.apply({ correlation: { rule }, windows: { night: lasting('* * * * *') } });

    await monitoring.fire({ ...alert('web', 'A'), ...now() });

    const heard = await incident.until(({ alerts }) => alerts.news > news);
    expect([heard.status, heard.alerts.firing]).toEqual(['resolved', 0]);
    await ops.apply({ correlation: { rule }, windows: { night: lasting('0 0 1 1 *') } });
    await incident.until(({ reopened, alerts }) => reopened === 1 && alerts.firing === 1);
  });
});

describe('an alert whose service and source belong to another team by now', () => {
  test('pages that team, also while the incident of the former one could be opened again', async () => {
    ops = await startOps({ services: { web: [] }, correlation: { rule: { match: 'true', resolveDelay: '1s' } } });
    const monitoring = monitoringOf(ops);
    await monitoring.fire({ ...alert('web', 'A'), ...now() });
    const former = await newestIncident(ops);
    await former.until(({ alerts }) => alerts.firing === 1);
    await monitoring.end(alert('web', 'A'));
    await former.becomes('resolved');
    const mapping = { environment: { default: 'production' } };
    await ops.as('admin')('POST', '/v1/catalogue', {
      files: asFiles([
        document('Service', 'web', { description: 'web', owner: 'other' }),
        document('Source', 'monitoring', {
          format: 'alertmanager',
          team: 'other',
          secrets: ['events'],
          alerts: mapping,
        }),
      ]).map((file) => ({ ...file, path: 'moved.yaml' })),
    });

    await monitoring.fire({ ...alert('web', 'A'), ...now() });

    const next = await newestIncident(ops, former.number);
    const { team, escalation } = await next.until(({ escalation: { paged } }) => paged.length > 0);
    expect([team, escalation.paged, (await former.now())?.status]).toEqual(['other', ['eva'], 'resolved']);
  });
});

test('alerts to come of what was merged twice belong to the last one, and its status is that of the last one', async () => {
  ops = await startOps({
    services: { web: [], api: [], db: [] },
    statusPages: { shop: { title: 'Shop', components: [{ service: 'web', name: 'Web' }] } },
  });
  const monitoring = monitoringOf(ops);
  const open = async (service: string, after = 0) => {
    await monitoring.fire(alert(service, 'A'));
    const incident = await newestIncident(ops, after);
    await incident.until(({ alerts }) => alerts.total > 0);
    return incident;
  };
  const one = await open('web');
  const two = await open('api', one.number);
  const three = await open('db', two.number);
  await one.ask('dan', 'report-status', { text: 'We are on it', public: true });
  await one.until(({ updates }) => updates.unsent.length === 0);
  await one.ask('dan', 'merge', { into: two.number, reason: 'same' });
  await two.until(({ alerts }) => alerts.total === 2);
  await two.ask('dan', 'merge', { into: three.number, reason: 'same' });
  await three.until(({ alerts }) => alerts.total === 3);

  await monitoring.fire(alert('web', 'B'));

  await three.until(({ alerts }) => alerts.total === 4);
  const statusOf = async () => {
    const page = (await (await fetch(`${ops.url}/status/shop.json`)).json()) as { incidents: { status: string }[] };
    return page.incidents.map(({ status }) => status);
  };
  await expect.poll(statusOf, { timeout: 10_000 }).toEqual(['investigating']);
});
