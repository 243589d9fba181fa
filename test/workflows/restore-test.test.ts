import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { operationFiles, operationPrograms, requestOperation } from '../support/operations.ts';
import { type Ops, type Plan, startOps } from '../support/ops.ts';
import { sweepRoutines } from '../../activities/routine/sweep.ts';
import { runsOfRoutine } from '../support/routine.ts';
import { urlOf } from '../support/url.ts';

/** A backup of a real PostgreSQL is proven by a plan: restored, compared, dropped again. */
const folder = mkdtempSync(join(tmpdir(), 'evenkeel-restore-'));
const dump = join(folder, 'shop.dump');
const shop = `shop_${crypto.randomUUID().replaceAll('-', '')}`;

const on = async <Found>(url: string, look: (client: pg.Client) => Promise<Found>): Promise<Found> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await look(client);
  } finally {
    await client.end();
  }
};

/** What a shop has: text of all sorts, numbers that no float holds, arrays, JSON, bytes, nulls, and keys between them. */
const data = `
  create schema sales;
  create table customer (id bigint generated always as identity primary key, name text not null unique, born date, tags text[]);
  create table sales."Order" (
    id uuid primary key default gen_random_uuid(), customer bigint not null references customer, total numeric(30, 12) check (total >= 0),
    placed timestamptz not null, detail jsonb, receipt bytea, ratio float8, twice numeric generated always as (total * 2) stored);
  create table empty_one (x int);
  insert into customer (name, born, tags)
    select 'O''Brien "' || n || E'" \\\\ \\n, (ünï)', date '1970-01-01' + n, array['a,b', '{' || n || '}', null] from generate_series(1, 1200) n;
  insert into customer (name) values (''), ('null');
  insert into sales."Order" (customer, total, placed, detail, receipt, ratio)
    select id, id * 1.000000000001, timestamptz '2026-03-29 00:59:59.123456+00' + id * interval '1 hour',
      jsonb_build_object('n', id, 'text', E'line\\nbreak'), decode(md5(id::text), 'hex'), 1.0 / id from customer;`;

let ops: Ops;
beforeAll(async () => {
  const admin = inject('adminUrl');
  await on(admin, (client) => client.query(`create database ${shop}`));
  await on(urlOf(admin, shop), (client) => client.query(data));
  writeFileSync(join(folder, 'shop'), `${urlOf(admin, shop)}\n`, { mode: 0o600 });
  writeFileSync(join(folder, 'server'), admin, { mode: 0o600 });
  ops = await startOps({}, { EVENKEEL_PROGRAMS_DIR: operationPrograms });
  await ops.as('admin')('POST', '/v1/catalogue', {
    files: operationFiles().map(({ path, text }) => ({
      path,
      text: text.replaceAll(/\/etc\/evenkeel\/databases|\/var\/backups\/evenkeel/g, folder),
    })),
  });
});
afterAll(async () => {
  await ops.stop();
  await on(inject('adminUrl'), (client) => client.query(`drop database ${shop} with (force)`));
  rmSync(folder, { recursive: true });
});

/** What the program of a plan printed, when it had ended. */
const saidIn = async ({ reference }: Plan, key: string): Promise<string> =>
  (await ops.stores.outbox.of(reference)).find((effect) => effect.key.includes(key))?.result?.output ?? '';

const takeBackup = async () => {
  const plan = await requestOperation(ops, 'backup-verification', { take: true, dump: 'shop.dump', database: 'shop' });
  await plan.becomes('completed');
  return JSON.parse(await saidIn(plan, '/verify/')) as { recoverablePoint: string; rows: number; checksum: string };
};

const restore = () => requestOperation(ops, 'restore-test', { dump: 'shop.dump', server: 'server' });

