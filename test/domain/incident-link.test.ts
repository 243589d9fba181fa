import { describe, expect, test } from 'vitest';
import type { Alert } from '../../domain/alert.ts';
import { correlationOf, isSplitKey, splitKeyOf } from '../../domain/alert/correlation.ts';
import type { Incident } from '../../domain/incident.ts';
import { link, split, splitAsked, splitInto, unlink } from '../../domain/incident/link.rules.ts';

const incident = { number: 12, status: 'triaged', alerts: { news: 1, total: 3, firing: 3 } } as Incident;
const asked = { command: 'c', at: '2026-11-28T12:00:00.000Z', by: { type: 'person' as const, name: 'ana' } };
const splitting = (...alerts: string[]) => ({ ...asked, type: 'split' as const, alerts, title: 'B', reason: 'x' });

describe('an incident that is split', () => {
  test('waits until the alerts of each command are those of another one', () => {
    const first = split(incident, splitting('a'));
    expect(splitAsked(first)).toBe('c');

    const done = splitInto(first, 'c', 13);
    expect([splitAsked(done), done.splits]).toEqual([undefined, [{ command: 'c', into: 13 }]]);
    expect(splitInto(first, 'c', undefined).splits).toEqual([]);
  });

  test('keeps an alert, and is open', () => {
    expect(() => split(incident, splitting('a', 'b', 'd'))).toThrow('at least one stays');
    expect(split(incident, splitting('a', 'a', 'b')).splits).toHaveLength(1);
    expect(() => split({ ...incident, status: 'resolved' } as Incident, splitting('a'))).toThrow('only what is open');
  });

  test.each([
    [splitKeyOf(12), true],
    ['split/rule/0123', false],
    ['shop//0123', false],
    [null, false],
  ])('has a key of its own: %s %s', (key, is) => {
    expect(isSplitKey(key)).toBe(is);
  });

  test('keeps its alerts apart for as long as it takes them', () => {
    const alert = { team: 'shop', correlationKey: 'split/13', gap: null, state: { starts: [] } } as unknown as Alert;

    expect(correlationOf(alert, [], new Set(['split/13'])).key).toBe('split/13');
    expect(correlationOf(alert, []).key).toMatch(/^shop\/\//);
  });
});

describe('a parent', () => {
  const linking = (parent: number) => ({ ...asked, type: 'link' as const, parent });

  test('is another incident, and can be changed', () => {
    expect(link(link(incident, linking(5)), linking(6)).parent).toBe(6);
    expect(unlink(link(incident, linking(5)))).toEqual(incident);
  });

  test.each([
    ['is not the incident itself', incident, 12, 'not a part of itself'],
    ['is not named twice', { ...incident, parent: 5 }, 5, 'is its parent already'],
    ['is not given to what is over', { ...incident, status: 'cancelled' as const }, 5, 'it is over'],
  ])('%s', (_, from, parent, message) => {
    expect(() => link(from as Incident, linking(parent))).toThrow(message);
  });
});
