import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { asFiles, document } from '../../support/company.ts';
import { declare, monitoringOf, newestIncident } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';

let ops: Ops;
afterEach(() => ops.stop());

const alert = (service: string, title: string, severity = 'error') => ({
  fingerprint: `${service}-${title}`.slice(0, 60),
  labels: { service, alertname: title.slice(0, 30), severity },
  annotations: { summary: title },
});
const now = () => ({ startsAt: new Date().toISOString() });
const listed = async (title: string) =>
  (await ops.as('aud')('GET', '/v1/alerts')).body.items.find((each) => each['title'] === title);
const fires = (title: string) => expect.poll(async () => (await listed(title))?.['isFiring'], { timeout: 12_000 });
const pagesOf = async (reference: Parameters<Ops['stores']['outbox']['of']>[0]) =>
  (await ops.stores.outbox.of(reference)).filter(({ key }) => key.includes('/page/'));
/** Half of a character, where it is cut. */
const flames = (before: string): string => `${before}${'🔥'.repeat(149)}`;

describe('whatever a sender writes', () => {
  test.each(['constructor', '__proto__', 'toString'])('severity %s is none, and stops no other alert', async (word) => {
    ops = await startOps({ services: { web: [] } });
    const monitoring = monitoringOf(ops);
    await monitoring.fire(alert('web', 'Odd', word));
    await expect.poll(async () => (await listed('Odd'))?.['severity'], { timeout: 10_000 }).toBe('warning');

    await monitoring.fire(alert('checkout', 'Real'));

    await fires('Real').toBe(true);
  });

  test.each(['', 'x'])(
    'a title that is cut inside a character still pages, and names its storm (%j)',
    async (before) => {
      ops = await startOps({
        services: { web: [], api: [] },
        correlation: { rule: { match: 'alert.service == "api"', groupBy: ['title'] } },
      });
      const monitoring = monitoringOf(ops);
      await monitoring.fire(alert('web', flames(before), 'critical'));
      const incident = await newestIncident(ops);
      await incident.until(({ escalation }) => escalation.paged.length > 0);
      expect((await pagesOf(incident.reference)).length).toBe(4);

      await monitoring.fire(
        alert('api', flames(before), 'critical'),
        ...Array.from({ length: 11 }, (_, at) => alert('api', `t${at}`)),
      );
      const storm = await newestIncident(ops, incident.number);

      expect((await storm.until(({ alerts }) => alerts.total === 12)).title).toMatch(/^Alert storm/);
    },
  );

  test('an alert that cannot be routed when its hold is over stops no other', async () => {
    const lasting = (opens: string) => ({ zone: 'UTC', opens, lasts: '1m', silences: { services: ['web', 'api'] } });
    const company = {
      services: { web: [], api: [] },
      correlation: { rule: { match: 'true', groupBy: ['service' as const] } },
    };
    ops = await startOps({ ...company, windows: { night: lasting('* * * * *') } });
    const monitoring = monitoringOf(ops);
    await sql`
      create function refuse_poison() returns trigger language plpgsql as 'begin raise exception ''no such incident''; end';
      create trigger refuse_poison before insert on incident for each row when (new.service = 'api') execute function refuse_poison()`.execute(
      ops.db,
    );
    await monitoring.fire(alert('api', 'Poison'), alert('web', 'Real'));
    const held = async () => (await ops.as('aud')('GET', '/v1/alerts')).body.items.map((each) => each['heldBy']);
    await expect.poll(held, { timeout: 10_000 }).toEqual(['window/night', 'window/night']);

    await ops.apply({ ...company, windows: { night: lasting('0 0 1 1 *') } });

    expect((await (await newestIncident(ops)).until(() => true)).title).toBe('Real');
  });

  test('an inbox row that nothing can be made of is parked, and stops no other', async () => {
    ops = await startOps({ services: { web: [] } });
    const monitoring = monitoringOf(ops);
    await sql`
      create function refuse_poison() returns trigger language plpgsql as 'begin raise exception ''no such alert''; end';
      create trigger refuse_poison before insert on alert for each row when (new.title = 'Poison') execute function refuse_poison()`.execute(
      ops.db,
    );
    await Promise.all([
      monitoring.fire(alert('web', 'Poison')),
      monitoring.fire(alert('checkout', 'Real')),
      monitoring.fire(alert('web', 'Other')),
    ]);

    await fires('Real').toBe(true);
    await fires('Other').toBe(true);
    const parked = async () =>
      (await sql<{ reason: string }>`select reason from alert_inbox where state = 'parked'`.execute(ops.db)).rows;
    await expect.poll(parked).toEqual([{ reason: 'no such alert' }]);
  });
});

test('an alert whose transaction collides with others is correlated later, and not parked', async () => {
  ops = await startOps();
  await sql`
    create sequence tries;
    create function collide() returns trigger language plpgsql as 'begin
      case nextval(''tries'')
        when 1 then raise exception ''deadlock detected'' using errcode = ''40P01'';
        when 2 then raise exception ''could not serialize access'' using errcode = ''40001'';
        when 3 then raise exception ''lock not available'' using errcode = ''55P03'';
        else return new;
      end case;
    end';
    create trigger collide before insert on alert for each row execute function collide()`.execute(ops.db);

  await monitoringOf(ops).fire(alert('checkout', 'Real'));

  await fires('Real').toBe(true);
  const { rows } = await sql`select state from alert_inbox`.execute(ops.db);
  expect(rows).toEqual([{ state: 'delivered' }]);
});

