import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dueBetween } from '../../../domain/routine/slot.ts';
import { sealed } from '../../../workers/payload-codec.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { check, nightly, runsOfRoutine } from '../../support/routine.ts';
import { days } from '../../support/time.ts';
import { createForger, type Forger } from './world.ts';

let ops: Ops;
let forger: Forger;
beforeAll(async () => {
  ops = await startOps({ templates: check, routines: { nightly, asleep: { ...nightly, paused: true } } });
  forger = await createForger(ops, ops.taskQueue, sealed(ops.keys));
});
afterAll(async () => {
  await forger.stop();
  await ops.stop();
});

const forge = (...args: unknown[]): Promise<string> =>
  forger.call(`routine/forged-${randomUUID()}`, 'lookAtRoutine', ...args);
const everything = async () => {
  const count = async (table: string): Promise<number> => {
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from ${sql.table(table)}`.execute(
      ops.db,
    );
    return rows[0]!.count;
  };
  return { runs: await count('routine_run'), plans: await count('operation_plan'), told: await count('inbox') };
};
const next = (): number => dueBetween(nightly, Date.now(), Date.now() + days(2), 1)[0]!;

describe('of a routine', () => {
  test('nothing opens at a time that is not one of its own, whoever says that it is due', async () => {
    const before = await everything();
    const at = Date.now();
    const dueAt = new Date(at).toISOString();
    await forge({ routine: 'nightly', at, dueAt, slots: [dueAt], service: 'checkout', environment: 'production' });
    await forge({ routine: 'nobodys', at, owner: 'shop', template: 'check', services: { names: ['checkout'] } });
    await ops.client.workflow.execute('openRoutineRuns', {
      taskQueue: ops.taskQueue,
      workflowId: `routine/${ops.taskQueue}/nightly-${dueAt.replace(/\.\d+/, '')}`,
      args: [{ routine: 'nightly', dueAt }],
    });
    expect(await everything()).toEqual(before);
  });

  test('nothing opens while it is paused, and its time is written down as skipped', async () => {
    ops.setClock(next() + 1_000);
    await forge({ routine: 'asleep', at: Date.now(), paused: false });
    expect(await runsOfRoutine(ops, 'asleep')).toMatchObject([
      { status: 'skipped', plan: null, why: 'its document says that it is paused' },
    ]);
    ops.setClock();
  });

  test('at its time one plan opens, however often and for whatever somebody asks', async () => {
    ops.setClock(next() + 1_000);
    for (const more of [{}, { service: 'orphan' }, { template: 'release' }, { slots: [1, 2, 3] }])
      await forge({ routine: 'nightly', at: Date.now(), ...more });
    await expect
      .poll(async () => (await runsOfRoutine(ops, 'nightly')).map(({ status, service }) => [status, service]), {
        timeout: 20_000,
      })
      .toEqual([['opened', 'checkout']]);
    expect((await everything()).plans).toBe(1);
    ops.setClock();
  });

  test('a row of the inbox that names no run opens nothing', async () => {
    const before = await everything();
    const source = 'routine/nightly';
    const body = Buffer.from('{}');
    const { id } = await ops.stores.inbox.accept({
      kind: 'fact',
      source,
      dedupKey: randomUUID(),
      name: 'routine.due',
      actor: { type: 'system', name: 'evenkeel' },
      body,
      bodyHash: '',
      content: { family: 'routine', facts: [{ run: randomUUID() }] },
    });
    await expect.poll(async () => (await ops.stores.inbox.find(id))?.state, { timeout: 20_000 }).toBe('gap');
    expect((await everything()).plans).toBe(before.plans);
  });
});