const scratchDatabases = () =>
  on(inject('adminUrl'), async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select datname as name from pg_database where datname like 'evenkeel\\_restore\\_%'`,
    );
    return rows.map(({ name }) => name);
  });

describe('a restore test', () => {
  test('restores the backup, finds the same data, and leaves nothing behind', async () => {
    const backup = await takeBackup();
    const plan = await restore();
    await plan.becomes('completed');

    const proof = JSON.parse(await saidIn(plan, '/restore/')) as Record<string, string>;
    expect(proof).toEqual({
      recoverablePoint: backup.recoverablePoint,
      restoredAt: expect.any(String),
      verifiedAt: expect.any(String),
      rows: 2_404,
      checksum: backup.checksum,
    });
    const { recoverablePoint, restoredAt, verifiedAt } = proof;
    expect([recoverablePoint, restoredAt, verifiedAt].map((at) => Date.parse(at!))).toEqual(
      [recoverablePoint, restoredAt, verifiedAt].map((at) => Date.parse(at!)).toSorted((a, b) => a - b),
    );
    expect(await scratchDatabases()).toEqual([]);
  });

  test.each<[string, (text: string) => string, string]>([
    ['a value was changed', (text) => text.replace('1970-01-08', '1970-01-09'), 'not those that were dumped'],
    ['a row is missing', (text) => text.replace(/\n\[0,[^\n]*1970-01-08[^\n]*/, ''), 'violates foreign key constraint'],
    ['a row of no consequence is missing', (text) => text.replace(/\n\[2,[^\n]*/, ''), 'restored 2403 rows of 2404'],
    ['its end is missing', (text) => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1), 'the dump has no end'],
    ['it breaks off in a row', (text) => text.slice(0, text.length / 2), 'failed: '],
    ['a row is no row of its table', (text) => text.replace('[0,"(1,', '[0,"(one,'), 'invalid input syntax'],
  ])('of a backup of which %s fails, and its scratch database is dropped', async (_, damage, why) => {
    await takeBackup();
    const whole = readFileSync(dump, 'utf8');
    const damaged = damage(whole);
    expect(damaged).not.toBe(whole);
    writeFileSync(dump, damaged);

    const plan = await restore();

    const { activities } = await plan.until(({ status }) => status === 'undone' || status === 'failed');
    expect(activities[0]?.status).not.toBe('done');
    expect(await saidIn(plan, '/restore/')).toContain(why);
    expect(await scratchDatabases()).toEqual([]);
  });

  test('is what a routine counts as done when it was, and as failed when it was not', async () => {
    const routine = `{ apiVersion: evenkeel/v1, kind: Routine, metadata: { name: proof }, spec: { description: d, owner: shop, kind: restore-test,
      cron: '0 9 10 1 *', zone: UTC, template: restore-test, parameters: { dump: shop.dump, server: server },
      services: { names: [checkout] }, environments: [production] } }`;
    await ops.as('admin')('POST', '/v1/catalogue', { files: [{ path: 'routine.yaml', text: routine }] });
    const run = () => ops.as('cid')('POST', '/v1/routines/proof/runs', {}, { 'idempotency-key': crypto.randomUUID() });
    const outcomes = async () => {
      await sweepRoutines(ops.world, Date.now());
      return (await runsOfRoutine(ops, 'proof')).map(({ status }) => status).toSorted();
    };
    await takeBackup();
    await run();
    await expect.poll(outcomes, { timeout: 20_000 }).toEqual(['completed']);
    writeFileSync(dump, readFileSync(dump, 'utf8').replace('1970-01-08', '1970-01-09'));

    await run();

    await expect.poll(outcomes, { timeout: 20_000 }).toEqual(['completed', 'failed']);
  });

  test('that is stopped while it works drops its scratch database', async () => {
    await on(urlOf(inject('adminUrl'), shop), (client) =>
      client.query('insert into empty_one select generate_series(1, 300000)'),
    );
    await takeBackup();
    const plan = await restore();
    await expect.poll(scratchDatabases, { timeout: 20_000, interval: 10 }).toHaveLength(1);

    await plan.ask('cid', 'cancel', { reason: 'not now' });

    await plan.becomes('cancelled');
    expect(await saidIn(plan, '/restore/')).not.toContain('restoredAt');
    expect(await scratchDatabases()).toEqual([]);
    await on(urlOf(inject('adminUrl'), shop), (client) => client.query('truncate empty_one'));
  });

  test('shows no address and no password when its server is away', async () => {
    writeFileSync(join(folder, 'away'), 'postgres://backup:hunter2@127.0.0.1:9/postgres');
    const plan = await requestOperation(ops, 'restore-test', { dump: 'shop.dump', server: 'away' });

    await plan.until(({ status }) => status === 'undone' || status === 'failed');

    const said = await saidIn(plan, '/restore/');
    expect(said).toContain('failed: ');
    expect(said).not.toContain('hunter2');
  });
});

describe('the verification of a backup', () => {
  const verify = async (parameters: object): Promise<string> => {
    const plan = await requestOperation(ops, 'backup-verification', { dump: 'shop.dump', ...parameters });
    await plan.until(({ status }) => ['undone', 'failed', 'completed'].includes(status));
    return saidIn(plan, '/verify/');
  };

  test('fails where one byte is another, where it is too old, and where there is none', async () => {
    await takeBackup();
    expect(JSON.parse(await verify({}))).toMatchObject({ rows: 2_404, ageHours: expect.any(Number) });
    const lines = readFileSync(dump, 'utf8').trimEnd().split('\n');
    const end = JSON.parse(lines.at(-1)!) as object;
    writeFileSync(
      dump,
      `${[...lines.slice(0, -1), JSON.stringify({ ...end, recoverablePoint: '2026-01-01T00:00:00Z' })].join('\n')}\n`,
    );
    expect(await verify({})).toContain('the newest dump is of 2026-01-01T00:00:00Z, more than 26 h ago');
    writeFileSync(dump, readFileSync(dump, 'utf8').replace('1970-01-08', '1970-01-09'));
    expect(await verify({})).toContain('the dump is not what was written');
    expect(await verify({ dump: 'none' })).toContain('no such file');
    expect(await verify({ dump: '../shop.dump' })).toContain('../shop.dump is no name of a file');
  });
});
