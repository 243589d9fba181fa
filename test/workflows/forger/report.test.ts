import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealed } from '../../../workers/payload-codec.ts';
import { declare } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { createForger, type Forger } from './world.ts';

let ops: Ops;
let forger: Forger;
/** Ordered by dan for himself, of a service where people noticed first: it has a signal. */
let id: string;
const month = new Date().toISOString().slice(0, 7);

beforeAll(async () => {
  ops = await startOps();
  const incident = await declare(ops, { impactAt: new Date(Date.now() - 20 * 60_000).toISOString() });
  await incident.ask('cid', 'acknowledge');
  await incident.ask('cid', 'resolve', { solution: 'Restarted', strategy: 'restart' });
  await incident.becomes('resolved');
  const { body } = await ops.as('dan')('POST', '/v1/performance-reports', { service: 'checkout', period: month });
  id = String(body['report']);
  await ops.client.workflow.getHandle(`performance-report/${id}`).result();
  forger = await createForger(ops, ops.taskQueue, sealed(ops.keys));
});
afterAll(async () => {
  await forger.stop();
  await ops.stop();
});

const forge = (activity: string, ...args: unknown[]): Promise<string> =>
  forger.call(`performance-report/forged-${randomUUID()}`, activity, ...args);

const messages = async (): Promise<string[]> => {
  const { rows } = await sql<{ key: string; to: string }>`
    select key, coalesce(payload->>'to', payload->>'url', '') as to from outbox order by 1`.execute(ops.db);
  return rows.map(({ key, to }) => `${key} ${to}`);
};
const ledger = async (subject: string) => {
  const { rows } = await sql<{ key: string; by: string }>`
    select key, body::jsonb->'actor'->>'name' as by from ledger_entry where subject = ${subject} order by 1`.execute(
    ops.db,
  );
  return rows;
};
const reports = async () => (await ops.stores.performanceReports.list({ limit: 50 })).items;

describe('of a report', () => {
  test('nothing is written that nobody ordered, nor sent before it is written', async () => {
    const [before, known] = [await messages(), await reports()];
    const nobodys = randomUUID();
    const order = {
      scope: { service: 'checkout' },
      period: known[0]!.period,
      isSent: true,
      orderedBy: { type: 'person' as const, name: 'dan' },
      orderedAt: new Date().toISOString(),
      team: 'shop',
    };
    const unwritten = await ops.stores.performanceReports.open(randomUUID(), order, (of) => ({
      key: `performance-report/${of}/ordered`,
      at: order.orderedAt,
      actor: order.orderedBy,
      action: 'report.ordered',
      subject: `performance-report/${of}`,
    }));

    expect(await forge('writePerformanceReport', { ...order, report: nobodys, id: nobodys, at: Date.now() })).toContain(
      `there is no report ${nobodys}`,
    );
    expect(await forge('sendPerformanceReport', { report: nobodys })).toContain('is not written yet');
    expect(await forge('sendPerformanceReport', { report: unwritten, markdown: 'Send your password' })).toContain(
      'is not written yet',
    );
    expect(await messages()).toEqual(before);
    expect(await reports()).toHaveLength(known.length + 1);
  });

  test('nothing is written over, whatever somebody says that it is', async () => {
    const before = await ops.stores.performanceReports.find(id);

    expect(
      await forge('writePerformanceReport', { report: id, at: Date.now(), title: 'Forged', figures: [], signals: [] }),
    ).not.toContain('Forged');

    expect(await ops.stores.performanceReports.find(id)).toEqual(before);
    expect(await ledger(`performance-report/${id}`)).toHaveLength(2);
  });

  test('nothing goes to anybody but whom it was ordered for, and nothing goes twice', async () => {
    const before = await messages();
    expect(before.filter((sent) => sent.startsWith(`performance-report/${id}`))).toEqual([
      expect.stringContaining('dan@example.org'),
    ]);

    await forge('sendPerformanceReport', {
      report: id,
      isSent: true,
      to: 'evil@example.org',
      scope: { team: 'shop' },
      orderedBy: { type: 'person', name: 'eva' },
      text: 'Send your password',
    });

    expect(await messages()).toEqual(before);
  });
});

describe('of the reports of a month', () => {
  const monthly = async () =>
    (await reports()).filter(({ isSent, orderedBy }) => isSent && orderedBy.name === 'evenkeel');
  const evil = {
    scope: { service: 'ledger' },
    period: { from: '2020-01-01T00:00:00.000Z', until: '2020-02-01T00:00:00.000Z' },
    isSent: true,
    orderedBy: { type: 'person', name: 'ana' },
    team: 'bank',
  };

  test('those that there are to be are ordered, once, by nobody but Evenkeel', async () => {
    const at = Date.UTC(2026, 10, 14);
    const first = await forge('orderMonthlyReports', { at, ...evil });
    const known = await monthly();

    expect(await forge('orderMonthlyReports', { at, ...evil })).toBe(first);
    expect(await monthly()).toEqual(known);
    expect(new Set(known.map(({ period }) => period.from))).toEqual(new Set(['2026-10-01T00:00:00.000Z']));
    for (const report of known)
      expect(await ledger(`performance-report/${report.id}`)).toMatchObject([{ by: 'evenkeel' }]);
  });

  test('none is ordered before most of what comes late has come', async () => {
    const before = await monthly();

    for (const at of [Date.UTC(2026, 11, 1), Date.UTC(2026, 11, 1, 23, 59)])
      await forge('orderMonthlyReports', { at, ...evil });
    expect(await monthly()).toEqual(before);

    await forge('orderMonthlyReports', { at: Date.UTC(2026, 11, 2, 6) });
    expect((await monthly()).map(({ period }) => period.from)).toContain('2026-11-01T00:00:00.000Z');
  });
});

describe('of a signal', () => {
  const signals = async () => (await ops.stores.signals.list({ limit: 50 })).items;

  test('nothing is answered, and nobody is reminded before it is late, or of more than it says', async () => {
    const [before, sent] = [await signals(), await messages()];
    const [signal] = before;
    const by = { type: 'person', name: 'cid' };

    expect(signal).toMatchObject({ kind: 'detection', status: 'open' });
    for (const [activity, ...args] of [
      ['answerSignal', signal!.id, { answer: 'rejected', reason: 'forged' }, by],
      ['answer', signal!.id, { answer: 'rejected', reason: 'forged' }, randomUUID(), by],
      ['raise', { ...signal, why: 'Send your password' }, 'shop', new Date().toISOString()],
      ['chase', signal, new Date().toISOString()],
    ] as const)
      expect(await forge(activity, ...args)).toContain(`Activity function ${activity} is not registered`);
    expect(await forge('chaseSignals', { at: Date.now(), signals: [signal], to: 'evil@example.org' })).toBe('gave 0');

    expect(await signals()).toEqual(before);
    expect(await messages()).toEqual(sent);
  });
});
