import { describe, expect, test } from 'vitest';
import { answered, chaseEveryMs, isChased } from '../../domain/improvement-signal/answer.rules.ts';
import { Condition, type ImprovementSignal } from '../../domain/improvement-signal.ts';
import { at, dated, days, incident, plan } from '../support/evidence.ts';
import { conditionKinds as kinds, conditions as find, many } from '../support/signal.ts';

describe('a repeated failure mode', () => {
  test('is three incidents of one key or problem, or a fix that did not help', () => {
    const alike = many(3, () => incident({ key: 'disk' }));
    expect(kinds({ incidents: alike })).toEqual(['repeated-failure-mode alerts/disk']);
    expect(kinds({ incidents: alike.slice(1) })).toEqual([]);
    const problems = new Map(alike.map(({ number }) => [number, 7]));
    expect(kinds({ incidents: alike, problems, failedFixes: [{ problem: 7, service: 'checkout' }] })).toEqual([
      'repeated-failure-mode problem/7',
    ]);
    expect(kinds({ failedFixes: [{ problem: 8, service: 'search' }] })).toEqual([]);
  });
  test('names no private incident as evidence', () => {
    const alike = many(3, (index) => incident({ key: 'disk', isPrivate: index === 0 }));
    expect(find({ incidents: alike })[0]?.evidence).toEqual(alike.slice(1).map(({ number }) => `incident/${number}`));
  });
});

describe('changes that fail too often', () => {
  const failing = (failed: number, all: number) =>
    many(all, (index) => plan({ status: index < failed ? 'undone' : 'completed', openedAt: at(index * 60) }));
  test('are so with 95 %, and not by chance', () => {
    expect(kinds({ plans: failing(12, 30) })).toEqual(['change-caused-incidents change-failure-rate']);
    expect(kinds({ plans: failing(6, 30) })).toEqual([]);
  });
  test('are at least twenty', () => {
    expect(kinds({ plans: failing(19, 19) })).toEqual([]);
  });
});

test('a readiness gap is late where an incident came of what was waived', () => {
  const waived = plan({ conditions: ['restore-tested'] });
  expect(kinds({ plans: [waived], incidents: [incident({ plan: waived.id })] })).toEqual([
    'late-readiness-gap check/restore-tested',
  ]);
  expect(kinds({ plans: [waived], incidents: [incident()] })).toEqual([]);
});

test('a supplier is below its promise where two incidents waited for it', () => {
  const waiting = many(2, () => incident({ pauses: [{ why: 'vendor', from: at(0) }] }));
  expect(kinds({ supplied: waiting })).toEqual(['supplier-below-sla vendor']);
  expect(kinds({ supplied: waiting.slice(1) })).toEqual([]);
});

describe('an objective', () => {
  const used = (...shares: number[]) =>
    shares.map((share, index) => ({
      objective: 'latency',
      service: 'checkout',
      from: dated(-index),
      until: dated(1 - index),
      used: share,
    }));
  test('is unmet where its budget was used up twice in a row', () => {
    expect(kinds({ objectives: used(1.2, 1) })).toEqual(['objective-unmet objective/latency']);
    expect(kinds({ objectives: used(1.2, 0.9, 1.1) })).toEqual([]);
  });
  test('is unused where hardly any of it was used four times in a row', () => {
    expect(kinds({ objectives: used(0, 0.05, 0.09, 0.01) })).toEqual(['objective-unused objective/latency']);
    expect(kinds({ objectives: used(0, 0.05, 0.01) })).toEqual([]);
    expect(kinds({ objectives: used(0, 0.05, 0.1, 0.01) })).toEqual([]);
  });
});

describe('detection is to be improved', () => {
  test('where most of twenty alerts needed nobody', () => {
    const noise = many(20, () => incident({ restoredBy: 'self-healed' }));
    expect(kinds({ incidents: noise })).toEqual(['detection noise']);
    expect(kinds({ incidents: noise.slice(1) })).toEqual([]);
    const half = many(20, (index) => incident(index < 10 ? { acknowledgedAt: at(1) } : {}));
    expect(kinds({ incidents: half })).toEqual([]);
  });
  test('where people noticed before monitoring did', () => {
    expect(kinds({ incidents: [incident({ detectedBy: 'person', alerts: 0 })] })).toEqual([
      'detection noticed-by-people',
    ]);
  });
});