describe('whatever the clock of a sender says', () => {
  test('an alert is heard of again, ends for want of news, and its incident recovers', async () => {
    ops = await startOps({ services: { web: [], db: [] }, alerts: { resolveAfter: '3s' } });
    const monitoring = monitoringOf(ops);
    const [start, end] = ['2031-01-01T00:00:00Z', '2031-01-01T00:01:00Z'];
    await monitoring.end({ ...alert('web', 'Clock'), startsAt: start, endsAt: end });
    await fires('Clock').toBe(false);

    await monitoring.fire({ ...alert('web', 'Clock'), ...now() });
    await fires('Clock').toBe(true);
    await fires('Clock').toBe(false);

    await monitoring.fire({ ...alert('db', 'Ahead'), startsAt: start });
    const incident = await newestIncident(ops, (await newestIncident(ops)).number);
    await incident.until(({ alerts }) => alerts.firing === 1);
    await monitoring.end({ ...alert('db', 'Ahead'), startsAt: start, endsAt: end });
    await incident.until(({ alerts }) => alerts.firing === 0);
    await incident.skip(20 * 60_000);
    expect(await incident.becomes('resolved')).toMatchObject({ restoredBy: 'self-healed' });
  });
});

test('an alert that has ended for want of news opens another incident once its sender repeats it', async () => {
  ops = await startOps({
    services: { web: [] },
    alerts: { resolveAfter: '1s' },
    correlation: { rule: { match: 'true', resolveDelay: '1s', reopenWindow: '1s' } },
  });
  const monitoring = monitoringOf(ops);
  const still = { ...alert('web', 'Still'), ...now() };
  await monitoring.fire(still);
  const incident = await newestIncident(ops);
  const closed = await incident.becomes('closed');

  await monitoring.fire({ ...still, annotations: { summary: 'Still', value: '2' } });

  const next = await newestIncident(ops, incident.number);
  const record = await next.until(({ alerts }) => alerts.firing === 1);
  expect(record).toMatchObject({ follows: incident.number });
  expect(Date.parse(record.impactAt ?? record.openedAt)).toBeGreaterThan(Date.parse(closed.openedAt) + 1_000);
});

test('an alert that is overdue and has calmed down in one sweep ends, and what else is due is looked at', async () => {
  ops = await startOps({
    services: { web: [] },
    alerts: { resolveAfter: '4s', flapping: { changes: 3, quietFor: '4s' } },
  });
  const monitoring = monitoringOf(ops);
  for (const isFiring of [true, false, true]) {
    const at = new Date().toISOString();
    const turns = { ...alert('web', 'Turns'), startsAt: at };
    await (isFiring ? monitoring.fire(turns) : monitoring.end({ ...turns, endsAt: at }));
    await fires('Turns').toBe(isFiring);
  }

  await expect.poll(async () => (await listed('Turns'))?.['isFiring'], { timeout: 12_000 }).toBe(false);
});

test('a heartbeat with a long name that falls silent pages, and stops no other page', async () => {
  ops = await startOps({});
  const name = `nightly-${'x'.repeat(55)}`;
  const every = { every: '1m', grace: '1s', secrets: ['events'], service: 'checkout', environment: 'production' };
  await ops.as('admin')('POST', '/v1/catalogue', {
    files: asFiles([document('Heartbeat', name, { team: 'shop', ...every })]),
  });
  await sql`update revision set applied_at = applied_at - interval '1 hour'`.execute(ops.db);
  const silent = await newestIncident(ops);
  await silent.until(({ escalation }) => escalation.paged.length > 0);

  const declared = await declare(ops, { service: 'orphan' });

  expect((await declared.until(({ escalation }) => escalation.paged.length > 0)).escalation.paged).toContain('dan');
});

test('a service account of a team with a long name pages', async () => {
  const team = `payments-${'x'.repeat(54)}`;
  const holder = `monitoring-${'x'.repeat(52)}`;
  ops = await startOps();
  await ops.as('admin')('POST', '/v1/catalogue', {
    files: asFiles([
      document('Team', team, { members: [{ person: 'eva', role: 'admin' }] }),
      document('Service', 'ledger', { description: 'What is owed', owner: team }),
    ]),
  });
  const { secret } = await ops.stores.tokens.create(
    crypto.randomUUID(),
    { kind: 'service', holder, team, scope: 'operator', expiresAt: '2040-01-01T00:00:00Z' },
    { type: 'person', name: 'eva' },
    new Date().toISOString(),
  );
  const sent = await fetch(`${ops.url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'Down', service: 'ledger', environment: 'production', severity: 'critical' }),
  });
  expect(sent.status).toBe(202);

  const incident = await newestIncident(ops);

  const source = `api/service/${team}/${holder}`;
  const { escalation, detectedBy } = await incident.until((each) => each.escalation.paged.length > 0);
  expect([escalation.paged, detectedBy]).toEqual([['eva'], { by: 'alert', source }]);
  expect((await ops.as('eva')('GET', `/v1/incidents/${incident.number}`)).status).toBe(200);
  const { body } = await ops.as('eva')('GET', `/v1/alerts?source=${encodeURIComponent(source)}`);
  expect(body.items).toMatchObject([{ title: 'Down', incident: incident.number }]);
});
