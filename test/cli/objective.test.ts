import { describe, expect, test } from 'vitest';
import { evenkeel, startFakeApi } from './fake-api.ts';

const id = '019a0000-0000-7000-8000-000000000001';
const hold = {
  id,
  policy: 'spent-budget',
  rule: 0,
  objective: 'checkout-availability',
  service: 'checkout',
  team: 'shop',
  actions: ['freeze', 'notify'],
  exceptions: ['security'],
  override: { role: 'approver', expiry: '3d' },
  why: '150 % of the error budget are \u001B[31mused',
  openedAt: '2026-03-02T16:00:00.000Z',
};
const objective = {
  name: 'checkout-availability',
  slo: 'checkout-availability',
  title: 'Checkout answers',
  service: 'checkout',
  team: 'shop',
  target: 0.999,
  method: 'Occurrences',
  series: 's',
  slotMs: 60_000,
  window: { from: '2026-02-02T16:00:00.000Z', until: '2026-03-02T16:00:00.000Z' },
  asOf: '2026-03-02T16:00:00.000Z',
  lastDataAt: '2026-03-02T16:00:00.000Z',
  good: 998_500,
  total: 1_000_000,
  bad: 1500,
  allowed: 1000,
  used: 1.5,
  met: 0.9985,
  unmeasured: 3,
  empty: 7,
  burnRates: [{ window: '1h', burnRate: 13.442 }, { window: '5m' }],
};
const unmeasured = { ...objective, name: 'catalog', used: undefined, met: undefined, asOf: undefined };

