import { describe, expect, test } from 'vitest';
import { callOrder, nextSlot, onCallAt } from '../../domain/calendar.ts';
import { MaintenanceWindowSpec } from '../../domain/maintenance-window.ts';
import { ScheduleSpec } from '../../domain/schedule.ts';
import type { z } from 'zod';

const hour = 3_600_000;
const at = (instant: string): number => Date.parse(instant);
const shown = (instant: number | undefined): string | undefined =>
  instant === undefined ? undefined : new Date(instant).toISOString().replace(':00.000Z', 'Z');

const rota = (more: Partial<z.input<typeof ScheduleSpec>> = {}): ScheduleSpec =>
  ScheduleSpec.parse({
    zone: 'Europe/Berlin',
    layers: [{ start: '2026-03-23T09:00', turn: { every: 1, unit: 'weeks' }, people: ['ana', 'ben'] }],
    ...more,
  });

describe('a weekly handoff on Monday at nine in Berlin', () => {
  test('makes the week in which the clocks go forward 167 hours long', () => {
    const schedule = rota();

    expect(onCallAt(schedule, at('2026-03-23T08:00Z'))).toBe('ana');
    expect(onCallAt(schedule, at('2026-03-30T06:59Z'))).toBe('ana');
    expect(onCallAt(schedule, at('2026-03-30T07:00Z'))).toBe('ben');
    expect((at('2026-03-30T07:00Z') - at('2026-03-23T08:00Z')) / hour).toBe(167);
  });

  test('makes the week in which they go back 169 hours long', () => {
    const schedule = rota({
      layers: [{ start: '2026-10-19T09:00', turn: { every: 1, unit: 'weeks' }, people: ['ana', 'ben'] }],
    });

    expect(onCallAt(schedule, at('2026-10-19T07:00Z'))).toBe('ana');
    expect(onCallAt(schedule, at('2026-10-26T07:59Z'))).toBe('ana');
    expect(onCallAt(schedule, at('2026-10-26T08:00Z'))).toBe('ben');
  });

  test('goes round', () => {
    expect(onCallAt(rota(), at('2026-04-06T12:00Z'))).toBe('ana');
    expect(onCallAt(rota(), at('2026-04-13T12:00Z'))).toBe('ben');
  });
});

test('turns of hours are elapsed time, turns of days are local days', () => {
  const hours = rota({
    layers: [{ start: '2026-03-29T00:00', turn: { every: 4, unit: 'hours' }, people: ['ana', 'ben'] }],
  });
  const days = rota({
    layers: [{ start: '2026-03-28T12:00', turn: { every: 1, unit: 'days' }, people: ['ana', 'ben'] }],
  });

  expect(onCallAt(hours, at('2026-03-29T02:59Z'))).toBe('ana');
  expect(onCallAt(hours, at('2026-03-29T03:00Z'))).toBe('ben');
  expect(onCallAt(days, at('2026-03-29T09:59Z'))).toBe('ana');
  expect(onCallAt(days, at('2026-03-29T10:00Z'))).toBe('ben');
});

describe('who is on call', () => {
  const two = rota({
    layers: [
      { start: '2026-03-23T09:00', turn: { every: 1, unit: 'weeks' }, people: ['ana'] },
      { start: '2026-04-01T00:00', turn: { every: 1, unit: 'days' }, people: ['cid'] },
    ],
    overrides: [
      { from: '2026-04-02T10:00:00Z', until: '2026-04-02T12:00:00Z', person: 'eva' },
      { from: '2026-04-02T11:00:00Z', until: '2026-04-02T11:30:00Z', person: 'dan' },
    ],
  });

  test.each([
    ['nobody before the first handoff', '2026-03-23T07:59Z', undefined],
    ['the only layer that has begun', '2026-03-31T12:00Z', 'ana'],
    ['the last layer once it has begun', '2026-04-01T12:00Z', 'cid'],
    ['an override over any layer', '2026-04-02T10:00Z', 'eva'],
    ['the later of two overrides', '2026-04-02T11:00Z', 'dan'],
    ['the layer again when the override ends', '2026-04-02T12:00Z', 'cid'],
  ])('is %s', (_, instant, expected) => {
    expect(onCallAt(two, at(instant))).toBe(expected);
  });

  test('is asked first, then the others of the schedule, each once', () => {
    expect(callOrder(two, at('2026-03-31T12:00Z'))).toEqual(['ana', 'cid']);
    expect(callOrder(rota(), at('2026-03-31T12:00Z'))).toEqual(['ben', 'ana']);
  });
});

const window = (more: Partial<z.input<typeof MaintenanceWindowSpec>>): MaintenanceWindowSpec =>
  MaintenanceWindowSpec.parse({ zone: 'Europe/Berlin', opens: '0 22 * * *', lasts: '4h', ...more });
const slot = (more: Partial<z.input<typeof MaintenanceWindowSpec>>, from: string, needHours = 1): string | undefined =>
  shown(nextSlot(window(more), at(from), needHours * hour));

