import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createReadinessStore, type ReadinessStorage } from '../../storage/readiness.ts';
import { morning, person } from '../support/builders.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let readiness: ReadinessStorage;
beforeAll(async () => {
  database = await createDatabase();
  readiness = createReadinessStore(database.db);
});
afterAll(() => database.drop());

const ask = (by = 'ana') =>
  readiness.askForWaiver(
    crypto.randomUUID(),
    {
      service: 'checkout',
      environment: 'production',
      check: 'CHG-2',
      reason: 'the tool comes in May',
      expiresAt: '2026-04-07T09:00:00.000Z',
    },
    person(by),
    morning,
  );

describe('a waiver', () => {
  test('is granted by somebody else, once', async () => {
    const { id, approvedBy } = await ask();

    expect(approvedBy).toBeUndefined();
    expect(await readiness.grantWaiver(id, person('ben'), morning)).toMatchObject({ approvedBy: 'ben' });
    expect(await readiness.waiver(id)).toMatchObject({ requestedBy: 'ana', approvedBy: 'ben' });
    await expect(readiness.grantWaiver(id, person('cid'), morning)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('is granted by one of many who try at once', async () => {
    const { id } = await ask();
    const granted = await Promise.allSettled(
      ['ben', 'cid', 'dan', 'eva'].map((name) => readiness.grantWaiver(id, person(name), morning)),
    );

    expect(granted.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('is not granted by whoever asked for it, and the database refuses it too', async () => {
    const { id } = await ask();
    await expect(readiness.grantWaiver(id, person('ana'), morning)).rejects.toMatchObject({ code: 'not-allowed' });

    const anyway = sql`update waiver set approved_by = 'ana', approved_at = now() where id = ${id}`;
    await expect(anyway.execute(database.db)).rejects.toThrow('waiver_check');
    expect((await readiness.waiver(id))?.approvedBy).toBeUndefined();
  });

  test('is not granted after it has expired, nor when there is none', async () => {
    const { id } = await ask();

    await expect(readiness.grantWaiver(id, person('ben'), '2026-04-07T09:00:00.000Z')).rejects.toThrow('expired');
    await expect(readiness.grantWaiver(crypto.randomUUID(), person('ben'), morning)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('is withdrawn once, granted or not, and is not granted afterwards', async () => {
    const [granted, asked] = [await ask(), await ask()];
    await readiness.grantWaiver(granted.id, person('ben'), morning);

    expect(await readiness.withdrawWaiver(granted.id, 'it broke', person('cid'), morning)).toMatchObject({
      withdrawnBy: 'cid',
    });
    await readiness.withdrawWaiver(asked.id, 'not needed', person('ana'), morning);
    await expect(readiness.withdrawWaiver(asked.id, 'again', person('ana'), morning)).rejects.toThrow('by ana');
    await expect(readiness.grantWaiver(asked.id, person('ben'), morning)).rejects.toThrow('was withdrawn by ana');
  });

  test('is not granted by whoever lent the token that it was asked for with', async () => {
    const lent = { type: 'person', name: 'ana', lentBy: 'ben' } as const;
    const { service, environment, check, reason, expiresAt } = await ask();
    const again = { service, environment, check, reason, expiresAt };
    const { id } = await readiness.askForWaiver(crypto.randomUUID(), again, lent, morning);

    await expect(readiness.grantWaiver(id, person('ben'), morning)).rejects.toMatchObject({ code: 'not-allowed' });
    expect(await readiness.grantWaiver(id, person('cid'), morning)).toMatchObject({ approvedBy: 'cid' });
  });

  test('stands in the ledger with who asked and who granted', async () => {
    const { id } = await ask();
    await readiness.grantWaiver(id, person('ben'), morning);
    const { rows } = await sql<{ body: string }>`
      select body from ledger_entry where subject = ${`waiver/${id}`} order by id`.execute(database.db);

    expect(rows.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { action: 'waiver.asked', actor: person('ana'), reason: 'the tool comes in May' },
      { action: 'waiver.granted', actor: person('ben') },
    ]);
  });
});

test('an attestation keeps its link and stands in the ledger', async () => {
  const stated = {
    service: 'basket',
    environment: 'production',
    check: 'OBS-1',
    statement: 'We restored a backup',
    link: 'https://example.org/restore',
    expiresAt: '2026-06-24T09:00:00.000Z',
  };
  const id = crypto.randomUUID();
  await readiness.attest(id, stated, person('ana'), morning);

  expect(await readiness.attestation('basket', 'production', 'OBS-1')).toEqual({
    by: 'ana',
    at: morning,
    statement: stated.statement,
    link: stated.link,
    expiresAt: stated.expiresAt,
  });
  const { rows } = await sql`select 1 from ledger_entry where key = ${`attestation/${id}`}`.execute(database.db);
  expect(rows).toHaveLength(1);
});
