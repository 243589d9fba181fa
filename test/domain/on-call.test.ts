import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { callOrder, dutiesOf, gapsOf, onCallAt, peopleOf, shiftsOf } from '../../domain/on-call.ts';
import { ScheduleSpec } from '../../domain/schedule.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const at = (instant: string): number => Date.parse(instant);
const shown = (instant: number): string => new Date(instant).toISOString().replace(':00.000Z', 'Z');

type Written = z.input<typeof ScheduleSpec>;
const weekly = (people: string[], more: Partial<Written['layers'][number]> = {}): Written['layers'][number] => ({
  start: '2026-03-23T09:00',
  turn: { every: 1, unit: 'weeks' },
  people,
  ...more,
});
const rota = (more: Partial<Written> = {}): ScheduleSpec =>
  ScheduleSpec.parse({ zone: 'Europe/Berlin', layers: [weekly(['ana', 'ben'])], ...more });

const shifts = (schedule: ScheduleSpec, from: string, until: string): string[] =>
  shiftsOf(schedule, at(from), at(until)).map(
    (shift) => `${shown(shift.from)} ${shown(shift.until)} ${shift.person} ${shift.layer}`,
  );
const gaps = (schedule: ScheduleSpec, from: string, until: string): string[] =>
  gapsOf(schedule, at(from), at(until)).map((gap) => `${shown(gap.from)} ${shown(gap.until)}`);

describe('shifts', () => {
  test('of the week in which the clocks go forward last 167 hours', () => {
    const [ana, ...others] = shiftsOf(rota(), at('2026-03-23T08:00Z'), at('2026-04-06T07:00Z'));

    expect(ana).toEqual({ person: 'ana', from: at('2026-03-23T08:00Z'), until: at('2026-03-30T07:00Z'), layer: 1 });
    expect((ana!.until - ana!.from) / hour).toBe(167);
    expect(others).toEqual([
      { person: 'ben', from: at('2026-03-30T07:00Z'), until: at('2026-04-06T07:00Z'), layer: 1 },
    ]);
  });

  test('are clipped to the time that is asked about', () => {
    expect(shifts(rota(), '2026-03-25T00:00Z', '2026-03-26T00:00Z')).toEqual([
      '2026-03-25T00:00Z 2026-03-26T00:00Z ana 1',
    ]);
    expect(shifts(rota(), '2026-03-25T00:00Z', '2026-03-25T00:00Z')).toEqual([]);
  });

  test('are split by an override, and joined where nobody else comes between', () => {
    const schedule = rota({
      layers: [weekly(['ana'])],
      overrides: [{ from: '2026-03-31T10:00:00Z', until: '2026-03-31T12:00:00Z', person: 'cid' }],
    });

    expect(shifts(schedule, '2026-03-23T00:00Z', '2026-04-20T00:00Z')).toEqual([
      '2026-03-23T08:00Z 2026-03-31T10:00Z ana 1',
      '2026-03-31T10:00Z 2026-03-31T12:00Z cid override',
      '2026-03-31T12:00Z 2026-04-20T00:00Z ana 1',
    ]);
  });

  test('have one duty for each turn, with its number', () => {
    expect(
      dutiesOf(rota({ layers: [weekly(['ana'])] }), at('2026-03-30T00:00Z'), at('2026-04-07T00:00Z')).map(
        (duty) => duty.layer !== 'override' && [duty.version, duty.layer, duty.turn, shown(duty.from)],
      ),
    ).toEqual([
      [1, 1, 0, '2026-03-30T00:00Z'],
      [1, 1, 1, '2026-03-30T07:00Z'],
      [1, 1, 2, '2026-04-06T07:00Z'],
    ]);
  });
});