describe('a window in Berlin, when the clocks change', () => {
  test('opens later by the gap when its time does not exist', () => {
    expect(slot({ opens: '30 2 * * *', lasts: '1h' }, '2026-03-28T12:00Z')).toBe('2026-03-29T01:30Z');
  });

  test('opens at the first of two equal times, and once only', () => {
    const twice = { opens: '30 2 * * *', lasts: '30m' };

    expect(slot(twice, '2026-10-24T12:00Z', 0.5)).toBe('2026-10-25T00:30Z');
    expect(slot(twice, '2026-10-24T12:00Z', 0.6)).toBeUndefined();
    expect(slot(twice, '2026-10-25T01:00Z', 0.5)).toBe('2026-10-26T01:30Z');
  });

  test('lasts the time that passes, not the time on the wall', () => {
    const night = { opens: '0 23 * * *', lasts: '4h' };

    expect(slot(night, '2026-03-28T12:00Z', 4)).toBe('2026-03-28T22:00Z');
    expect(slot(night, '2026-03-28T12:00Z', 4.1)).toBeUndefined();
    expect(slot(night, '2026-10-24T12:00Z', 4)).toBe('2026-10-24T21:00Z');
    expect(slot(night, '2026-10-24T12:00Z', 4.1)).toBeUndefined();
  });
});

describe('the next slot', () => {
  const summer = '2026-07-01T12:00Z';

  test('is the next opening', () => {
    expect(slot({}, summer, 4)).toBe('2026-07-01T20:00Z');
  });

  test('is now while the window is open and all of the work still fits', () => {
    expect(slot({}, '2026-07-01T22:30Z', 1.5)).toBe('2026-07-01T22:30Z');
  });

  test('is the next day when work with its undoing no longer fits', () => {
    expect(slot({}, '2026-07-01T22:30Z', 1.6)).toBe('2026-07-02T20:00Z');
  });

  test('does not exist when the window is shorter than the work', () => {
    expect(slot({}, summer, 5)).toBeUndefined();
  });

  test('does not exist beyond the horizon', () => {
    const yearly = window({ opens: '0 22 1 1 *' });

    expect(nextSlot(yearly, at(summer), hour)).toBeUndefined();
    expect(shown(nextSlot(yearly, at(summer), hour, 365 * 24 * hour))).toBe('2027-01-01T21:00Z');
  });

  test('lies behind a freeze that covers the opening', () => {
    const freezes = [{ from: '2026-07-01T19:00:00Z', until: '2026-07-01T21:00:00Z', reason: 'sale' }];

    expect(slot({ freezes }, summer)).toBe('2026-07-01T21:00Z');
    expect(slot({ freezes }, summer, 3.5)).toBe('2026-07-02T20:00Z');
  });

  test('ends where a freeze begins, and may touch it', () => {
    const freezes = [{ from: '2026-07-01T21:00:00Z', until: '2026-07-03T12:00:00Z', reason: 'sale' }];

    expect(slot({ freezes }, summer)).toBe('2026-07-01T20:00Z');
    expect(slot({ freezes }, summer, 1.1)).toBe('2026-07-03T20:00Z');
  });

  test('lies between two freezes only when it fits between them', () => {
    const freezes = [
      { from: '2026-07-01T22:00:00Z', until: '2026-07-01T23:00:00Z', reason: 'second' },
      { from: '2026-07-01T19:00:00Z', until: '2026-07-01T21:00:00Z', reason: 'first' },
    ];

    expect(slot({ freezes }, summer)).toBe('2026-07-01T21:00Z');
    expect(slot({ freezes }, summer, 1.1)).toBe('2026-07-02T20:00Z');
  });
});

describe('windows that touch are one window', () => {
  const always = { opens: '0 * * * *', lasts: '1h' };

  test('so that a window each hour is always open', () => {
    expect(slot(always, '2026-07-01T12:20Z', 5)).toBe('2026-07-01T12:20Z');
  });

  test('also when they begin long from now', () => {
    const evening = { opens: '0 22,23 * * *', lasts: '1h' };

    expect(slot(evening, '2026-07-01T08:00Z', 2)).toBe('2026-07-01T20:00Z');
    expect(slot(evening, '2026-07-01T08:00Z', 2.1)).toBeUndefined();
  });

  test('also behind a long freeze', () => {
    const freezes = [{ from: '2026-07-01T12:00:00Z', until: '2026-07-11T12:30:00Z', reason: 'sale' }];

    expect(slot({ ...always, freezes }, '2026-07-01T12:20Z', 2)).toBe('2026-07-11T12:30Z');
  });

  test('also when they overlap', () => {
    expect(slot({ opens: '0 22,23 * * *', lasts: '90m' }, '2026-07-01T08:00Z', 2.5)).toBe('2026-07-01T20:00Z');
    expect(slot({ opens: '0 22,23 * * *', lasts: '90m' }, '2026-07-01T08:00Z', 2.6)).toBeUndefined();
  });

  test('but not when a minute lies between them', () => {
    expect(slot({ opens: '0 22,23 * * *', lasts: '59m' }, '2026-07-01T08:00Z', 1)).toBeUndefined();
  });
});
