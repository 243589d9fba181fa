import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { incidentOf, monitoringOf, newestIncident } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';

let ops: Ops;
let monitoring: ReturnType<typeof monitoringOf>;
const everything = { match: 'true', resolveDelay: '1s', reopenWindow: '2s' };

beforeAll(async () => {
  ops = await startOps({
    correlation: { rule: everything },
    services: { web: ['api'], api: ['db'], db: [], other: [] },
  });
  monitoring = monitoringOf(ops);
});
afterAll(() => ops.stop());

const alert = (service: string, alertname: string, more: Record<string, string> = {}) => ({
  labels: { service, alertname, severity: 'error', ...more },
  annotations: { summary: alertname },
});
const alertsOf = async (filter = '') => (await ops.as('aud')('GET', `/v1/alerts?${filter}`)).body.items;
const alertNamed = async (title: string) => (await alertsOf()).find((each) => each['title'] === title);
const countIncidents = async () => (await ops.as('aud')('GET', '/v1/incidents?limit=200')).body.items.length;
let before = 0;
beforeEach(async () => {
  before = (await ops.stores.incidents.list({ limit: 1 })).items[0]?.number ?? 0;
});
const opened = () => newestIncident(ops, before);
const settled = (title: string) => expect.poll(() => alertNamed(title), { timeout: 10_000 }).toBeDefined();

describe('alerts of one service', () => {
  test('are one incident; a worse one raises it and pages anew', async () => {
    await monitoring.fire(alert('web', 'Slow'));
    const incident = await opened();
    await incident.until(({ escalation }) => escalation.paged.length > 0);

    await monitoring.fire(alert('web', 'Down', { severity: 'critical' }), alert('web', 'Slower'));

    const raised = await incident.until(({ alerts, severity }) => alerts.total === 3 && severity === 'SEV-2');
    expect(raised.escalation.round).toBeGreaterThanOrEqual(1);
    await incident.until(({ escalation }) => escalation.round === 3);
    const texts = await ops.stores.outbox.of(incident.reference);
    expect(texts.length).toBe(8);
    await monitoring.end(alert('web', 'Slow'), alert('web', 'Down', { severity: 'critical' }), alert('web', 'Slower'));
    await incident.becomes('resolved');
  });

  test('open what was resolved again inside of the window, and another one that follows it behind it', async () => {
    await monitoring.fire(alert('other', 'A'));
    const first = await opened();
    await monitoring.end(alert('other', 'A'));
    await first.becomes('resolved');

    await monitoring.fire({ ...alert('other', 'A'), startsAt: new Date().toISOString() });
    const again = await first.until(({ reopened }) => reopened === 1);
    expect(again.status).toBe('triaged');
    await monitoring.end(alert('other', 'A'));
    await first.becomes('closed');

    await monitoring.fire({ ...alert('other', 'B'), startsAt: new Date().toISOString() });
    const next = await newestIncident(ops, first.number);
    expect((await next.until(() => true)).follows).toBe(first.number);
    await monitoring.end(alert('other', 'B'));
    await next.becomes('resolved');
  });
});

describe('an alert that belongs to no service', () => {
  test('is listed as a gap, and pages the team of its source if it is bad', async () => {
    await monitoring.fire(alert('nowhere', 'Unknown', { severity: 'critical' }));

    const incident = await opened();
    const paged = await incident.until(({ escalation }) => escalation.paged.length > 0);
    expect(paged).toMatchObject({ status: 'detected', team: 'shop' });
    expect((await alertsOf('gap=true')).map(({ gap }) => gap)).toContain('the catalogue has no service nowhere');
    expect((await incident.ask('ana', 'resolve', { solution: 'x' })).status).toBe(409);
    await incident.ask('ana', 'cancel', { code: 'false-positive', reason: 'a test' });
    await monitoring.end(alert('nowhere', 'Unknown', { severity: 'critical' }));
  });

  test('is kept and counted without a page where it is a warning or only informs', async () => {
    const count = await countIncidents();
    await monitoring.fire(alert('db', 'Filling', { severity: 'warning' }), alert('db', 'Fyi', { severity: 'info' }));
    await settled('Fyi');

    expect(await alertNamed('Filling')).toMatchObject({ class: 'warning', isFiring: true, incident: null, count: 1 });
    expect(await alertNamed('Fyi')).toMatchObject({ class: 'informational' });
    expect(await countIncidents()).toBe(count);
  });
});

