import { describe, expect, test } from 'vitest';
import {
  blockersOf,
  checklistsFor,
  checksFor,
  conditionsOf,
  gapsOf,
  counts,
  grant,
  levelReached,
  mayBePlanned,
  verdictOf,
  withdrawWaiver,
} from '../../domain/readiness.rules.ts';
import type { ReadinessItem, Waiver } from '../../domain/readiness.ts';
import { item } from '../support/builders.ts';

const results = ['pass', 'not-applicable', 'waived', 'fail', 'stale', 'unknown'] as const;

describe('the verdict on one check', () => {
  const table = {
    pass: ['ready', 'ready', 'ready'],
    'not-applicable': ['ready', 'ready', 'ready'],
    waived: ['ready-with-conditions', 'ready', 'ready'],
    fail: ['not-ready', 'ready-with-conditions', 'ready'],
    stale: ['not-ready', 'ready-with-conditions', 'ready'],
    unknown: ['not-ready', 'ready-with-conditions', 'ready'],
  } as const;
  const cells = results.flatMap((result) =>
    (['blocker', 'major', 'minor'] as const).map((severity, column) => ({
      result,
      severity,
      verdict: table[result][column]!,
    })),
  );

  test.each(cells)('$result on a $severity is $verdict', ({ result, severity, verdict }) => {
    const only = item('OBS-1', { result, severity });

    expect(verdictOf([only])).toBe(verdict);
    expect(blockersOf([only])).toHaveLength(verdict === 'not-ready' ? 1 : 0);
    expect(conditionsOf([only])).toHaveLength(verdict === 'ready-with-conditions' ? 1 : 0);
  });
});

test('the worst check decides', () => {
  const good = item('OBS-1');
  const condition = item('OBS-2', { severity: 'major', result: 'fail' });
  const blocker = item('OBS-3', { result: 'unknown' });

  expect(verdictOf([])).toBe('ready');
  expect(verdictOf([good, condition])).toBe('ready-with-conditions');
  expect(verdictOf([condition, blocker, good])).toBe('not-ready');
});

test('a condition is said as a sentence', () => {
  const stale = item('OBS-5', { title: 'Alerts were tested', severity: 'major', result: 'stale' });

  expect(conditionsOf([stale])).toEqual(['OBS-5 Alerts were tested: stale']);
});

describe('a service of level B with a stale OBS-5 and a failing CHG-2', () => {
  const checks = (change: Partial<ReadinessItem>): ReadinessItem[] => [
    item('SVC-1', { level: 'C' }),
    item('OBS-5', { level: 'B', severity: 'major', result: 'stale' }),
    item('CHG-2', { level: 'B', ...change }),
  ];

  test('is not ready', () => {
    expect(verdictOf(checks({ result: 'fail' }))).toBe('not-ready');
    expect(levelReached(checks({ result: 'fail' }))).toBe('C');
  });

  test('is ready with conditions while CHG-2 is waived, and has reached no further level by it', () => {
    const waived = checks({ result: 'waived' });

    expect(verdictOf(waived)).toBe('ready-with-conditions');
    expect(conditionsOf(waived).map((said) => said.slice(0, 5))).toEqual(['OBS-5', 'CHG-2']);
    expect(levelReached(waived)).toBe('C');
  });

  test('is not ready again once the waiver has expired and the check is looked at for what it is', () => {
    expect(verdictOf(checks({ result: 'fail' }))).toBe('not-ready');
  });
});

describe('the level reached', () => {
  const at = (c: ReadinessItem['result'], b: ReadinessItem['result'], a: ReadinessItem['result']) =>
    levelReached([
      item('SVC-1', { level: 'C', result: c }),
      item('SVC-2', { level: 'B', result: b, severity: 'minor' }),
      item('SVC-3', { level: 'A', result: a }),
    ]);

  test.each([
    ['pass', 'pass', 'pass', 'A'],
    ['pass', 'not-applicable', 'pass', 'A'],
    ['pass', 'pass', 'fail', 'B'],
    ['pass', 'pass', 'waived', 'B'],
    ['pass', 'stale', 'pass', 'C'],
    ['pass', 'waived', 'pass', 'C'],
    ['unknown', 'pass', 'pass', null],
    ['waived', 'pass', 'pass', null],
  ] as const)('with %s on C, %s on B and %s on A is %s', (c, b, a, expected) => {
    expect(at(c, b, a)).toBe(expected);
  });
});