test('toil is one task by hand, five times a month and an hour together', () => {
  const task = (minutes: number) => plan({ tasks: [{ title: 'Rotate the key', minutes }] });
  expect(kinds({ plans: many(5, () => task(12)) })).toEqual(['toil task/Rotate the key']);
  expect(kinds({ plans: many(5, () => task(11)) })).toEqual([]);
  expect(kinds({ plans: many(4, () => task(60)) })).toEqual([]);
});

test('friction is a trend that rises, not a bad week', () => {
  const weeks = (...counts: number[]) =>
    counts.flatMap((count, week) =>
      many(count, () => incident({ detectedAt: at(days(week * 7 + 1)), acknowledgedAt: at(days(week * 7 + 1)) })),
    );
  const period = { from: at(0), until: at(days(8 * 7)) };
  expect(kinds({ period, incidents: weeks(1, 2, 3, 4, 5, 6, 7, 8) })).toEqual(['friction incident-trend']);
  expect(kinds({ period, incidents: weeks(3, 3, 3, 3, 3, 3, 3, 12) })).toEqual([]);
});

describe('an answer', () => {
  const signal: ImprovementSignal = {
    id: 's1',
    kind: 'toil',
    cluster: 'task/x',
    targetStages: ['build'],
    severity: 'low',
    action: 'Automate',
    why: 'often',
    evidence: [],
    team: 'shop',
    status: 'open',
    raisedAt: dated(0),
    seenAt: dated(0),
    dueAt: dated(days(14)),
    answers: [],
    chased: 0,
  };
  const by = { by: 'ana', at: dated(days(1)) };
  test('of what is accepted gives it another date', () => {
    expect(answered(signal, { answer: 'accepted', reason: 'yes' }, by).dueAt).toBe(dated(days(91)));
    expect(answered(signal, { answer: 'accepted', reason: 'yes', doneBy: '2026-11-20' }, by).dueAt).toBe(
      '2026-11-20T23:59:59.999Z',
    );
    expect(() => answered(signal, { answer: 'accepted', reason: 'yes', doneBy: '2026-10-01' }, by)).toThrow(
      'a date to come',
    );
    expect(() => answered(signal, { answer: 'rejected', reason: 'no', doneBy: '2026-12-01' }, by)).toThrow(
      'only what is accepted',
    );
    expect(() => answered(signal, { answer: 'rejected', reason: 'no', effect: 'none' }, by)).toThrow(
      'only what is done',
    );
  });
  test('that is late is asked for again each week, and never once it was rejected', () => {
    const due = Date.parse(signal.dueAt);
    expect(isChased(signal, due - 1)).toBe(false);
    expect(isChased(signal, due)).toBe(true);
    expect(isChased({ ...signal, chased: 1 }, due + chaseEveryMs - 1)).toBe(false);
    expect(isChased({ ...signal, chased: 1 }, due + chaseEveryMs)).toBe(true);
    expect(isChased({ ...signal, status: 'rejected' }, due)).toBe(false);
  });
});

test.each([
  ['two lines', 'Restart the pool\nand look', 'Automate: Restart the pool and look'],
  ['a tab', 'Restart\tthe pool', 'Automate: Restart the pool'],
  ['a character where it is cut', `${'x'.repeat(289)}💩 and more`, `Automate: ${'x'.repeat(289)}`],
])('toil of a task whose title has %s is said in one line', (_, title, action) => {
  const [signal] = find({ plans: many(6, () => plan({ tasks: [{ title, minutes: 30 }] })) });
  expect(Condition.parse(signal)).toMatchObject({ kind: 'toil', action });
});

test('a readiness gap of a check with a long title is said in one line', () => {
  const gap = plan({ conditions: [`${'x'.repeat(293)}💩`] });
  const [signal] = find({ plans: [gap], incidents: [incident({ plan: gap.id })] });
  expect(Condition.parse(signal)).toMatchObject({ kind: 'late-readiness-gap', cluster: `check/${'x'.repeat(293)}` });
});
