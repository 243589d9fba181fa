import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createInboxStore, type InboxStore } from '../../storage/inbox.ts';
import { arrival, morning, person } from '../support/builders.ts';
import { createDatabase, patiently, type TestDatabase } from '../support/database.ts';
import { planReference } from '../support/id.ts';

let database: TestDatabase;
let inbox: InboxStore;
beforeAll(async () => {
  database = await createDatabase();
  inbox = createInboxStore(database.db);
});
afterAll(() => database.drop());

const fresh = (): string => crypto.randomUUID();
const countOf = async (key: string): Promise<number> => {
  const { rows } = await sql<{ count: string }>`select count(*) from inbox where dedup_key = ${key}`.execute(
    database.db,
  );
  return Number(rows[0]!.count);
};
const ledgerOf = async (id: string): Promise<{ key: string; action: string; body: Record<string, unknown> }[]> => {
  const { rows } = await sql<{ key: string; action: string; body: string }>`
    select key, action, body from ledger_entry where subject = ${`inbox/${id}`} order by id`.execute(database.db);
  return rows.map(({ key, action, body }) => ({ key, action, body: JSON.parse(body) as Record<string, unknown> }));
};
/** The lease of whoever holds the row is over. */
const leaseEnds = (id: string) => sql`update inbox set due_at = now() where id = ${id}`.execute(database.db);
const bodyOf = async (id: string): Promise<Buffer> => {
  const { rows } = await sql<{ body: Buffer }>`select body from inbox where id = ${id}`.execute(database.db);
  return rows[0]!.body;
};
const claimOf = async (id: string) => {
  const claimed = await inbox.claim(10_000);
  return claimed.find((row) => row.id === id);
};
const command = (key: string, target: string, ask: Record<string, unknown>) =>
  arrival(key, { kind: 'command', source: 'api', name: 'commandPlan', target, actor: person('ana'), content: { ask } });

