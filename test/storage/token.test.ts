import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTokenStore, type TokenAsk, type TokenStore } from '../../storage/token.ts';
import { morning, person } from '../support/builders.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let tokens: TokenStore;
beforeAll(async () => {
  database = await createDatabase();
  tokens = createTokenStore(database.db);
});
afterAll(() => database.drop());

const soon = (): string => new Date(Date.now() + 3_600_000).toISOString();
const create = (more: Partial<TokenAsk> = {}) =>
  tokens.create(
    crypto.randomUUID(),
    { kind: 'personal', holder: 'ana', scope: 'operator', expiresAt: soon(), ...more },
    person('adm'),
    morning,
  );

test('a token is told of to whom it speaks for, once', async () => {
  const { token } = await create({ tell: 'ana@example.org' });
  await create();

  const { rows } = await sql<{ payload: { to: string; text: string } }>`select payload from outbox`.execute(
    database.db,
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]?.payload.to).toBe('ana@example.org');
  expect(rows[0]?.payload.text).toMatch(
    new RegExp(`^adm created the token evk_.* for ana\\.[^]*evenkeel token revoke ${token.id}$`),
  );
});

test('a token is found by its secret and says whose it is', async () => {
  const { token, secret } = await create({ kind: 'service', holder: 'ci', team: 'shop' });

  expect(secret).toMatch(/^evk_[\w-]{43}$/);
  expect(await tokens.find(secret)).toMatchObject({
    id: token.id,
    kind: 'service',
    holder: 'ci',
    team: 'shop',
    scope: 'operator',
  });
  expect(await tokens.find(`${secret}x`)).toBeUndefined();
});

test('the secret is kept nowhere, only its hash', async () => {
  const { secret } = await create();
  const { rows } = await sql<{ everything: string }>`
    select (select json_agg(t)::text from token t) || (select json_agg(l)::text from ledger_entry l) as everything`.execute(
    database.db,
  );

  expect(rows[0]!.everything).toContain(secret.slice(0, 12));
  expect(rows[0]!.everything).not.toContain(secret.slice(0, 16));
});

test('a token that has expired is none', async () => {
  const { secret } = await create({ expiresAt: new Date(Date.now() - 1000).toISOString() });

  expect(await tokens.find(secret)).toBeUndefined();
});

test('a token is revoked once, at once, and both are noted with who did it', async () => {
  const { token, secret } = await create();

  expect(await tokens.revoke(token.id, person('eva'), morning)).toBe(true);
  expect(await tokens.revoke(token.id, person('eva'), morning)).toBe(false);
  expect(await tokens.find(secret)).toBeUndefined();
  const { rows } = await sql<{ action: string; body: string }>`
    select action, body from ledger_entry where subject = ${`token/${token.id}`} order by id`.execute(database.db);
  expect(rows.map(({ action }) => action)).toEqual(['token.created', 'token.revoked']);
  expect(JSON.parse(rows[1]!.body)).toMatchObject({ actor: person('eva') });
});

test('tokens come in pages, of some people and teams or of all', async () => {
  const mine = [
    await create({ holder: 'paged' }),
    await create({ holder: 'paged' }),
    await create({ holder: 'paged' }),
  ];
  const of = { people: ['paged'], teams: ['nobody'] };

  const [newest] = await tokens.list({ of, limit: 1 });
  const rest = await tokens.list({ of, after: { at: newest!.createdAt, id: newest!.id }, limit: 10 });

  expect([newest!, ...rest].map(({ id }) => id).toSorted()).toEqual(mine.map(({ token }) => token.id).toSorted());
  expect((await tokens.list({ limit: 200 })).length).toBeGreaterThan(3);
  expect((await tokens.byId(newest!.id))?.holder).toBe('paged');
});

test('a token remembers that it was used', async () => {
  const { token, secret } = await create();
  const now = async () => (await tokens.list({ limit: 200 })).find(({ id }) => id === token.id);

  expect((await now())?.lastUsedAt).toBeNull();
  await tokens.find(secret);
  expect((await now())?.lastUsedAt).not.toBeNull();
});

test('the first token of all is known to exist', async () => {
  expect(await tokens.hasBootstrap()).toBe(false);
  await create({ kind: 'bootstrap', holder: 'admin', scope: 'admin' });
  expect(await tokens.hasBootstrap()).toBe(true);
});
