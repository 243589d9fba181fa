import type { AddressInfo } from 'node:net';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { sql } from 'kysely';
import { pino } from 'pino';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createEgress } from '../../activities/egress.ts';
import type { WorldPorts } from '../../activities/index.ts';
import { incidentReference } from '../../domain/identifiers.ts';
import type { PageFacts } from '../../domain/page.ts';
import type { Message } from '../../domain/message.ts';
import { readConfig } from '../../workers/config.ts';
import { startDeliverer } from '../../workers/deliverer.ts';
import { createStores, type Stores } from '../../workers/ports.ts';
import { document } from '../support/company.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let stores: Stores;
beforeAll(async () => {
  database = await createDatabase();
  stores = createStores(database.db);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await sql`truncate outbox, page_budget`.execute(database.db);
});

const facts = (incident: number, more: Partial<PageFacts> = {}): PageFacts => ({
  incident,
  rev: 1,
  at: '2026-03-24T03:00:00.000Z',
  severity: 'SEV-2',
  person: 'ana',
  turn: `incident/${incident}/page/0/0/ana/0`,
  place: 0,
  contact: 'ana email ana@example.org',
  ...more,
});
const mail = (page?: PageFacts): Message => ({
  kind: 'email',
  to: 'ana@example.org',
  subject: page ? `Incident ${page.incident}` : 'A report',
  text: 'As it stands',
  page,
});
const pageKey = (incident: number, contact = 'email'): string => `incident/${incident}/page/0/0/ana/${contact}/0`;
const putPage = (incident: number, more: Partial<PageFacts> = {}, contact = 'email', delayMs = 0): Promise<number> =>
  stores.outbox.put(pageKey(incident, contact), incidentReference(incident), mail(facts(incident, more)), delayMs);

const budget = { most: 2, withinMs: 3_600_000 };

/** Claims all that is due, and asks for each page whether it may be sent. */
const claim = () => stores.outbox.claim(100);
const states = async (): Promise<Record<string, string>> => {
  const { rows } = await sql<{ key: string; state: string }>`select key, state from outbox order by key`.execute(
    database.db,
  );
  return Object.fromEntries(rows.map(({ key, state }) => [key, state]));
};