describe('what arrives', () => {
  test('a thousand times at once is one row with one id', async () => {
    const key = fresh();
    const accepted = await Promise.all(Array.from({ length: 1000 }, () => patiently(() => inbox.accept(arrival(key)))));

    expect(new Set(accepted.map(({ id }) => id)).size).toBe(1);
    expect(accepted.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(await countOf(key)).toBe(1);
  });

  test('through many processes at once is one row with one id', async () => {
    const key = fresh();
    const stores = Array.from({ length: 20 }, () => createInboxStore(database.db));
    const accepted = await Promise.all(
      stores.flatMap((store) => Array.from({ length: 10 }, () => patiently(() => store.accept(arrival(key))))),
    );

    expect(new Set(accepted.map(({ id }) => id)).size).toBe(1);
    expect(accepted.filter(({ isNew }) => isNew)).toHaveLength(1);
  });

  test('while a statement is under way is folded into the next ones', async () => {
    const statements = async (): Promise<number> => {
      const { rows } = await sql<{
        count: string;
      }>`select count(distinct xmin::text) from inbox where dedup_key like ${`${prefix}%`}`.execute(database.db);
      return Number(rows[0]!.count);
    };
    const prefix = fresh();
    const accepted = await Promise.all(
      Array.from({ length: 500 }, (_, index) => inbox.accept(arrival(`${prefix}/${index}`))),
    );

    expect(new Set(accepted.map(({ id }) => id)).size).toBe(500);
    expect(await statements()).toBeLessThan(10);
  });

  test('answers each sender with its own row', async () => {
    const prefix = fresh();
    const accepted = await Promise.all(
      Array.from({ length: 50 }, (_, index) => inbox.accept(arrival(`${prefix}/${index}`))),
    );
    const rows = await Promise.all(accepted.map(({ id }) => inbox.find(id)));

    expect(rows.map((row) => row?.dedupKey)).toEqual(accepted.map((_, index) => `${prefix}/${index}`));
  });

  test('again with another body keeps the first and says so', async () => {
    const key = fresh();
    const first = await inbox.accept(arrival(key, { body: Buffer.from('one'), bodyHash: '1' }));
    const second = await inbox.accept(arrival(key, { body: Buffer.from('two'), bodyHash: '2' }));

    expect(first).toMatchObject({ isNew: true, isSameBody: true });
    expect(second).toMatchObject({ id: first.id, isNew: false, isSameBody: false });
    expect((await bodyOf(first.id)).toString()).toBe('one');
  });

  test('of another source under the same key is another row', async () => {
    const key = fresh();
    const [one, other] = await Promise.all([
      inbox.accept(arrival(key)),
      inbox.accept(arrival(key, { source: 'events' })),
    ]);

    expect(one.id).not.toBe(other.id);
  });

  test('keeps its bytes as they were', async () => {
    const body = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const { id } = await inbox.accept(arrival(fresh(), { body }));

    expect(new Uint8Array(await bodyOf(id))).toEqual(body);
  });

  test('and is worth nothing is kept with the reason and never delivered', async () => {
    const { id, state } = await inbox.accept(arrival(fresh(), { deadBecause: 'the body is not JSON' }));

    expect(state).toBe('dead');
    expect(await claimOf(id)).toBeUndefined();
    expect(await inbox.find(id)).toMatchObject({ verdict: { reason: 'the body is not JSON' } });
  });

  test('and is refused by the database does not take along what is folded with it', async () => {
    const underWay = [inbox.accept(arrival(fresh())), inbox.accept(arrival(fresh()))];
    const folded = await Promise.allSettled([
      inbox.accept(arrival(fresh())),
      inbox.accept(arrival(`${fresh()}\u0000`)),
      inbox.accept(arrival(fresh())),
    ]);
    await Promise.all(underWay);

    expect(folded.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

describe('a command', () => {
  test('stands in the ledger as soon as it is accepted, and once', async () => {
    const key = fresh();
    const { id } = await inbox.accept(command(key, 'w', { type: 'pause', reason: 'release of payments' }));
    await inbox.accept(command(key, 'w', { type: 'pause', reason: 'release of payments' }));

    expect(await ledgerOf(id)).toMatchObject([
      {
        key: `inbox/${id}/accepted`,
        action: 'command.accepted',
        body: { actor: person('ana'), reason: 'release of payments', detail: { name: 'commandPlan', target: 'w' } },
      },
    ]);
  });

  test('is gone from both inbox and ledger when its transaction fails', async () => {
    const key = fresh();
    const before = await sql<{ count: string }>`select count(*) from ledger_entry`.execute(database.db);
    await expect(
      database.db.transaction().execute(async (tx) => {
        await inbox.acceptWithin(tx, command(key, 'w', { type: 'pause' }));
        throw new Error('thought better of it');
      }),
    ).rejects.toThrow('thought better of it');

    const after = await sql<{ count: string }>`select count(*) from ledger_entry`.execute(database.db);
    expect(await countOf(key)).toBe(0);
    expect(after.rows).toEqual(before.rows);
  });

  test('that retries counts as an order until it is refused', async () => {
    const target = fresh();
    const first = await inbox.accept(command(fresh(), target, { type: 'retry', activity: 'work' }), true);
    await inbox.accept(command(fresh(), target, { type: 'retry-step', step: 'work' }));
    await inbox.accept(command(fresh(), target, { type: 'skip', activity: 'work' }));
    await inbox.accept(command(fresh(), target, { type: 'retry', activity: 'other' }));

    expect(await inbox.retriesOrdered(target, 'work')).toBe(2);
    await inbox.settle(first, 'refused', { reason: 'nothing to retry' });
    expect(await inbox.retriesOrdered(target, 'work')).toBe(1);
  });
});

describe('a claim', () => {
  test('keeps others away until its lease is over', async () => {
    const { id } = await inbox.accept(arrival(fresh()));

    expect(await claimOf(id)).toMatchObject({ fence: 1 });
    expect(await claimOf(id)).toBeUndefined();
    await leaseEnds(id);
    expect(await claimOf(id)).toMatchObject({ fence: 2 });
  });

  test('is held by whoever accepted with a lease', async () => {
    const leased = await inbox.accept(arrival(fresh()), true);

    expect(await claimOf(leased.id)).toBeUndefined();
    await leaseEnds(leased.id);
    expect(await claimOf(leased.id)).toMatchObject({ fence: 1 });
    expect(await inbox.settle(leased, 'delivered', {})).toBe(false);
  });

  test('gives each row to one of many who claim at once', async () => {
    const prefix = fresh();
    await Promise.all(Array.from({ length: 100 }, (_, index) => inbox.accept(arrival(`${prefix}/${index}`))));
    const claims = await Promise.all(Array.from({ length: 20 }, () => inbox.claim(10)));

    const keys = claims
      .flat()
      .map(({ dedupKey }) => dedupKey)
      .filter((key) => key.startsWith(prefix));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('that is stale settles nothing and puts nothing back', async () => {
    const { id } = await inbox.accept(arrival(fresh()));
    const stale = (await claimOf(id))!;
    await leaseEnds(id);
    const fresher = (await claimOf(id))!;

    expect(await inbox.settle(stale, 'delivered', { records: [planReference('wrong')] })).toBe(false);
    await inbox.putBack(stale, 0, true, 'stale');
    expect(await inbox.find(id)).toMatchObject({ state: 'accepted', attempts: 0, verdict: null });
    expect(await inbox.settle(fresher, 'delivered', { records: [planReference('right')] })).toBe(true);
    expect(await inbox.settle(fresher, 'dead', {})).toBe(false);
    expect(await inbox.find(id)).toMatchObject({ state: 'delivered', verdict: { records: ['plan/right'] } });
  });

  test('that settles is written down in the ledger, unless it was only a signal', async () => {
    const fact = await inbox.accept(arrival(fresh()), true);
    const signal = await inbox.accept(arrival(fresh(), { kind: 'signal' }), true);
    await inbox.settle(fact, 'delivered', { records: [planReference('p1')] });
    await inbox.settle(signal, 'delivered', {});

    expect(await ledgerOf(fact.id)).toMatchObject([{ action: 'fact.delivered', body: { belongsTo: 'plan/p1' } }]);
    expect(await ledgerOf(signal.id)).toEqual([]);
  });
});

describe('a row that is put back', () => {
  test('waits for its time', async () => {
    const row = await inbox.accept(arrival(fresh()), true);
    await inbox.putBack(row, 3_600_000, false, 'Temporal is away');

    expect(await claimOf(row.id)).toBeUndefined();
    expect(await inbox.find(row.id)).toMatchObject({
      state: 'accepted',
      attempts: 0,
      verdict: { reason: 'Temporal is away' },
    });
  });

  test('is parked when it has poisoned five deliveries, and delivered again when somebody asks', async () => {
    const { id } = await inbox.accept(arrival(fresh()));
    for (let round = 1; round <= 5; round += 1) {
      const row = await claimOf(id);
      expect(row).toMatchObject({ attempts: round - 1 });
      await inbox.putBack(row!, 0, true, `fault ${round}`);
    }

    expect(await inbox.find(id)).toMatchObject({ state: 'parked', attempts: 5, verdict: { reason: 'fault 5' } });
    expect(await claimOf(id)).toBeUndefined();
    expect(await inbox.redeliver(id, person('ana'), morning)).toBe(true);
    expect(await inbox.redeliver(id, person('ana'), morning)).toBe(false);
    expect(await claimOf(id)).toMatchObject({ attempts: 0, fence: 6 });
    expect(await ledgerOf(id)).toMatchObject([
      { action: 'fact.parked', body: { reason: 'fault 5' } },
      { action: 'inbox.redelivered', body: { actor: person('ana') } },
    ]);
  });

  test('as often as the world was away is never parked', async () => {
    const { id } = await inbox.accept(arrival(fresh()));
    for (let round = 1; round <= 8; round += 1) await inbox.putBack((await claimOf(id))!, 0, false, 'away');

    expect(await inbox.find(id)).toMatchObject({ state: 'accepted' });
  });
});

test('rows of one statement come in pages that lose none of them', async () => {
  const source = fresh();
  await Promise.all(
    Array.from({ length: 7 }, () => inbox.accept(arrival(fresh(), { source, deadBecause: 'no JSON' }))),
  );

  const seen: string[] = [];
  let after: { at: string; id: string } | undefined;
  for (;;) {
    const rows = await inbox.list({ state: 'dead', teams: undefined, after, limit: 2 });
    seen.push(...rows.filter((row) => row.source === source).map(({ id }) => id));
    const last = rows.at(-1);
    if (!last) break;
    after = { at: last.receivedAt, id: last.id };
  }

  expect(new Set(seen).size).toBe(7);
});

describe('what is foreseen to lead nowhere', () => {
  const places = [{ service: fresh(), environment: 'production' }];
  const foreseen = { state: 'gap' as const, verdict: { reason: 'no mapping fits' }, revision: 0, places };
  const settleAll = () => sql`update inbox set state = 'delivered' where state = 'accepted'`.execute(database.db);
  beforeEach(settleAll);

  test('is settled with its acceptance, evidenced by its row, and the same again gets the same', async () => {
    const key = fresh();

    const accepted = await inbox.accept(arrival(key, { foreseen }));

    expect(accepted).toMatchObject({ isNew: true, state: 'gap', verdict: { reason: 'no mapping fits' } });
    expect(await claimOf(accepted.id)).toBeUndefined();
    expect(await ledgerOf(accepted.id)).toEqual([]);
    expect(await inbox.accept(arrival(key))).toMatchObject({ id: accepted.id, isNew: false, state: 'gap' });
  });

  test('is delivered after all when the catalogue has a newer revision, whoever foresaw it by an old one', async () => {
    await sql`insert into revision (number, applied_by, summary) values (1, '{}', '')`.execute(database.db);

    const accepted = await inbox.accept(arrival(fresh(), { foreseen }));

    expect(accepted).toMatchObject({ state: 'accepted', verdict: null });
    expect(await claimOf(accepted.id)).toBeDefined();
    await sql`delete from revision`.execute(database.db);
  });

  test('is delivered after all when a plan is open for its place', async () => {
    const id = fresh();
    await sql`insert into record (reference, kind, workflow_id, team, status) values (${id}, 'plan', ${id}, 'shop', 'running')`.execute(
      database.db,
    );
    await sql`
      insert into operation_plan (id, reference, trigger_key, service, environment, artifact, commission)
      values (${id}, ${id}, ${id}, ${places[0]!.service}, 'production', 'x', '{}')`.execute(database.db);

    expect((await inbox.accept(arrival(fresh(), { foreseen }))).state).toBe('accepted');
    await settleAll();
    await sql`update operation_plan set is_open = false where id = ${id}`.execute(database.db);
    expect((await inbox.accept(arrival(fresh(), { foreseen }))).state).toBe('gap');
  });

  test('is delivered in its turn while other facts wait: one of them may open the plan that has to hear of it', async () => {
    await inbox.accept(arrival(fresh()));

    expect((await inbox.accept(arrival(fresh(), { foreseen }))).state).toBe('accepted');
    expect((await inbox.accept(arrival(fresh(), { foreseen: { ...foreseen, places: [] } }))).state).toBe('gap');
  });

  test('is delivered in its turn when one statement accepts it together with another fact', async () => {
    const underWay = inbox.accept(arrival(fresh(), { foreseen }));

    const [opening, later] = await Promise.all([
      inbox.accept(arrival(fresh())),
      inbox.accept(arrival(fresh(), { foreseen })),
    ]);

    expect((await underWay).state).toBe('gap');
    expect([opening.state, later.state]).toEqual(['accepted', 'accepted']);
  });

  test('is settled together with others of its kind', async () => {
    const underWay = inbox.accept(arrival(fresh(), { foreseen }));

    const folded = await Promise.all([
      inbox.accept(arrival(fresh(), { foreseen })),
      inbox.accept(arrival(fresh(), { deadBecause: 'the body is not JSON' })),
      inbox.accept(arrival(fresh(), { foreseen })),
    ]);

    await underWay;
    expect(folded.map(({ state }) => state)).toEqual(['gap', 'dead', 'gap']);
  });
});

test('only what found no plan or was parked is delivered again', async () => {
  const gap = await inbox.accept(arrival(fresh()), true);
  const done = await inbox.accept(arrival(fresh()), true);
  await inbox.settle(gap, 'gap', { reason: 'no plan' });
  await inbox.settle(done, 'delivered', {});

  expect(await inbox.redeliver(gap.id, person('ana'), morning)).toBe(true);
  expect(await inbox.redeliver(done.id, person('ana'), morning)).toBe(false);
  expect(await inbox.redeliver(fresh(), person('ana'), morning)).toBe(false);
});

test('the list shows a team its rows, the newest first, page by page', async () => {
  const team = fresh();
  for (const key of ['1', '2', '3']) {
    const row = await inbox.accept(arrival(`${team}/${key}`, { team }), true);
    await inbox.settle(row, 'gap', { reason: 'no plan' });
  }
  const page = await inbox.list({ state: 'gap', teams: [team], after: undefined, limit: 2 });
  const last = page.at(-1)!;
  const rest = await inbox.list({ state: 'gap', teams: [team], after: { at: last.receivedAt, id: last.id }, limit: 2 });

  expect(page.map(({ dedupKey }) => dedupKey.at(-1))).toEqual(['3', '2']);
  expect(rest.map(({ dedupKey }) => dedupKey.at(-1))).toEqual(['1']);
  expect(await inbox.list({ state: 'gap', teams: ['nobody'], after: undefined, limit: 2 })).toEqual([]);
});

test('the depth counts what waits', async () => {
  const before = await inbox.depth();
  await inbox.accept(arrival(fresh()));

  expect((await inbox.depth()).waiting).toBe(before.waiting + 1);
});

test('the statement that accepts is planned once by each connection, however many arrive together', async () => {
  for (const width of [1, 3, 17])
    await Promise.all(Array.from({ length: width }, () => inbox.accept(arrival(fresh()))));

  const { rows } = await database.db.connection().execute(async (connection) => {
    await createInboxStore(connection).accept(arrival(fresh()));
    return sql<{ statement: string }>`
      select statement from pg_prepared_statements where statement like '%insert into inbox%'`.execute(connection);
  });
  expect(rows).toHaveLength(1);
});