test('objectives are one table, in which nothing is said of what nobody could measure', async () => {
  const api = await startFakeApi({ 'GET /v1/objectives': { body: { items: [objective, unmeasured] } } });
  const { code, out } = await evenkeel(api.url, 'objective', 'list');
  const [head, first, second] = out.split('\n');

  expect(code).toBe(0);
  expect(head).toMatch(/OBJECTIVE +SERVICE +TARGET +MET +BUDGET USED +MEASURED TO/);
  expect(first).toMatch(/^checkout-availability +checkout +99\.90 % +99\.85 % +150\.0 % +2026-03-02 16:00:00Z \(/);
  expect(second).toMatch(/^catalog +checkout +99\.90 %$/);
});

test('an objective is shown with its burn rates, its alerts, what it holds up and why it gets no further', async () => {
  const body = {
    ...objective,
    trouble: 'prometheus answered\u001B[31m 503',
    alerts: [{ alert: 'page-1h-13.44', raisedAt: '2026-03-02T15:00:00.000Z' }],
    holds: [hold],
    burnDown: [],
  };
  const api = await startFakeApi({ 'GET /v1/objectives/checkout-availability': { body } });
  const { out } = await evenkeel(api.url, 'objective', 'show', 'checkout-availability');

  expect(out).toMatch(/target +99\.90 % \(Occurrences\); 99\.85 % were good/);
  expect(out).toMatch(/budget +150\.0 % used: 1500 bad of 1000 allowed/);
  expect(out).toMatch(/not counted +7 slots without data, 3 not looked at/);
  expect(out).toMatch(/burn rate 1h +13\.44\n/);
  expect(out).toMatch(/burn rate 5m +no data\n/);
  expect(out).toMatch(/alert +page-1h-13\.44 since 2026-03-02 15:00:00Z/);
  expect(out).toMatch(/freeze, notify +2026-03-02 16:00:00Z .* open +150 % of the error budget/);
  expect(out).toContain('trouble');
  expect(out).not.toContain('\u001B[31m');
});

test('a program gets an objective whole', async () => {
  const api = await startFakeApi({ 'GET /v1/objectives/checkout-availability': { body: objective } });
  const { out } = await evenkeel(api.url, '--json', 'objective', 'show', 'checkout-availability');

  expect(JSON.parse(out)).toEqual(objective);
});

test('rules for Prometheus are YAML that it can load', async () => {
  const rule = { alert: 'ErrorBudgetBurns', expr: 'a > b', labels: { severity: 'critical' } };
  const body = { groups: [{ name: 'evenkeel-checkout-availability', interval: '1m', rules: [rule] }] };
  const api = await startFakeApi({ 'GET /v1/objective-rules': { body } });

  expect((await evenkeel(api.url, 'objective', 'export')).out).toBe(
    [
      'groups:',
      '  - name: evenkeel-checkout-availability',
      '    interval: 1m',
      '    rules:',
      '      - alert: ErrorBudgetBurns',
      '        expr: a > b',
      '        labels:',
      '          severity: critical',
      '\n',
    ].join('\n'),
  );
});

describe('holds', () => {
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const by = { by: 'ana', role: 'approver', reason: 'sale', at: hold.openedAt };
  test.each([
    ['open', {}],
    ['reviewed', { reviewed: { by: 'cid', at: hold.openedAt, text: 'ours' } }],
    ['ended', { endedAt: later, overridden: { ...by, until: later } }],
    [`overridden until ${later.slice(0, 10)}`, { overridden: { ...by, until: later } }],
    ['open', { overridden: { ...by, until: '2026-03-02T17:00:00.000Z' } }],
  ])('are %s', async (state, more) => {
    const api = await startFakeApi({ 'GET /v1/budget-holds?open=true': { body: { items: [{ ...hold, ...more }] } } });
    const { out } = await evenkeel(api.url, 'objective', 'holds', '--open', 'true');

    expect(out).toMatch(new RegExp(`\\) +${state}.* 150 % of the error budget`));
    expect(out).not.toContain('\u001B[31m');
  });

  test('come in pages', async () => {
    const api = await startFakeApi({ 'GET /v1/budget-holds?limit=1': { body: { items: [hold], next: 'n1' } } });

    expect(await evenkeel(api.url, 'objective', 'holds', '--limit', '1')).toMatchObject({
      code: 0,
      err: 'There may be more: continue with --after n1\n',
    });
  });

  test('are none, and that is said', async () => {
    const api = await startFakeApi({ 'GET /v1/budget-holds': { body: { items: [] } } });

    expect((await evenkeel(api.url, 'objective', 'holds')).out).toBe('none\n');
  });
});

test('a hold is overridden with a reason and for a while, and says until when', async () => {
  const overridden = { until: '2026-03-02T17:00:00.000Z' };
  const api = await startFakeApi({ [`POST /v1/budget-holds/${id}/override`]: { body: { ...hold, overridden } } });
  const { code, out } = await evenkeel(api.url, 'objective', 'override', id, '--reason', 'the sale', '--for', '1h');

  expect([code, out]).toEqual([0, expect.stringContaining('overridden until 2026-03-02 17:00:00Z')]);
  expect(api.heard.map(({ body }) => body)).toEqual([{ reason: 'the sale', for: '1h' }]);
});

test('a review is written down', async () => {
  const api = await startFakeApi({ [`POST /v1/budget-holds/${id}/review`]: { body: hold } });

  expect(await evenkeel(api.url, 'objective', 'review', id, '--text', 'ours; capped')).toMatchObject({
    code: 0,
    out: 'reviewed\n',
  });
  expect(api.heard.map(({ body }) => body)).toEqual([{ text: 'ours; capped' }]);
});

describe('what is not sent', () => {
  test.each([
    [['override', id], "required option '--reason <text>' not specified"],
    [['review', id], "required option '--text <text>' not specified"],
    [['override', '', '--reason', 'r'], '"" is neither a name nor an id'],
    [['show', '..'], '".." is neither a name nor an id'],
    [['show'], "missing required argument 'name'"],
    [['holds', '--shut'], "unknown option '--shut'"],
  ])('%j', async (args, said) => {
    const api = await startFakeApi();
    const { code, err } = await evenkeel(api.url, 'objective', ...args);

    expect([code, err]).toEqual([2, expect.stringContaining(said)]);
    expect(api.heard).toEqual([]);
  });
});

test.each([
  [404, { detail: `there is no budget hold ${id}` }, 5, `evenkeel: there is no budget hold ${id}\n`],
  [409, { detail: `hold ${id} ended` }, 6, `evenkeel: hold ${id} ended\n`],
  [403, { detail: 'ana needs the role approver in team shop' }, 4, expect.stringContaining('evenkeel whoami')],
  [
    422,
    { detail: 'for: expected a duration', errors: [{ field: 'for', message: 'expected a duration' }] },
    2,
    'evenkeel: --for: expected a duration\n',
  ],
])('an override that is refused with %d ends with what the API says', async (status, body, code, err) => {
  const api = await startFakeApi({ [`POST /v1/budget-holds/${id}/override`]: { status, body } });

  expect(await evenkeel(api.url, 'objective', 'override', id, '--reason', 'r', '--for', 'soon')).toEqual({
    code,
    out: '',
    err,
  });
});
