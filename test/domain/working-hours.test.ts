import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TeamSpec } from '../../domain/team.ts';
import {
  addWorking,
  isWorking,
  nextWorking,
  slaClock,
  type SlaTimes,
  type WorkingHours,
  workingHoursOf,
} from '../../domain/working-hours.ts';

const hour = 3_600_000;
const at = (instant: string): number => Date.parse(instant);
const shown = (instant: number): string => new Date(instant).toISOString().replace(':00.000Z', 'Z');
const hoursOf = (workingHours?: object, zone?: string): WorkingHours =>
  workingHoursOf(
    TeamSpec.parse({ members: [{ person: 'ana', role: 'viewer' }], workingHours }),
    zone === undefined ? undefined : { zone },
  );
const usual = hoursOf();

describe('the working hours of a team', () => {
  test('are nine to five from Monday to Friday, where its schedule is, else in UTC', () => {
    const week = ['mon', 'tue', 'wed', 'thu', 'fri'];

    expect(usual).toEqual({ zone: 'UTC', days: week, from: '09:00', until: '17:00', holidays: [] });
    expect(hoursOf(undefined, 'Europe/Lisbon').zone).toBe('Europe/Lisbon');
    expect(hoursOf({ from: '10:00' }, 'Europe/Lisbon')).toMatchObject({ zone: 'Europe/Lisbon', from: '10:00' });
    expect(hoursOf({ zone: 'Asia/Tokyo' }, 'Europe/Lisbon')).toMatchObject({ zone: 'Asia/Tokyo', days: week });
  });

  test.each([
    ['on Monday at nine', '2026-03-02T09:00Z', true],
    ['on Monday before five', '2026-03-02T16:59Z', true],
    ['on Monday at five', '2026-03-02T17:00Z', false],
    ['on Saturday', '2026-03-07T12:00Z', false],
  ])('%s: %s %s', (_, instant, expected) => {
    expect(isWorking(usual, at(instant))).toBe(expected);
  });

  test('leave out holidays, and may go over midnight', () => {
    const closed = hoursOf({ holidays: ['2026-03-02'] });
    const nightly = hoursOf({ days: ['fri'], from: '22:00', until: '06:00' });

    expect(isWorking(closed, at('2026-03-02T12:00Z'))).toBe(false);
    expect(isWorking(nightly, at('2026-03-07T05:59Z'))).toBe(true);
    expect(isWorking(nightly, at('2026-03-07T22:00Z'))).toBe(false);
  });

  test.each([
    ['is now in the hours', '2026-03-02T12:00Z', '2026-03-02T12:00Z'],
    ['is today before them', '2026-03-02T03:00Z', '2026-03-02T09:00Z'],
    ['is tomorrow when they end', '2026-03-02T17:00Z', '2026-03-03T09:00Z'],
    ['is Monday after Friday', '2026-03-06T17:00Z', '2026-03-09T09:00Z'],
  ])('the next working time %s', (_, instant, expected) => {
    expect(shown(nextWorking(usual, at(instant)))).toBe(expected);
  });

  test('count the time that passes, also in a night in which the clocks go forward', () => {
    const nightly = hoursOf({ zone: 'Europe/Berlin', days: ['sat'], from: '22:00', until: '06:00' });

    expect(shown(addWorking(nightly, at('2026-03-28T12:00Z'), 7 * hour))).toBe('2026-03-29T04:00Z');
    expect(shown(addWorking(nightly, at('2026-03-28T12:00Z'), 7.5 * hour))).toBe('2026-04-04T20:30Z');
  });

  test('add up: one time after another is the sum of both', () => {
    const minutes = fc.integer({ min: 0, max: 5_000 }).map((count) => count * 60_000);
    const starts = fc.integer({ min: at('2026-03-20T00:00Z'), max: at('2026-04-05T00:00Z') });
    const berlin = hoursOf({ zone: 'Europe/Berlin', holidays: ['2026-03-30'] });

    fc.assert(
      fc.property(starts, minutes, minutes, (start, first, second) => {
        const end = addWorking(berlin, start, first + second);
        expect(addWorking(berlin, addWorking(berlin, start, first), second)).toBe(end);
        expect(isWorking(berlin, end) || isWorking(berlin, end - 1)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the clock of a goal', () => {
  const worked: SlaTimes = {
    start: at('2026-03-02T16:00Z'),
    target: 8 * hour,
    pauses: [{ from: at('2026-03-03T10:00Z'), until: at('2026-03-03T14:00Z') }],
    hours: usual,
  };

  test('of eight hours from Monday at four, on hold on Tuesday from ten to two, is due on Wednesday at noon', () => {
    const { atRiskAt, dueAt } = slaClock(worked, worked.start);

    expect([shown(atRiskAt), shown(dueAt)]).toEqual(['2026-03-04T10:00Z', '2026-03-04T12:00Z']);
  });

  test.each([
    ['2026-03-02T16:00Z', 'running'],
    ['2026-03-03T09:59Z', 'running'],
    ['2026-03-03T10:00Z', 'paused'],
    ['2026-03-03T13:59Z', 'paused'],
    ['2026-03-03T14:00Z', 'running'],
    ['2026-03-04T10:00Z', 'at-risk'],
    ['2026-03-04T11:59Z', 'at-risk'],
    ['2026-03-04T12:00Z', 'breached'],
  ])('at %s it is %s', (now, state) => {
    expect(slaClock(worked, at(now)).state).toBe(state);
  });

  test.each([
    ['2026-03-04T12:00Z', 'met'],
    ['2026-03-04T12:01Z', 'breached'],
  ])('of a goal that was reached at %s it is %s for good', (instant, state) => {
    expect(slaClock({ ...worked, metAt: at(instant) }, at('2026-03-09T12:00Z')).state).toBe(state);
  });

  test('stands while a pause lasts: it is due as if the pause ended now', () => {
    const open = { ...worked, pauses: [{ from: at('2026-03-03T10:00Z') }] };

    expect(slaClock(open, at('2026-03-03T14:00Z'))).toEqual({
      atRiskAt: at('2026-03-04T10:00Z'),
      dueAt: at('2026-03-04T12:00Z'),
      state: 'paused',
    });
    expect(shown(slaClock(open, at('2026-03-10T12:00Z')).dueAt)).toBe('2026-03-11T10:00Z');
    expect(slaClock(open, at('2026-03-03T09:00Z')).state).toBe('running');
  });

  test('that was breached before a pause stays so', () => {
    const late = { ...worked, target: 9 * hour, pauses: [{ from: at('2026-03-03T16:00Z') }] };

    expect(slaClock(late, at('2026-03-04T12:00Z')).state).toBe('paused');
    expect(slaClock({ ...late, target: 2 * hour }, at('2026-03-04T12:00Z')).state).toBe('breached');
  });
});
