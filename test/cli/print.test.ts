import { describe, expect, test } from 'vitest';
import { facts, plain, plainLines, span, status, table, when } from '../../cli/print.ts';

const now = Date.parse('2026-11-24T16:00:00Z');

describe('a table', () => {
  test('stands in columns, without spaces at the end', () => {
    const text = table(
      ['id', 'status'],
      [
        ['a', 'running'],
        ['longer', 'done'],
      ],
    );

    expect(text).toBe('ID      STATUS\na       running\nlonger  done');
  });

  test('stands in columns whatever it is written in', () => {
    const text = table(
      ['team', 'status'],
      [
        ['店', 'done'],
        ['e\u0301quipe', 'done'],
        ['👩‍🚒', 'done'],
      ],
    );

    expect(text).toBe('TEAM    STATUS\n店      done\ne\u0301quipe  done\n👩‍🚒      done');
  });

  test('leaves out a column that is empty in all rows', () => {
    expect(table(['id', 'note', 'status'], [['a', '', 'done']])).toBe('ID  STATUS\na   done');
  });

  test('says so when there are no rows', () => {
    expect(table(['id'], [], 'no plans')).toBe('no plans');
  });
});

test.each([
  [0, '0s'],
  [999, '0s'],
  [59_000, '59s'],
  [61_000, '1m 1s'],
  [3_600_000, '1h'],
  [15_000_000, '4h 10m'],
  [200_000_000, '2d 7h'],
])('%d milliseconds are %s', (ms, text) => expect(span(ms)).toBe(text));

test('a moment is shown as the clock and as the distance', () => {
  expect(when('2026-11-24T15:57:00.000Z', now)).toBe('2026-11-24 15:57:00Z (3m ago)');
  expect(when('2026-11-24T18:00:00.000Z', now)).toBe('2026-11-24 18:00:00Z (in 2h)');
  expect(when(undefined, now)).toBe('');
});

test('facts that are not known are left out', () => {
  const text = facts([
    ['artifact', 'abc'],
    ['link', undefined],
    ['by', 'ana'],
  ]);

  expect(text).toBe('  artifact  abc\n  by        ana');
});

test('text of others cannot move the cursor or begin a line', () => {
  expect(plain('red \u001B[31m\u009B2J\nevenkeel: done')).toBe('red  [31m 2J evenkeel: done');
  expect(plainLines('one\r\n\ttwo\u001B[A')).toBe('one\n\ttwo [A');
});

test('a status has no colour where nobody sees it', () => {
  expect(status('completed')).toBe('completed');
});
