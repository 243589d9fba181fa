import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { detectionMs, usualRows } from '../../domain/objective/burn.rules.ts';
import { newestIncident } from '../support/monitoring.ts';
import { measure } from '../support/objective.ts';
import { type Ops, startOps } from '../support/ops.ts';
import { hasPrometheus, startPrometheusWith } from '../support/past.ts';
import { days, minutes } from '../support/time.ts';

/** 99.9 % over 30 days: 43.2 minutes of everything failing. */
const budget = 0.001;
const period = days(30);
const minute = 60_000;
/** A tenth of what a shop is asked fails from then on, and after three quarters of an hour everything. */
const endedAt = Math.floor(Date.now() / minute) * minute;
const brokenAt = endedAt - minutes(90);
const failing = (at: number): number => {
  if (at <= brokenAt) return 0;
  return at <= brokenAt + minutes(45) ? 100 : 1_000;
};
const past = {
  'shop_requests_total{code="200"}': (at: number) => 1_000 - failing(at),
  'shop_requests_total{code="500"}': failing,
};

const query = (text: string) => ({ metricSource: { spec: { query: text } } });
const objective = {
  indicator: {
    metadata: { name: 'shop-requests' },
    spec: {
      ratioMetric: {
        counter: true,
        bad: query('sum(shop_requests_total{code="500"})'),
        total: query('sum(shop_requests_total)'),
      },
    },
  },
  timeWindow: [{ duration: '30d', isRolling: true as const }],
  objectives: [{ target: 1 - budget }],
};

describe.skipIf(!hasPrometheus)('an SLI that a real Prometheus measures', () => {
  let ops: Ops;
  let folder: string;
  let prometheus: Awaited<ReturnType<typeof startPrometheusWith>>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'evenkeel-objective-'));
    prometheus = await startPrometheusWith(folder, past, { from: endedAt - period - minutes(180), until: endedAt });
    const budgetRules = [{ condition: { spentPercent: 100 }, actions: ['freeze' as const] }];
    ops = await startOps(
      { prometheus: prometheus.url, objective, budgetRules },
      { EVENKEEL_EGRESS_ALLOW: '127.0.0.0/8' },
    );
    ops.setClock(brokenAt);
  });
  afterAll(async () => {
    await ops.stop();
    await prometheus.stop();
    rmSync(folder, { recursive: true });
  });

  const shown = async () => (await ops.as('vic')('GET', '/v1/objectives/checkout-availability')).body;
  /** A look so many minutes after it broke, as soon as Prometheus knows of that minute. */
  const lookAfter = async (broken: number) => {
    const slotEnd = brokenAt + minutes(broken);
    ops.setClock(slotEnd + 20_000);
    await measure(ops);
    const looked = await shown();
    expect(looked['asOf']).toBe(new Date(slotEnd).toISOString());
    return looked;
  };
  /** How many minutes after it broke an alert came, to the end of the slot that it was seen in. */
  const cameAfter = async (): Promise<Record<string, number>> => {
    const { rows } = await sql<{ alert: string; raisedAt: string }>`
      select alert, raised_at from objective_alert where raised_at is not null order by alert`.execute(ops.db);
    return Object.fromEntries(
      rows.map(({ alert, raisedAt }) => [alert, Math.floor((Date.parse(raisedAt) - brokenAt) / minute)]),
    );
  };

  test('alerts with each row in the minute in which the table has it, and not before', async () => {
    expect(await lookAfter(0)).toMatchObject({ bad: 0, used: 0, unmeasured: 0, empty: 0, total: 43_200_000 });
    const rows = usualRows(period, budget);
    const due = rows.map((row) => detectionMs(row, budget, 0.1)! / minute);
    expect(due.map((each) => Number(each.toFixed(2)))).toEqual([8.64, 21.6, 43.2, 43.2]);

    for (const broken of [8, 9, 21, 22, 43, 44]) await lookAfter(broken);
    expect(await cameAfter()).toEqual({ 'page-1h-14.4': 9, 'page-6h-6': 22, 'ticket-1d-3': 44, 'ticket-3d-1': 44 });
  });

  test('opens one incident of its service, which all that pages is in', async () => {
    const incident = await newestIncident(ops);
    const { service, severity } = await incident.until(({ alerts: { firing } }) => firing === 2);
    expect([service, severity]).toEqual(['checkout', 'SEV-2']);
    expect((await ops.stores.incidents.list({ limit: 2 })).items).toHaveLength(1);
    await expect
      .poll(ops.subjects)
      .toContainEqual(expect.stringContaining('burns its error budget: burn rate 15 over 1h'));
  });

  test('freezes the next plan once the budget is used up, until somebody waives it', async () => {
    const holds = async () => (await ops.as('vic')('GET', '/v1/budget-holds?open=true')).body.items;
    // 45 minutes of a tenth and 38 of everything are 42.5 of 43.2 minutes, and one more is too many.
    expect((await lookAfter(83))['used']).toBeCloseTo(42.5 / 43.2, 4);
    expect(await holds()).toEqual([]);
    expect((await lookAfter(84))['used']).toBeCloseTo(43.5 / 43.2, 4);
    await expect.poll(holds).toMatchObject([{ actions: ['freeze'], service: 'checkout' }]);

    ops.setClock();
    const plan = await ops.deploy();
    const { readiness } = await plan.until((held) => held.readiness?.verdict === 'not-ready');
    expect(readiness?.blockers.join()).toContain('EVENKEEL-2 The error budget allows changes: ');
    const asked = await ops.as('cid')('POST', '/v1/waivers', {
      service: 'checkout',
      environment: 'production',
      check: 'EVENKEEL-2',
      reason: 'it mends what burns',
      validFor: '1h',
    });
    expect((await ops.as('ana')('POST', `/v1/waivers/${asked.body.id}/grant`)).status).toBe(200);
    const done = await plan.becomes('completed');
    expect(done.readiness?.conditions).toEqual([
      expect.stringMatching(/^EVENKEEL-2 The error budget allows changes: waived/),
    ]);
  });
});
