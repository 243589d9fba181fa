import { expect, test } from 'vitest';
import { levelOf, levelsUpTo } from '../../domain/service.rules.ts';

test.each([
  [undefined, 'C'],
  [95, 'C'],
  [98.99, 'C'],
  [99, 'B'],
  [99.9, 'B'],
  [99.91, 'A'],
  [99.99, 'A'],
] as const)('an objective of %s is level %s', (target, level) => {
  expect(levelOf(target === undefined ? {} : { slo: { target } })).toBe(level);
});

test('a level asks for all that the levels below ask for', () => {
  expect(levelsUpTo('A')).toEqual(['A', 'B', 'C']);
  expect(levelsUpTo('B')).toEqual(['B', 'C']);
  expect(levelsUpTo('C')).toEqual(['C']);
});
