import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findCycle, type Node, readyToStart, scheduleOf } from '../../domain/operation-plan/graph.rules.ts';

const hour = 3_600_000;
const node = (name: string, hours: number, ...after: string[]): Node => ({ name, after, durationMs: hours * hour });

const onboarding = [
  node('a', 2),
  node('b', 1),
  node('c', 1, 'a'),
  node('d', 2, 'c'),
  node('e', 4, 'b'),
  node('f', 4, 'a'),
  node('g', 2, 'd'),
  node('h', 1, 'd', 'g'),
  node('i', 0, 'e', 'f', 'h'),
];

describe('the schedule of an onboarding', () => {
  const schedule = scheduleOf(onboarding);

  test('has the longest way through as its critical path', () => {
    expect(schedule.criticalPath).toEqual(['a', 'c', 'd', 'g', 'h', 'i']);
    expect(schedule.lengthMs).toBe(8 * hour);
  });

  test('says how long each activity may slip', () => {
    expect(schedule.slackMs).toEqual({
      a: 0,
      b: 3 * hour,
      c: 0,
      d: 0,
      e: 3 * hour,
      f: 2 * hour,
      g: 0,
      h: 0,
      i: 0,
    });
  });

  test('puts each activity behind what it waits for, ties by name', () => {
    expect(schedule.order).toEqual(['a', 'b', 'c', 'e', 'f', 'd', 'g', 'h', 'i']);
  });

  test('does not depend on the order in which it was written', () => {
    expect(scheduleOf(onboarding.toReversed())).toEqual(schedule);
  });
});

test('a plan without activities has length nothing', () => {
  expect(scheduleOf([])).toEqual({ order: [], criticalPath: [], lengthMs: 0, slackMs: {} });
});

test('a schedule of a cycle is refused instead of running for ever', () => {
  expect(() => scheduleOf([node('a', 1, 'b'), node('b', 1, 'a')])).toThrow('cycle');
});

describe('a cycle', () => {
  test('is named by its members and by nothing that only leads to it', () => {
    const cycle = findCycle([
      node('start', 1, 'a'),
      node('a', 1, 'b'),
      node('b', 1, 'c'),
      node('c', 1, 'a'),
      node('d', 1),
    ]);

    expect(cycle?.toSorted()).toEqual(['a', 'b', 'c']);
  });

  test('may be one activity that waits for itself', () => {
    expect(findCycle([node('a', 1, 'a')])).toEqual(['a']);
  });

  test('is not two ways to the same place', () => {
    expect(findCycle(onboarding)).toBeUndefined();
  });
});

const acyclic = fc
  .array(fc.record({ hours: fc.nat(9), after: fc.array(fc.nat(20), { maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 15,
  })
  .map((drawn) =>
    drawn.map(({ hours, after }, index) =>
      node(`n${index}`, hours, ...new Set(after.filter((before) => before < index).map((before) => `n${before}`))),
    ),
  );

test('no slack is negative, and the critical activities last as long as the plan', () => {
  fc.assert(
    fc.property(acyclic, (nodes) => {
      const { slackMs, criticalPath, lengthMs, order } = scheduleOf(nodes);

      expect(Object.values(slackMs).every((slack) => slack >= 0)).toBe(true);
      expect(criticalPath.length).toBeGreaterThan(0);
      const critical = nodes.filter(({ name }) => criticalPath.includes(name));
      expect(critical.reduce((sum, { durationMs }) => sum + durationMs, 0)).toBeGreaterThanOrEqual(lengthMs);
      expect(nodes.every(({ name, after }) => after.every((b) => order.indexOf(b) < order.indexOf(name)))).toBe(true);
      expect(findCycle(nodes)).toBeUndefined();
    }),
  );
});

describe('an activity is ready to start', () => {
  const named = (statuses: Record<string, string>): string[] =>
    readyToStart([
      { name: 'a', after: [], status: statuses['a'] ?? 'planned' },
      { name: 'b', after: ['a'], status: statuses['b'] ?? 'planned' },
      { name: 'c', after: ['a', 'b'], status: statuses['c'] ?? 'planned' },
    ]).map(({ name }) => name);

  test.each([
    ['when it waits for nothing', {}, ['a']],
    ['when what it waits for is done', { a: 'done' }, ['b']],
    ['when what it waits for was skipped', { a: 'skipped' }, ['b']],
    ['when all of it is over', { a: 'done', b: 'skipped' }, ['c']],
    ['not while what it waits for runs', { a: 'running' }, []],
    ['not when what it waits for has failed', { a: 'failed' }, []],
    ['not when what it waits for was undone', { a: 'undone' }, []],
    ['not twice', { a: 'done', b: 'running' }, []],
  ])('%s', (_, statuses, expected) => {
    expect(named(statuses)).toEqual(expected);
  });

  test('not when it waits for what does not exist', () => {
    expect(readyToStart([{ name: 'a', after: ['ghost'], status: 'planned' }])).toEqual([]);
  });
});
