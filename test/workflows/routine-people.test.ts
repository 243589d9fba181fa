import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanId } from '../../domain/id.ts';
import { sweepRoutines } from '../../activities/routine/sweep.ts';
import { type Ops, startOps } from '../support/ops.ts';
import { check, nightly, runsOfRoutine } from '../support/routine.ts';

let ops: Ops;
const theirs = { ...nightly, owner: 'other', services: { labels: { tier: 'none' } } };
beforeAll(async () => {
  ops = await startOps({
    services: { web: [] },
    templates: check,
    routines: {
      nightly: { ...nightly, services: { names: ['checkout', 'web'] } },
      theirs,
      still: { ...nightly, paused: true },
    },
  });
});
afterAll(() => ops.stop());

const as = (person: string) => ({
  get: (path: string) => ops.as(person)('GET', path),
  post: (path: string, body: object, key?: string) =>
    ops.as(person)('POST', path, body, key === undefined ? {} : { 'idempotency-key': key }),
});
const because = { reason: 'The archive moves' };

describe('a routine', () => {
  test('is seen by its team alone, and run and paused by its operators', async () => {
    const names = async (person: string) => (await as(person).get('/v1/routines')).body.items.map(({ name }) => name);
    expect(await names('vic')).toEqual(['nightly', 'still']);
    expect(await names('eva')).toEqual(['theirs']);
    for (const path of ['', '/runs']) expect((await as('eva').get(`/v1/routines/nightly${path}`)).status).toBe(404);
    for (const [path, body] of [
      ['runs', {}],
      ['pause', because],
      ['resume', because],
    ] as const) {
      expect((await as('eva').post(`/v1/routines/nightly/${path}`, body)).status).toBe(404);
      expect((await as('dan').post(`/v1/routines/nightly/${path}`, body)).status).toBe(403);
      expect((await as('cid').post(`/v1/routines/nobodys/${path}`, body)).status).toBe(404);
    }
    expect((await as('eva').get('/v1/routine-times')).body.items.map(({ routine }) => routine)).not.toContain(
      'nightly',
    );
    expect((await as('eva').get('/v1/routine-coverage')).body.items).toEqual([]);
    expect((await as('cid').get('/v1/routines/nightly')).body).toMatchObject({
      services: ['checkout', 'web'],
      paused: null,
      drift: null,
    });
  });

  test('runs now for whoever may, once for each key, and is proven by that', async () => {
    const coverage = async () =>
      (await as('vic').get('/v1/routine-coverage?service=checkout')).body.items.find(
        ({ kind }) => kind === 'backup-verification',
      )!['coverage'];
    expect(await coverage()).toBe('unproven');
    const first = await as('cid').post('/v1/routines/nightly/runs', { service: 'checkout' }, 'now');
    expect(first.status).toBe(202);
    await as('cid').post('/v1/routines/nightly/runs', { service: 'checkout' }, 'now');
    expect((await as('cid').post('/v1/routines/nightly/runs', {}, 'now')).status).toBe(409);
    await expect
      .poll(
        async () => {
          await sweepRoutines(ops.world, Date.now());
          return (await runsOfRoutine(ops, 'nightly')).map(({ status, service }) => [status, service]);
        },
        { timeout: 20_000 },
      )
      .toEqual([['completed', 'checkout']]);
    const { items } = (await as('vic').get('/v1/routines/nightly/runs')).body;
    expect(items).toMatchObject([{ orderedBy: { name: 'cid' }, status: 'completed' }]);
    expect(await coverage()).toBe('proven');
    const plan = await ops.stores.plans.find(items[0]!['plan'] as PlanId);
    expect(plan!.commission.trigger).toMatchObject({ type: 'routine', requester: 'cid', routine: 'nightly' });
  });

  test('runs for nothing that it does not select', async () => {
    const { body: service } = await as('cid').post('/v1/routines/nightly/runs', { service: 'orphan' });
    expect(service.detail).toContain('the routine does not select service orphan');
    const { body: environment } = await as('cid').post('/v1/routines/nightly/runs', { environment: 'moon' });
    expect(environment.detail).toContain('the routine is not for environment moon');
    expect((await as('eva').post('/v1/routines/theirs/runs', {})).body.detail).toBe('the routine selects no service');
  });
});

describe('a routine that is paused', () => {
  test('stays so whatever is applied, and is due again once it is resumed', async () => {
    const paused = await as('cid').post('/v1/routines/nightly/pause', because);
    expect(paused.body).toMatchObject({ nextDueAt: null, paused: { by: 'cid', reason: because.reason } });
    expect((await as('cid').post('/v1/routines/nightly/pause', { reason: 'Another' })).status).toBe(409);
    await ops.apply({ routines: { nightly: { ...nightly, description: 'Another' }, theirs } });
    expect((await as('vic').get('/v1/routines/nightly')).body['paused']).toMatchObject({ by: 'cid' });
    expect(
      (await as('vic').get('/v1/routine-times')).body.items.filter(({ routine }) => routine === 'nightly'),
    ).toEqual([]);

    const before = await runsOfRoutine(ops, 'nightly');
    // Two nights ago it was paused, and nobody has looked since.
    const since = new Date(Date.now() - 2 * 86_400_000).toISOString();
    await sql`update routine set settled_until = ${since}, paused = jsonb_set(paused, '{at}', to_jsonb(${since}::text))
      where name = 'nightly'`.execute(ops.db);
    const resumed = await as('cid').post('/v1/routines/nightly/resume', { reason: 'It has moved' });
    expect(resumed.body).toMatchObject({ paused: null, nextDueAt: expect.stringMatching(/^\d{4}-/) });
    const skipped = (await runsOfRoutine(ops, 'nightly')).filter(({ id }) => !before.some((run) => run.id === id));
    expect(skipped).toHaveLength(2);
    expect(new Set(skipped.map(({ status, why }) => `${status}: ${why}`))).toEqual(
      new Set(['skipped: paused by cid: The archive moves']),
    );
    const { rows } = await sql<{ action: string; by: string }>`
      select action, body::jsonb->'actor'->>'name' as by from ledger_entry
      where subject = 'routine/nightly' and action in ('routine.paused', 'routine.resumed') order by id`.execute(
      ops.db,
    );
    expect(rows).toEqual([
      { action: 'routine.paused', by: 'cid' },
      { action: 'routine.resumed', by: 'cid' },
    ]);
  });

  test('by its document is resumed by its document', async () => {
    await ops.apply();
    const refused = await as('cid').post('/v1/routines/still/resume', because);
    expect([refused.status, refused.body.detail]).toEqual([
      409,
      'the document of routine still says that it is paused: change that',
    ]);
  });
});

test('the times to come are in order, as far as somebody looks ahead', async () => {
  await ops.apply();
  const times = async (within: string) =>
    (await as('vic').get(`/v1/routine-times?within=${within}&routine=nightly`)).body.items.map(({ dueAt }) =>
      String(dueAt),
    );
  // One more or less where the clocks change.
  expect([29, 30, 31]).toContain((await times('30d')).length);
  expect(await times('30d')).toEqual((await times('30d')).toSorted());
  expect((await as('vic').get('/v1/routine-times?within=93d')).status).toBe(422);
});
