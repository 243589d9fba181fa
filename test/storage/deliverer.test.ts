import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { ActivityPorts } from '../../activities/ports.ts';
import { readConfig } from '../../workers/config.ts';
import { startDeliverer } from '../../workers/deliverer.ts';
import { createDelivery } from '../../workers/delivery.ts';
import { createStores, type Stores } from '../../workers/ports.ts';
import { arrival, entry, plan, savedBy } from '../support/builders.ts';
import { commission } from '../support/commission.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { planId, planReference } from '../support/id.ts';

let database: TestDatabase;
let stores: Stores;
beforeAll(async () => {
  database = await createDatabase();
  stores = createStores(database.db);
});
afterAll(() => database.drop());

const command = (target: string) => arrival(crypto.randomUUID(), { kind: 'command', name: 'pausePlan', target });

test('commands for one workflow keep their order, and wait behind one that has to wait', async () => {
  const target = `operation-plan/${crypto.randomUUID()}`;
  const ids: string[] = [];
  for (let count = 0; count < 3; count += 1) {
    ids.push((await stores.inbox.accept(command(target))).id);
    await sql`select pg_sleep(0.002)`.execute(database.db);
  }
  const handed: string[] = [];
  const config = readConfig({ DATABASE_URL: database.url, TEMPORAL_ADDRESS: '127.0.0.1:1' });
  const deliverer = startDeliverer(
    config,
    stores,
    {} as ActivityPorts,
    {
      async deliver(row) {
        handed.push(row.id);
        // The first of them is slow, the second has to wait.
        await new Promise((done) => setTimeout(done, row.id === ids[0] ? 100 : 0));
        if (row.id === ids[1]) return { state: 'later', reason: 'Temporal is away', poisoned: false };
        await stores.inbox.settle(row, 'applied', {});
        return { state: 'applied', verdict: {} };
      },
    },
    pino({ level: 'fatal' }),
  );

  await expect.poll(() => handed.length).toBe(2);
  await new Promise((done) => setTimeout(done, 200));
  await deliverer.stop();

  expect(handed).toEqual([ids[0], ids[1]]);
});

test('a command that records of its kind do not take is refused before Temporal hears of it', async () => {
  const delivery = createDelivery({
    client: {} as Client,
    ...stores,
    taskQueue: 'nobody',
    messagesPerRun: 100,
  });
  const asked = { ...command('operation-plan/x'), name: 'noteDrill', belongsTo: planReference('x') };
  const { id } = await stores.inbox.accept(asked, true);
  const row = (await stores.inbox.find(id))!;

  expect(await delivery.deliver(row)).toEqual({
    state: 'refused',
    verdict: { code: 'invalid', reason: 'plan x takes no command noteDrill' },
  });
  expect(await stores.inbox.find(id)).toMatchObject({ state: 'refused' });
});

test('a command for a plan that is still to begin waits; for one that has ended it is refused', async () => {
  const id = planId(`checkout.production.${crypto.randomUUID()}`);
  const workflowId = `operation-plan/${id}`;
  const client = {
    withDeadline: (_: number, call: () => Promise<unknown>) => call(),
    workflow: {
      getHandle: () => ({
        executeUpdate: () => Promise.reject(new WorkflowNotFoundError('not found', workflowId, undefined)),
      }),
    },
  } as unknown as Client;
  const delivery = createDelivery({ client, ...stores, taskQueue: 'nobody', messagesPerRun: 100 });
  await stores.plans.open({
    id,
    workflowId,
    triggerKey: id,
    commission,
    service: 'checkout',
    environment: 'production',
    team: 'shop',
    artifact: id,
    entry: entry(`plan/${id}/opened`),
  });
  const deliver = async () => {
    const accepted = await stores.inbox.accept({ ...command(workflowId), belongsTo: planReference(id) }, true);
    return delivery.deliver((await stores.inbox.find(accepted.id))!);
  };

  expect(await deliver()).toMatchObject({ state: 'later', poisoned: false });
  await stores.plans.save(plan({ id, workflowId, status: 'completed' }), [], savedBy());
  expect(await deliver()).toMatchObject({
    state: 'refused',
    verdict: { reason: expect.stringContaining('was completed at') },
  });
});

test('mails wait behind a wrong login, which is seen, and are sent when it is mended', async () => {
  let isMended = false;
  const arrived: string[] = [];
  const server = new SMTPServer({
    closeTimeout: 100,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth: (_, __, done) =>
      isMended
        ? done(null, { user: 'evenkeel' })
        : done(Object.assign(new Error('Authentication failed'), { responseCode: 535 })),
    onData(stream, { envelope }, done) {
      arrived.push(...envelope.rcptTo.map(({ address }) => address));
      stream.resume().on('end', () => done());
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const config = readConfig({
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    EVENKEEL_SMTP_URL: `smtp://evenkeel:old@127.0.0.1:${(server.server.address() as AddressInfo).port}`,
  });
  const people = ['ana', 'ben', 'cid', 'dan'].map((name) => `${name}@example.org`);
  for (const to of people)
    await stores.outbox.put(`asked/${to}`, planReference('p1'), { kind: 'email', to, subject: 'Asked', text: 'Well?' });
  const deliverer = startDeliverer(config, stores, {} as ActivityPorts, neverAsked, pino({ level: 'fatal' }));
  onTestFinished(() => deliverer.stop());

  await expect.poll(() => stores.outbox.held()).toEqual([{ kind: 'email', count: 4 }]);
  expect((await stores.outbox.depth()).waiting).toBe(4);
  expect((await stores.outbox.of(planReference('p1')))[0]).toMatchObject({
    state: 'pending',
    result: { detail: expect.stringContaining('535'), held: true },
  });
  isMended = true;

  await expect.poll(() => arrived.toSorted(), { timeout: 20_000 }).toEqual(people);
  await expect.poll(() => stores.outbox.held()).toEqual([]);
  await expect.poll(async () => (await stores.outbox.depth()).waiting).toBe(0);
});

const neverAsked = { deliver: () => Promise.reject(new Error('nothing is in the inbox')) };