/** A mail server that keeps what it gets. */
const postOffice = async (): Promise<{ url: string; subjects: string[]; texts: string[] }> => {
  const subjects: string[] = [];
  const texts: string[] = [];
  const server = new SMTPServer({
    closeTimeout: 100,
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _, done) {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => {
        texts.push(text);
        subjects.push(/^Subject: (.*)\r$/m.exec(text)?.[1] ?? '');
        done();
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  return { url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`, subjects, texts };
};

/** A receiver that takes every request and answers none. */
const blackHole = async (): Promise<{ url: string; heard: () => number }> => {
  let heard = 0;
  const server = createServer(() => void (heard += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard: () => heard };
};

/** Sends what is in the outbox, with these channels, mail by a server of the story. */
const deliver = async (
  mailUrl: string | undefined,
  channels: Record<string, Parameters<typeof document<'NotificationChannel'>>[2]> = {},
  outbox: Partial<Stores['outbox']> = {},
): Promise<() => Promise<void>> => {
  const documents = Object.entries(channels).map(([name, spec]) => document('NotificationChannel', name, spec));
  if (documents.length > 0)
    await stores.catalogue.apply(documents, { type: 'system', name: 'story' }, new Date().toISOString());
  const config = readConfig({
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    ...(mailUrl === undefined ? {} : { EVENKEEL_SMTP_URL: mailUrl }),
  });
  const ports = {
    catalogue: stores.catalogue,
    egress: createEgress(['127.0.0.0/8']),
    secrets: { get: async () => `whsec_${Buffer.alloc(32).toString('base64')}` },
  } as unknown as WorldPorts;
  const deliverer = startDeliverer(
    config,
    { ...stores, outbox: { ...stores.outbox, ...outbox } },
    ports,
    { deliver: () => Promise.reject(new Error('nothing is in the inbox')) },
    pino({ level: 'fatal' }),
  );
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (!isStopped) await deliverer.stop();
    isStopped = true;
  };
  onTestFinished(stop);
  return stop;
};

/** A receiver with this answer. */
const answering = async (status: number): Promise<{ url: string; bodies: string[]; keys: string[] }> => {
  const bodies: string[] = [];
  const keys: string[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
    bodies.push(body);
    keys.push(String(request.headers['idempotency-key']));
    response.writeHead(status).end();
  };
  const server = createServer((...exchange) => void take(...exchange));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, keys };
};

test('a page goes out while a hundred messages wait for a receiver that does not answer', async () => {
  const [hole, { url, subjects }] = await Promise.all([blackHole(), postOffice()]);
  for (let count = 0; count < 100; count += 1)
    await stores.outbox.put(`hole/${count}`, incidentReference(1), {
      kind: 'webhook',
      channel: 'hole',
      type: 'evenkeel.incident.opened',
      data: {},
    });
  await deliver(url, { hole: { type: 'webhook', url: hole.url, secret: 'hole' } });
  await expect.poll(hole.heard).toBeGreaterThan(0);

  await putPage(7);

  await expect.poll(() => subjects).toEqual(['Incident 7']);
  expect(hole.heard()).toBeLessThan(100);
  await expect.poll(async () => (await states())[pageKey(7)]).toBe('sent');
});

test('thirty pages at once are ten mails and one that names the twenty others', async () => {
  const { url, subjects, texts } = await postOffice();
  for (let incident = 1; incident <= 30; incident += 1) await putPage(incident);
  await deliver(url);
  const heldBack = async (): Promise<string[]> => {
    const { rows } = await sql<{ key: string }>`
      select key from outbox where state = 'pending' and is_held_back and not is_under_way`.execute(database.db);
    return rows.map(({ key }) => key);
  };
  await expect.poll(async () => (await heldBack()).length).toBe(20);
  const held = await heldBack();
  await expect.poll(() => subjects.length).toBe(10);

  await expect
    .poll(async () => {
      await sql`update page_budget set full_at = full_at - interval '1 minute'`.execute(database.db);
      await sql`update outbox set due_at = now() where state = 'pending' and not is_under_way`.execute(database.db);
      return subjects.length;
    })
    .toBe(11);

  expect(subjects.at(-1)).toBe('20 incidents page you, the worst SEV-2');
  for (const key of held) expect(texts.at(-1)).toContain(`- Incident ${key.split('/')[1]}\r\n`);
  await expect.poll(async () => new Set(Object.values(await states()))).toEqual(new Set(['sent']));
});

test('a page that was sent and not recorded is sent again as a possible repeat', async () => {
  const { url, subjects } = await postOffice();
  await putPage(7);
  const dies = await deliver(url, {}, { finish: () => Promise.reject(new Error('the process dies')) });
  await expect.poll(() => subjects).toEqual(['Incident 7']);
  await dies();
  // Its lease has ended.
  await sql`update outbox set due_at = now()`.execute(database.db);

  await deliver(url);

  await expect.poll(() => subjects).toEqual(['Incident 7', '(possible repeat) Incident 7']);
  await expect.poll(async () => (await states())[pageKey(7)]).toBe('sent');
});

test('to a receiver that honours keys, a repeat is the same page', async () => {
  const { url, keys, bodies } = await answering(201);
  const sms = { kind: 'gateway', channel: 'sms', to: '+15550001', text: 'Incident 7', incident: '7' } as const;
  await stores.outbox.put(pageKey(7, 'sms'), incidentReference(7), { ...sms, page: facts(7) });
  const channels = { sms: { type: 'gateway', url, body: '{"text":"{{ text }}"}' } } as const;
  const dies = await deliver(undefined, channels, { finish: () => Promise.reject(new Error('the process dies')) });
  await expect.poll(() => keys.length).toBe(1);
  await dies();
  await sql`update outbox set due_at = now()`.execute(database.db);

  await deliver(undefined, channels);

  await expect.poll(() => bodies).toEqual(['{"text":"Incident 7"}', '{"text":"(possible repeat) Incident 7"}']);
  expect(new Set(keys).size).toBe(1);
});

test('a page whose mail server is away is tried until it is back', async () => {
  await putPage(7);
  const gaveUp = await deliver('smtp://127.0.0.1:1');
  await expect
    .poll(async () => (await stores.outbox.of(incidentReference(7)))[0]?.result?.detail)
    .toContain('ECONNREFUSED');
  await gaveUp();
  const { url, subjects } = await postOffice();

  await deliver(url);

  // Nobody was reached, so it is no repeat.
  await expect.poll(() => subjects).toEqual(['Incident 7']);
});

test('a contact that is gone for good makes way for the next one at once', async () => {
  const [gone, here] = await Promise.all([answering(410), answering(201)]);
  const sms = (place: number, channel: string): Message => ({
    kind: 'gateway',
    channel,
    to: '+15550001',
    text: 'Incident 7',
    incident: '7',
    page: facts(7, { place, contact: `ana ${channel}` }),
  });
  await stores.outbox.put(pageKey(7, 'gone'), incidentReference(7), sms(0, 'gone'));
  await stores.outbox.put(pageKey(7, 'here'), incidentReference(7), sms(1, 'here'), 3_600_000);

  const body = '{"to":"{{ to }}","text":"{{ text }}"}';
  await deliver(undefined, {
    gone: { type: 'gateway', url: gone.url, body },
    here: { type: 'gateway', url: here.url, body },
  });

  await expect.poll(() => here.bodies).toEqual(['{"to":"+15550001","text":"Incident 7"}']);
  expect((await states())[pageKey(7, 'gone')]).toBe('pending');
});

test('pages are claimed before everything else, and the worst of them first', async () => {
  await stores.outbox.put('report', incidentReference(1), mail());
  await putPage(1, { severity: 'SEV-4' });
  await putPage(2, { severity: 'SEV-1' });

  const claimed = [];
  for (let count = 0; count < 3; count += 1) claimed.push(...(await stores.outbox.claim(1)).map(({ key }) => key));

  expect(claimed).toEqual([pageKey(2), pageKey(1), 'report']);
});

test('a lane that is full is left out, and pages of it are not', async () => {
  await stores.outbox.put('report', incidentReference(1), mail());
  await putPage(1);

  expect((await stores.outbox.claim(10, [{ lane: 'email', isPage: false }])).map(({ key }) => key)).toEqual([
    pageKey(1),
  ]);
  expect((await stores.outbox.claim(10)).map(({ key }) => key)).toEqual(['report']);
});

test('what was claimed and never settled may be a repeat when it is claimed again', async () => {
  await putPage(1);
  const again = async () => {
    await sql`update outbox set due_at = now()`.execute(database.db);
    return (await claim())[0]!;
  };
  const first = (await claim())[0]!;
  expect(first.mayBeRepeat).toBe(false);

  const second = await again();
  await stores.outbox.putBack(second.key, second.fence, { delayMs: 0, detail: 'status 500', held: false });

  expect([second.mayBeRepeat, (await again()).mayBeRepeat]).toEqual([true, true]);
});

test('a page that was refused in so many words is no repeat when it is tried again', async () => {
  await putPage(1);
  const [first] = await claim();
  await stores.outbox.putBack(first!.key, first!.fence, { delayMs: 0, detail: 'status 500', held: false });

  expect((await claim())[0]).toMatchObject({ mayBeRepeat: false, attempts: 2 });
});

test('more pages than a contact can take are held back, and then go out with one of them; none is lost', async () => {
  for (const incident of [1, 2, 3, 4, 5]) await putPage(incident);
  const admit = ({ key, fence }: { key: string; fence: number }) =>
    stores.outbox.admit(key, fence, 'ana email ana@example.org', budget);
  const rows = await claim();
  const admissions = [];
  for (const row of rows) {
    const admission = await admit(row);
    admissions.push(admission?.admitted);
    if (admission?.admitted) await stores.outbox.finish(row.key, row.fence, { ok: true, detail: 'sent' });
    else await stores.outbox.putBack(row.key, row.fence, { delayMs: 0, detail: 'held back', held: true });
  }
  expect(admissions).toEqual([true, true, false, false, false]);

  await sql`update page_budget set full_at = full_at - interval '40 minutes'`.execute(database.db);
  const [carrier, ...others] = await claim();
  const admission = await admit(carrier!);
  expect(admission).toMatchObject({ admitted: true, others: [{}, {}] });
  // Whoever has claimed one of the others has nothing to send.
  expect(await Promise.all(others.map(admit))).toEqual([undefined, undefined]);
  await stores.outbox.finish(carrier!.key, carrier!.fence, { ok: true, detail: 'sent' });

  expect(new Set(Object.values(await states()))).toEqual(new Set(['sent']));
  const { rows: told } = await sql<{ count: number }>`
    select count(*) as count from ledger_entry where action = 'effect.sent' and belongs_to in ('incident/1', 'incident/2', 'incident/3', 'incident/4', 'incident/5')`.execute(
    database.db,
  );
  expect(told[0]?.count).toBe(5);
});

test('of many that ask at once no contact gets more than its budget', async () => {
  for (let incident = 1; incident <= 20; incident += 1) await putPage(incident);
  const admissions = await Promise.all(
    (await claim()).map(({ key, fence }) => stores.outbox.admit(key, fence, 'ana email ana@example.org', budget)),
  );

  expect(admissions.filter((admission) => admission?.admitted)).toHaveLength(2);
});

test('the next contact is brought forward, but not into its quiet hours', async () => {
  const later = new Date(Date.now() + 3_600_000).toISOString();
  await putPage(1, { place: 1 }, 'sms', 600_000);
  await putPage(2, { place: 1, notBefore: later }, 'sms', 3_600_000);
  for (const incident of [1, 2]) await stores.outbox.hasten(facts(incident).turn, 1, 0);

  expect((await claim()).map(({ key }) => key)).toEqual([pageKey(1, 'sms')]);
});