describe('a rule', () => {
  test('with a threshold opens an incident for so many alerts, with all of them, and no other one for fewer', async () => {
    await ops.apply({
      correlation: { rule: { ...everything, groupBy: ['service'], threshold: { count: 3, within: '4s' } } },
    });
    const count = await countIncidents();
    await monitoring.fire(alert('db', 'T1'), alert('db', 'T2'));
    await settled('T2');
    expect([(await alertNamed('T2'))?.['heldBy'], await countIncidents()]).toEqual(['threshold/3', count]);

    await monitoring.fire(alert('db', 'T3'));
    const incident = await opened();
    await incident.until(({ alerts }) => alerts.total === 3);
    await new Promise((done) => setTimeout(done, 4_100));
    await monitoring.fire(alert('db', 'T4'));
    await incident.until(({ alerts }) => alerts.total === 4);
    await monitoring.end(...['T1', 'T2', 'T3', 'T4'].map((name) => alert('db', name)));
    await incident.becomes('closed');

    await monitoring.fire({ ...alert('db', 'T1'), startsAt: new Date().toISOString() });
    await expect.poll(async () => (await alertNamed('T1'))?.['isFiring'], { timeout: 10_000 }).toBe(true);
    expect([(await alertNamed('T1'))?.['heldBy'], await countIncidents()]).toEqual(['threshold/3', count + 1]);
    await monitoring.end(alert('db', 'T1'));
  });

  test('with an inhibition opens nothing while the cause is known, and pages when it is gone', async () => {
    const inhibitedBy = { match: 'alert.labels.alertname == "NetworkDown"', equal: ['environment'] };
    await ops.apply({ correlation: { rule: { ...everything, groupBy: ['title'], inhibitedBy } } });
    await monitoring.fire(alert('db', 'NetworkDown'));
    const cause = await opened();
    await monitoring.fire(alert('api', 'Unreachable'));
    await settled('Unreachable');
    expect((await alertNamed('Unreachable'))?.['heldBy']).toMatch(/^alert\//);

    await monitoring.end(alert('db', 'NetworkDown'));

    const other = await newestIncident(ops, cause.number);
    expect((await other.until(() => true)).title).toBe('Unreachable');
    await monitoring.end(alert('api', 'Unreachable'));
    await other.becomes('resolved');
  });

  test('with an inhibition opens what is held once its cause is shelved', async () => {
    const inhibitedBy = { match: 'alert.labels.alertname == "Noise"' };
    await ops.apply({ correlation: { rule: { ...everything, groupBy: ['title'], inhibitedBy } } });
    await monitoring.fire(alert('db', 'Noise'));
    const cause = await opened();
    await monitoring.fire(alert('api', 'Muted'));
    await settled('Muted');
    expect((await alertNamed('Muted'))?.['heldBy']).toMatch(/^alert\//);

    const shelf = { until: new Date(Date.now() + 3_600_000).toISOString(), reason: 'noise' };
    await ops.as('ana')('POST', `/v1/alerts/${String((await alertNamed('Noise'))?.['fingerprint'])}/shelve`, shelf);

    const other = await newestIncident(ops, cause.number);
    expect((await other.until(() => true)).title).toBe('Muted');
    await monitoring.end(alert('db', 'Noise'), alert('api', 'Muted'));
    await other.becomes('resolved');
  });

  test('with topology takes what depends on it along, and names the deepest one as its origin', async () => {
    await ops.apply({ correlation: { rule: { ...everything, topology: {} } } });
    await monitoring.fire(alert('web', 'Errors'));
    const incident = await opened();

    await monitoring.fire(alert('api', 'Timeouts'), alert('other', 'Unrelated'));
    await monitoring.fire(alert('db', 'NoConnections'));

    await incident.until(({ alerts }) => alerts.total === 3);
    const { body } = await ops.as('ana')('GET', `/v1/incidents/${incident.number}`);
    expect(body['origins']).toEqual(['db']);
    expect((await alertNamed('Unrelated'))?.['incident']).not.toBe(incident.number);
    await monitoring.end(
      ...['Errors web', 'Timeouts api', 'Unrelated other', 'NoConnections db'].map((text) => {
        const [name = '', service = ''] = text.split(' ');
        return alert(service, name);
      }),
    );
    await incident.becomes('resolved');
  });

  test('ends what was told once and is heard of no more, a warning as well', async () => {
    await ops.apply({ correlation: { rule: { ...everything, inactivityTimeout: '1s' } } });
    await monitoring.fire(alert('db', 'Once'), alert('db', 'Warned', { severity: 'warning' }));
    const incident = await opened();

    await incident.becomes('closed');

    const endedOf = async (title: string) => [
      (await alertNamed(title))?.['isFiring'],
      (await alertNamed(title))?.['endedAt'],
    ];
    expect([await endedOf('Once'), await endedOf('Warned')]).toEqual([
      [false, expect.any(String)],
      [false, expect.any(String)],
    ]);
  });

  test('that says so leaves the recovery to people', async () => {
    await ops.apply({ correlation: { rule: { ...everything, resolveOn: 'never' } } });
    await monitoring.fire(alert('db', 'Handmade'));
    const incident = await opened();
    await monitoring.end(alert('db', 'Handmade'));
    await incident.until(({ alerts }) => alerts.firing === 0);
    await incident.skip(60 * 60_000);

    expect((await incident.now())?.status).toBe('triaged');
    expect((await incident.ask('ana', 'resolve', { solution: 'by hand' })).status).toBe(200);
  });
});

describe('a maintenance window', () => {
  test('silences its services visibly, and what still fires when it closes pages', async () => {
    await ops.apply({
      correlation: { rule: everything },
      windows: { night: { zone: 'UTC', opens: '* * * * *', lasts: '1m', silences: { services: ['db'] } } },
    });
    const count = await countIncidents();
    await monitoring.fire(alert('db', 'Planned'));
    await settled('Planned');
    expect([(await alertNamed('Planned'))?.['heldBy'], await countIncidents()]).toEqual(['window/night', count]);
    await monitoring.fire(alert('db', 'Shelved'));
    await settled('Shelved');
    const shelf = { until: new Date(Date.now() + 3_600_000).toISOString(), reason: 'known' };
    const path = `/v1/alerts/${String((await alertNamed('Shelved'))?.['fingerprint'])}/shelve`;
    expect((await ops.as('ana')('POST', path, shelf)).status).toBe(200);

    await ops.apply({
      correlation: { rule: everything },
      windows: { night: { zone: 'UTC', opens: '0 0 1 1 *', lasts: '1m', silences: { services: ['db'] } } },
    });
    const incident = await opened();
    expect((await incident.until(() => true)).title).toBe('Planned');
    expect((await alertNamed('Shelved'))?.['shelvedUntil']).toBe(shelf.until);
    await monitoring.end(alert('db', 'Planned'));
    await incident.becomes('resolved');
  });
});

test('a storm is one incident that names every alert, and a worse one in it pages anew; it takes the keys that it has', async () => {
  const names = Array.from({ length: 15 }, (_, index) => `storm-${index}`);
  await ops.apply({
    correlation: { rule: { ...everything, groupBy: ['service'] } },
    services: Object.fromEntries(names.map((name) => [name, []])),
  });
  await monitoring.fire(...names.slice(0, 14).map((name) => alert(name, `Down ${name}`)));
  const storm = await opened();
  const raging = await storm.until(({ alerts, escalation }) => alerts.total === 14 && escalation.paged.length > 0);
  expect([raging.title.slice(0, 37), raging.severity]).toEqual(['Alert storm: 14 alerts of 14 services', 'SEV-3']);
  expect((await ops.stores.incidents.alertTitles(storm.number)).length).toBe(14);

  await monitoring.fire(alert('storm-14', 'Hidden', { severity: 'critical' }));
  await storm.until(({ severity, escalation }) => severity === 'SEV-2' && escalation.round === 3);
  const newest = incidentOf(ops, (await ops.stores.incidents.list({ limit: 1 })).items[0]!.number);
  expect(newest.number).toBe(storm.number);

  // The flood is over, and the incident is not.
  await sql`update alert set changed_at = now() - interval '11 minutes'`.execute(ops.db);
  await monitoring.fire(alert('storm-3', 'Later'));
  await settled('Later');
  expect((await alertNamed('Later'))?.['incident']).toBe(storm.number);
});