test('gaps are what is neither met nor waived', () => {
  const items = results.map((result, index) => item(`OBS-${index}`, { result }));

  expect(gapsOf(items).map(({ result }) => result)).toEqual(['fail', 'stale', 'unknown']);
});

describe('a plan may be made', () => {
  test('when each blocking gap has a runbook that closes it', () => {
    expect(mayBePlanned({ items: [item('OBS-1', { result: 'fail', remediation: 'add-alerts' })] })).toBe(true);
  });

  test('not when one of them has none', () => {
    const items = [item('OBS-1', { result: 'fail', remediation: 'add-alerts' }), item('OBS-2', { result: 'unknown' })];

    expect(mayBePlanned({ items })).toBe(false);
  });

  test('whatever stands open that does not block', () => {
    expect(mayBePlanned({ items: [item('OBS-1', { result: 'fail', severity: 'major' })] })).toBe(true);
  });
});

describe('what a service has to show', () => {
  const check = (id: string, level: 'A' | 'B' | 'C', title = id) => ({
    id,
    title,
    level,
    severity: 'blocker' as const,
    evidence: { kind: 'catalogue' as const, rule: 'true' },
  });
  const list = (...checks: ReturnType<typeof check>[]) => ({ description: '', checks });
  const idsOf = (checks: readonly { id: string }[]) => checks.map(({ id }) => id);

  test.each(['A', 'B', 'C'] as const)('a list for C alone is answered by level %s', (level) => {
    expect(checklistsFor({ C: 'basics' }, level)).toEqual(['basics']);
    expect(idsOf(checksFor([list(check('OWN-1', 'C'))], level))).toEqual(['OWN-1']);
  });

  test('each level adds its list to those below', () => {
    const checklists = { A: 'strict', B: 'web', C: 'basics' };

    expect(checklistsFor(checklists, 'A')).toEqual(['strict', 'web', 'basics']);
    expect(checklistsFor(checklists, 'B')).toEqual(['web', 'basics']);
    expect(checklistsFor(checklists, 'C')).toEqual(['basics']);
    expect(checklistsFor({ A: 'web', B: 'web', C: 'web' }, 'A')).toEqual(['web']);
  });

  test('checks of a higher level are left out, and a check in two lists counts as the first writes it', () => {
    const web = list(check('OBS-1', 'C', 'Strictly'), check('OBS-2', 'A'));
    const basics = list(check('OBS-1', 'C', 'Simply'), check('OWN-1', 'C'));

    expect(checksFor([web, basics], 'B').map(({ title }) => title)).toEqual(['Strictly', 'OWN-1']);
  });
});

describe('a waiver', () => {
  const asked: Waiver = {
    id: 'w1',
    service: 'checkout',
    environment: 'production',
    check: 'OBS-5',
    reason: 'the supplier is late',
    requestedBy: 'ana',
    expiresAt: '2026-03-02T12:00:00.000Z',
  };
  const morning = '2026-03-02T08:00:00.000Z';

  test('is granted by somebody else, once', () => {
    expect(grant(asked, 'ben', morning)).toEqual({ ...asked, approvedBy: 'ben' });
    expect(() => grant({ ...asked, approvedBy: 'ben' }, 'cid', morning)).toThrow('was granted by ben');
  });

  test('counts from its grant until it expires or is withdrawn', () => {
    const granted = { ...asked, approvedBy: 'ben' };

    expect(counts(asked, Date.parse(morning))).toBe(false);
    expect(counts(granted, Date.parse(morning))).toBe(true);
    expect(counts(granted, Date.parse(asked.expiresAt))).toBe(false);
    expect(counts(withdrawWaiver(granted, 'cid'), Date.parse(morning))).toBe(false);
  });

  test('is not granted by whoever asked for it, nor once it has expired', () => {
    expect(() => grant(asked, 'ana', morning)).toThrow(expect.objectContaining({ code: 'not-allowed' }));
    expect(() => grant(asked, 'ben', asked.expiresAt)).toThrow('the waiver has expired');
  });
});
