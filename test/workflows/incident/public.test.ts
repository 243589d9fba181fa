import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StatusFeed } from '../../../domain/status-page.ts';
import { asFiles, document } from '../../support/company.ts';
import { declare } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { minutes } from '../../support/time.ts';

let ops: Ops;

const components = ['payments', 'search', 'login', 'mail'].map((service) => ({ service, name: `Public ${service}` }));

beforeAll(async () => {
  const services = Object.fromEntries(components.map(({ service }) => [service, []]));
  ops = await startOps({ services, statusPages: { shop: { title: 'Shop', components } } });
});
afterAll(() => ops.stop());

/** As everybody reads it: without a token. */
const read = (path = 'shop.json', headers: Record<string, string> = {}) =>
  fetch(`${ops.url}/status/${path}`, { headers });
const feed = async (): Promise<StatusFeed> => (await read()).json() as Promise<StatusFeed>;
const incidentsOf = async (service: string) =>
  (await feed()).incidents.filter(({ component }) => component === `Public ${service}`);
const shown = (service: string) => expect.poll(() => incidentsOf(service), { timeout: 20_000 });

test('whoever owes news hears that the public has heard nothing', async () => {
  const remindersOf = async (number: number): Promise<string[]> => {
    const { rows } = await sql<{ text: string }>`
      select payload->>'text' as text from outbox
      where payload->>'text' like ${`%report-status ${number} %`} order by created_at`.execute(ops.db);
    return rows.map(({ text }) => text);
  };
  const [shownOne, other] = [
    await declare(ops, { service: 'login', severity: 'SEV-1' }),
    await declare(ops, { severity: 'SEV-1' }),
  ];
  for (const incident of [shownOne, other]) {
    await incident.ask('cid', 'acknowledge');
    await incident.skip(minutes(31));
  }

  const text = expect.stringContaining('The public has heard nothing. To publish what you say:\nevenkeel') as string;
  await expect.poll(() => remindersOf(shownOne.number)).toEqual([text]);
  await expect.poll(() => remindersOf(other.number)).toHaveLength(1);
  expect(await remindersOf(other.number)).not.toEqual([expect.stringContaining('public')]);

  await shownOne.ask('cid', 'report-status', { text: 'We are on it', public: true });
  await shownOne.skip(minutes(31));
  await expect
    .poll(() => remindersOf(shownOne.number))
    .toContainEqual(expect.stringContaining('The public has heard nothing since 20'));
});

describe('a status page', () => {
  test('shows of an incident what was published, and nothing else', async () => {
    const title = 'Database db-7 of customer Acme is down';
    const incident = await declare(ops, { service: 'payments', severity: 'SEV-1', title });
    await incident.ask('dan', 'acknowledge');
    await incident.ask('dan', 'note', { text: 'Acme shouts' });
    await incident.ask('dan', 'report-status', { text: 'db-7 has no disk left' });
    await incident.until(({ updates }) => updates.sent === 1);
    expect(await incidentsOf('payments')).toEqual([]);

    await incident.ask('dan', 'report-status', { text: 'Cards are refused. We look into it.', public: true });
    await incident.ask('dan', 'mitigate', { strategy: 'failover' });
    await incident.ask('dan', 'report-status', {
      text: 'We move to another system.',
      public: true,
      publicTitle: 'Cards are refused',
    });

    await shown('payments').toMatchObject([
      {
        title: 'Cards are refused',
        status: 'identified',
        updates: [
          { status: 'identified', text: 'We move to another system.' },
          { status: 'investigating', text: 'Cards are refused. We look into it.' },
        ],
      },
    ]);
    const json = await (await read()).text();
    const atom = await (await read('shop.atom')).text();
    expect(JSON.parse(json)).toMatchObject({ state: 'major-outage' });
    expect(atom).toContain('<title>Cards are refused (Public payments): identified</title>');
    for (const secret of ['db-7', 'Acme', 'dan', `"${incident.number}"`, '"payments"', 'SEV-1', 'failover'])
      expect([secret, json.includes(secret), atom.includes(secret)]).toEqual([secret, false, false]);

    await incident.ask('dan', 'resolve', { solution: 'Moved away from db-7' });
    await shown('payments').toMatchObject([{ status: 'resolved', updates: [{}, {}] }]);
    expect((await feed()).components[0]).toEqual({ name: 'Public payments', state: 'operational' });
    expect((await incident.told('published')).map(({ detail }) => detail)).toEqual([
      { status: 'investigating' },
      { status: 'identified' },
    ]);
  });

  test.each([
    ['a drill', { kind: 'drill' }],
    ['what is backfilled', { kind: 'backfilled' }],
    ['what is private', { privateTo: ['cid'] }],
  ])('has nothing of %s: to publish it is refused', async (_, more) => {
    const incident = await declare(ops, { service: 'search', ...more });

    const asked = await incident.ask('dan', 'report-status', { text: 'Hear, hear', public: true });

    expect([asked.status, asked.body.detail]).toEqual([409, expect.stringContaining('nothing is published of')]);
    expect(await incidentsOf('search')).toEqual([]);
  });

  test('shows nothing private even where something let it in', async () => {
    const incident = await declare(ops, { service: 'search', privateTo: ['cid'] });
    const row = { command: crypto.randomUUID(), incident: incident.number, at: new Date().toISOString() };
    await sql`
      insert into public_update (command, incident, at, status, text)
      values (${row.command}, ${row.incident}, ${row.at}, 'investigating', 'Keys were stolen')`.execute(ops.db);

    const incidents = await ops.stores.statusPages.published(['search']);

    expect(incidents).toEqual([]);
  });

  test('is what somebody asked for: a service that none shows has nothing to publish', async () => {
    const incident = await declare(ops);

    const asked = await incident.ask('dan', 'report-status', { text: 'Hear, hear', public: true });
    const titled = await incident.ask('dan', 'report-status', { text: 'Hear, hear', publicTitle: 'Oh' });

    expect([asked.status, asked.body.detail]).toEqual([422, 'no StatusPage of team shop shows checkout']);
    expect([titled.status, titled.body.detail]).toEqual([422, 'only what is public has a public title']);
    expect((await read('nobody.json')).status).toBe(404);
    expect((await read('checkout.atom')).status).toBe(404);
  });

  test('is read again only when it has changed', async () => {
    for (const path of ['shop.json', 'shop.atom']) {
      const first = await read(path);
      const etag = first.headers.get('etag') ?? '';
      const again = await read(path, { 'if-none-match': etag, 'cache-control': 'max-age=0' });

      expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
      expect(first.headers.get('cache-control')).toBe('public, max-age=30');
      expect(first.headers.get('access-control-allow-origin')).toBe('*');
      expect([again.status, await again.text()]).toEqual([304, '']);
    }
    expect((await read('shop.atom')).headers.get('content-type')).toBe('application/atom+xml; charset=utf-8');
  });

  test('shows services of its own team alone, and its admins change it', async () => {
    const page = (team: string, service: string) => ({
      files: asFiles([document('StatusPage', 'all', { team, title: 'All', components: [{ service, name: 'All' }] })]),
    });
    const strange = await ops.as('admin')('POST', '/v1/catalogue', page('other', 'checkout'));
    const foreign = await ops.as('eva')('POST', '/v1/catalogue', page('shop', 'checkout'));

    expect(strange.body['errors']).toEqual([
      expect.stringContaining('checkout belongs to team shop, the status page to other'),
    ]);
    expect(foreign.status).toBe(404);
  });
});