describe('a layer', () => {
  test('that has ended leaves the duty to the one below', () => {
    const schedule = rota({ layers: [weekly(['ana']), weekly(['cid'], { end: '2026-03-25T12:00' })] });

    expect(shifts(schedule, '2026-03-23T00:00Z', '2026-03-26T00:00Z')).toEqual([
      '2026-03-23T08:00Z 2026-03-25T11:00Z cid 2',
      '2026-03-25T11:00Z 2026-03-26T00:00Z ana 1',
    ]);
  });

  test('with restrictions counts in its hours only, and its turns go on beside them', () => {
    const working = { days: ['mon', 'tue', 'wed', 'thu', 'fri'] as const, from: '09:00', until: '17:00' };
    const schedule = rota({
      layers: [
        weekly(['ana']),
        weekly(['cid', 'dan'], {
          start: '2026-03-26T00:00',
          turn: { every: 1, unit: 'days' },
          restrictions: [{ ...working, days: [...working.days] }],
        }),
      ],
    });

    // The clocks go forward on Sunday, 29 March.
    expect(shifts(schedule, '2026-03-26T00:00Z', '2026-03-31T00:00Z')).toEqual([
      '2026-03-26T00:00Z 2026-03-26T08:00Z ana 1',
      '2026-03-26T08:00Z 2026-03-26T16:00Z cid 2',
      '2026-03-26T16:00Z 2026-03-27T08:00Z ana 1',
      '2026-03-27T08:00Z 2026-03-27T16:00Z dan 2',
      '2026-03-27T16:00Z 2026-03-30T07:00Z ana 1',
      '2026-03-30T07:00Z 2026-03-30T15:00Z cid 2',
      '2026-03-30T15:00Z 2026-03-31T00:00Z ana 1',
    ]);
  });

  test('may be restricted to hours over midnight, which belong to the day on which they begin', () => {
    const schedule = rota({
      layers: [weekly(['ana'], { restrictions: [{ days: ['fri'], from: '22:00', until: '06:00' }] })],
    });

    expect(shifts(schedule, '2026-03-23T00:00Z', '2026-04-05T00:00Z')).toEqual([
      '2026-03-27T21:00Z 2026-03-28T05:00Z ana 1',
      '2026-04-03T20:00Z 2026-04-04T04:00Z ana 1',
    ]);
    expect(onCallAt(schedule, at('2026-03-28T04:59Z'))).toBe('ana');
    expect(onCallAt(schedule, at('2026-03-28T05:00Z'))).toBeUndefined();
  });

  test('may be restricted to holidays, which are no weekdays', () => {
    const allDay = { from: '00:00', until: '00:00' };
    const schedule = rota({
      holidays: ['2026-04-03', '2026-04-06'],
      layers: [
        weekly(['ana'], { restrictions: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], ...allDay }] }),
        weekly(['eva'], { restrictions: [{ days: ['holiday'], ...allDay }] }),
      ],
    });

    expect(shifts(schedule, '2026-04-01T22:00Z', '2026-04-07T22:00Z')).toEqual([
      '2026-04-01T22:00Z 2026-04-02T22:00Z ana 1',
      '2026-04-02T22:00Z 2026-04-03T22:00Z eva 2',
      '2026-04-05T22:00Z 2026-04-06T22:00Z eva 2',
      '2026-04-06T22:00Z 2026-04-07T22:00Z ana 1',
    ]);
    expect(gaps(schedule, '2026-04-01T22:00Z', '2026-04-07T22:00Z')).toEqual(['2026-04-03T22:00Z 2026-04-05T22:00Z']);
  });

  test('ends after it starts', () => {
    const faults = (more: Partial<Written>): string[] =>
      ScheduleSpec.safeParse({ zone: 'UTC', layers: [weekly(['ana'])], ...more }).error?.issues.map(
        ({ path, message }) => `${path.join('.')}: ${message}`,
      ) ?? [];

    expect(faults({ layers: [weekly(['ana'], { end: '2026-03-23T09:00' })] })).toEqual([
      'layers.0.end: expected a time after start: are the two swapped?',
    ]);
    expect(faults({ layers: [weekly(['ana'], { restrictions: [{ from: '9:00', until: '24:00' }] })] })).toEqual([
      'layers.0.restrictions.0.from: expected a time of day between 00:00 and 23:59, such as 09:00',
      'layers.0.restrictions.0.until: expected a time of day between 00:00 and 23:59, such as 09:00',
    ]);
    expect(faults({ holidays: ['25.12.2026'] })).toEqual(['holidays.0: expected a date such as 2026-12-25']);
  });
});

describe('a change', () => {
  const schedule = rota({
    changes: [
      { from: '2026-04-01T09:00', layers: [weekly(['cid'], { start: '2026-04-01T09:00' })] },
      { from: '2026-04-08T09:00', layers: [weekly(['dan', 'ana'], { start: '2026-04-10T09:00' })] },
    ],
    overrides: [{ from: '2026-04-02T00:00:00Z', until: '2026-04-02T01:00:00Z', person: 'eva' }],
  });

  test('replaces the layers from its time on, and those before stay as they were', () => {
    expect(shifts(schedule, '2026-03-30T00:00Z', '2026-04-12T00:00Z')).toEqual([
      '2026-03-30T00:00Z 2026-03-30T07:00Z ana 1',
      '2026-03-30T07:00Z 2026-04-01T07:00Z ben 1',
      '2026-04-01T07:00Z 2026-04-02T00:00Z cid 1',
      '2026-04-02T00:00Z 2026-04-02T01:00Z eva override',
      '2026-04-02T01:00Z 2026-04-08T07:00Z cid 1',
      '2026-04-10T07:00Z 2026-04-12T00:00Z dan 1',
    ]);
    expect(gaps(schedule, '2026-03-30T00:00Z', '2026-04-12T00:00Z')).toEqual(['2026-04-08T07:00Z 2026-04-10T07:00Z']);
  });

  test('brings its people with it', () => {
    expect(callOrder(schedule, at('2026-03-30T00:00Z'))).toEqual(['ana', 'ben']);
    expect(callOrder(schedule, at('2026-04-11T00:00Z'))).toEqual(['dan', 'ana']);
    expect(peopleOf(schedule)).toEqual(['ana', 'ben', 'cid', 'dan']);
  });

  test('comes after the one before it', () => {
    const wrong = { zone: 'UTC', layers: [weekly(['ana'])], changes: schedule.changes.toReversed() };

    expect(ScheduleSpec.safeParse(wrong).error?.issues.map(({ message }) => message)).toEqual([
      'expected the changes in the order in which they come',
    ]);
  });
});

