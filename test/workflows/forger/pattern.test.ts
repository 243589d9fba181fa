import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patternRunReference } from '../../../domain/identifiers.ts';
import { sealed } from '../../../workers/payload-codec.ts';
import { daysAgo, happened, settled } from '../../support/backdated.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { createForger, type Forger } from './world.ts';

/** Three incidents that are the same, of which one problem has opened. */
let ops: Ops;
let forger: Forger;
const past = { from: daysAgo(60), until: daysAgo(30) };

const ordered = async (who: string, body: object): Promise<string> => {
  await settled(ops);
  const said = (await ops.as(who)('POST', '/v1/pattern-runs', { service: 'checkout', ...past, ...body })).body;
  const id = String(said['run']);
  await ops.client.workflow.getHandle(`pattern-run/${id}`).result();
  return id;
};

beforeAll(async () => {
  ops = await startOps();
  for (const days of [50, 46, 42]) await happened(ops, `Pool part${days} is empty`, days);
  forger = await createForger(ops, ops.taskQueue, sealed(ops.keys));
});
afterAll(async () => {
  await forger.stop();
  await ops.stop();
});

const forge = (activity: string, ...args: unknown[]): Promise<string> =>
  forger.call(`pattern-run/forged-${randomUUID()}`, activity, ...args);
const problems = async (): Promise<number> => {
  await settled(ops);
  return (await ops.stores.problems.list({ limit: 50 })).items.length;
};
const runs = async () => (await ops.stores.patternRuns.list({ limit: 50 })).items;

describe('somebody who calls for patterns from a workflow of their own', () => {
  test('finds nothing that nobody ordered', async () => {
    const before = await runs();
    const nobodys = randomUUID();
    const order = { run: nobodys, id: nobodys, scope: {}, period: past, opens: true, at: Date.now() };

    expect(await forge('findPatterns', order)).toContain(`there is no pattern run ${nobodys}`);
    for (const activity of ['openProblem', 'openPatternRun', 'write'])
      expect(await forge(activity, order)).toContain(`Activity function ${activity} is not registered`);

    expect(await runs()).toEqual(before);
    expect(await problems()).toBe(1);
  });

  test('opens no problem of what somebody looked for alone', async () => {
    const id = await ordered('dan', {});
    const before = await ops.stores.patternRuns.find(id);
    expect(before?.patterns).toHaveLength(1);

    await forge('findPatterns', { run: id, at: Date.now(), opens: true, patterns: [], scope: {} });

    expect(await ops.stores.patternRuns.find(id)).toEqual(before);
    expect(await problems()).toBe(1);
  });

  test('gets the run of the day, of which there is one, and what it opens is opened once', async () => {
    const evil = { scope: { service: 'ledger' }, period: past, orderedBy: { type: 'person', name: 'ana' } };
    const at = Date.parse(daysAgo(35));

    const first = await forge('orderDailyPatterns', { at, ...evil });
    expect(await forge('orderDailyPatterns', { at, ...evil })).toBe(first);
    const id = JSON.parse(first.slice('gave '.length)) as string;
    for (let called = 0; called < 3; called += 1) await forge('findPatterns', { run: id, at, patterns: [] });

    expect(await ops.stores.patternRuns.find(id)).toMatchObject({
      scope: {},
      orderedBy: { name: 'evenkeel' },
      patterns: [{ rule: 'recurrence', count: 3 }],
    });
    const { rows } = await sql<{ by: string }>`
      select body::jsonb->'actor'->>'name' as by from ledger_entry where subject = ${patternRunReference(id)}`.execute(
      ops.db,
    );
    expect(rows).toEqual([{ by: 'evenkeel' }, { by: 'evenkeel' }]);
    expect(await problems()).toBe(1);
  });
});
