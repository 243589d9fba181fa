import { describe, expect, test } from 'vitest';
import { nextSlot } from '../../domain/calendar.ts';
import { callOrder, onCallAt } from '../../domain/on-call.ts';
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

describe('turns of hours and days stand on the wall', () => {
  const firsts = (schedule: ScheduleSpec, from: string, until: string): string[] => {
    const found: string[] = [];
    let before: string | undefined;
    for (let instant = at(from); instant < at(until); instant += hour / 4) {
      const person = onCallAt(schedule, instant);
      if (person !== before) found.push(`${shown(instant)} ${person}`);
      before = person;
    }
    return found;
  };
  const turnsOf = (start: string, every: number, unit: 'hours' | 'days', zone = 'Europe/Berlin'): ScheduleSpec =>
    rota({ zone, layers: [{ start, turn: { every, unit }, people: ['ana', 'ben', 'cid'] }] });

  test('shifts from eight to eight stay so when the clocks change', () => {
    expect(firsts(turnsOf('2026-03-28T08:00', 12, 'hours'), '2026-03-28T12:00Z', '2026-03-30T12:00Z')).toEqual([
      '2026-03-28T12:00Z ana',
      '2026-03-28T19:00Z ben',
      '2026-03-29T06:00Z cid',
      '2026-03-29T18:00Z ana',
      '2026-03-30T06:00Z ben',
    ]);
  });

  test('an hour that comes twice is one turn, one that does not come is none', () => {
    expect(firsts(turnsOf('2026-10-25T00:00', 1, 'hours'), '2026-10-24T23:00Z', '2026-10-25T03:00Z')).toEqual([
      '2026-10-24T23:00Z ben',
      '2026-10-25T00:00Z cid',
      '2026-10-25T02:00Z ana',
    ]);
    expect(firsts(turnsOf('2026-03-29T00:00', 1, 'hours'), '2026-03-29T00:00Z', '2026-03-29T03:00Z')).toEqual([
      '2026-03-29T00:00Z ben',
      '2026-03-29T01:00Z ana',
      '2026-03-29T02:00Z ben',
    ]);
  });

  test('a handoff at a time that comes twice happens at the first of them only', () => {
    const daily = turnsOf('2026-10-30T01:30', 1, 'days', 'America/New_York');

    expect(firsts(daily, '2026-10-31T06:00Z', '2026-11-02T07:00Z')).toEqual([
      '2026-10-31T06:00Z ben',
      '2026-11-01T05:30Z cid',
      '2026-11-02T06:30Z ana',
    ]);
  });

  test('a first handoff at a time that does not exist moves itself, and no other', () => {
    expect(firsts(turnsOf('2026-03-29T02:30', 1, 'days'), '2026-03-29T00:00Z', '2026-03-31T12:00Z')).toEqual([
      '2026-03-29T01:30Z ana',
      '2026-03-30T00:30Z ben',
      '2026-03-31T00:30Z cid',
    ]);
  });

  test('whoever would have had the day that Samoa left out is passed', () => {
    const daily = turnsOf('2011-12-28T09:00', 1, 'days', 'Pacific/Apia');

    expect(firsts(daily, '2011-12-29T20:00Z', '2012-01-01T20:00Z')).toEqual([
      '2011-12-29T20:00Z ben',
      '2011-12-30T19:00Z ana',
      '2011-12-31T19:00Z ben',
      '2012-01-01T19:00Z cid',
    ]);
  });
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

  test('opens as often as its pattern says when several of its times do not exist', () => {
    const often = { opens: '0,20,40 2 * * *', lasts: '5m' };
    const short = 5 / 60;

    expect(slot(often, '2026-03-29T00:00Z', short)).toBe('2026-03-29T01:00Z');
    expect(slot(often, '2026-03-29T01:06Z', short)).toBe('2026-03-29T01:20Z');
    expect(slot(often, '2026-03-29T01:26Z', short)).toBe('2026-03-29T01:40Z');
    expect(slot(often, '2026-03-29T01:46Z', short)).toBe('2026-03-30T00:00Z');
  });

  test('keeps the order of openings when one that does not exist comes behind one that does', () => {
    const mixed = { opens: '30 2 * * *', lasts: '5m' };

    expect(slot({ ...mixed, opens: '10,30 2,3 * * *' }, '2026-03-29T01:11Z', 5 / 60)).toBe('2026-03-29T01:30Z');
    expect(slot(mixed, '2026-03-29T01:31Z', 4 / 60)).toBe('2026-03-29T01:31Z');
  });

  test('opens on each pass when the pattern names no hour, so that what is always open stays so', () => {
    const always = { opens: '0 * * * *', lasts: '1h' };

    expect(slot(always, '2026-10-24T22:10Z', 8)).toBe('2026-10-24T22:10Z');
    expect(slot(always, '2026-03-28T22:10Z', 8)).toBe('2026-03-28T22:10Z');
  });

  test('opens on the day behind one that Samoa left out', () => {
    expect(slot({ zone: 'Pacific/Apia', opens: '0 9 30 12 *', lasts: '1h' }, '2011-12-30T12:00Z')).toBe(
      '2011-12-30T19:00Z',
    );
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