describe('gaps', () => {
  test('are all the time when nobody has begun, and none when somebody always is', () => {
    expect(gaps(rota(), '2026-03-22T00:00Z', '2026-03-24T00:00Z')).toEqual(['2026-03-22T00:00Z 2026-03-23T08:00Z']);
    expect(gaps(rota(), '2026-03-24T00:00Z', '2026-05-24T00:00Z')).toEqual([]);
    expect(gaps(rota(), '2026-03-01T00:00Z', '2026-03-02T00:00Z')).toEqual(['2026-03-01T00:00Z 2026-03-02T00:00Z']);
  });
});

describe('whatever the clocks do', () => {
  const changes = [
    ['Europe/Berlin', '2026-03-29T01:00Z'],
    ['Europe/Berlin', '2026-10-25T01:00Z'],
    ['America/New_York', '2026-11-01T06:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
    ['America/Havana', '2026-03-08T05:00Z'],
    ['Pacific/Apia', '2011-12-30T10:00Z'],
  ] as const;
  const local = (instant: number): string => new Date(instant).toISOString().slice(0, 16);
  const clock = fc.integer({ min: 0, max: 95 }).map((quarter) => local(quarter * 15 * minute).slice(11));
  const someDays = fc.subarray(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun', 'holiday'] as const, { minLength: 1 });
  const layerAt = (change: number) =>
    fc.record({
      start: fc.integer({ min: -60, max: 20 }).map((hours) => local(change + hours * hour)),
      turn: fc.record({ every: fc.integer({ min: 1, max: 9 }), unit: fc.constantFrom('hours', 'days', 'weeks') }),
      people: fc.uniqueArray(fc.constantFrom('ana', 'ben', 'cid', 'dan'), { minLength: 1 }),
      restrictions: fc.array(fc.record({ days: someDays, from: clock, until: clock }), { maxLength: 2 }),
    });
  const written = fc.constantFrom(...changes).chain(([zone, instant]) => {
    const change = at(instant);
    const layers = fc.array(layerAt(change), { minLength: 1, maxLength: 3 });
    const moment = fc.integer({ min: -300, max: 300 }).map((quarters) => change + quarters * 15 * minute);
    return fc.record({
      change: fc.constant(change),
      zone: fc.constant(zone),
      holidays: fc.constantFrom([], [local(change).slice(0, 10)]),
      layers,
      changes: fc.array(fc.record({ from: moment.map(local), layers }), { maxLength: 1 }),
      overrides: fc.array(
        fc.record({ from: moment, hours: fc.integer({ min: 1, max: 30 }), person: fc.constant('eva') }),
        { maxLength: 2 },
      ),
    });
  });

  test('shifts say who is on call at every instant, and gaps when nobody is', () => {
    fc.assert(
      fc.property(written, ({ change, overrides, ...more }) => {
        const schedule = ScheduleSpec.parse({
          ...more,
          overrides: overrides.map(({ from, hours, person }) => ({
            person,
            from: new Date(from).toISOString(),
            until: new Date(from + hours * hour).toISOString(),
          })),
        });
        const [from, until] = [change - 3 * day, change + 3 * day];
        const all = shiftsOf(schedule, from, until);
        const none = gapsOf(schedule, from, until);
        const wrong: string[] = [];
        for (let instant = from; instant < until; instant += 15 * minute) {
          const covers = (time: { from: number; until: number }): boolean =>
            time.from <= instant && instant < time.until;
          const person = onCallAt(schedule, instant);
          const people = all.filter(covers).map((shift) => shift.person);
          const isAsShown = person === undefined ? people.length === 0 : people.length === 1 && people[0] === person;
          if (!isAsShown || none.some(covers) !== (person === undefined)) wrong.push(shown(instant));
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 20 },
    );
  }, 120_000);
});
