import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { openingsFrom } from '../../domain/calendar/opening.ts';
import { onCallAt } from '../../domain/on-call.ts';

/**
 * What holds in every zone of the tz database whenever its clocks change, in 20 years. A sample here;
 * `CALENDAR_ZONES=all npx vitest run --project rules test/domain/calendar-zones.test.ts` looks at each change of each zone.
 */
const isWhole = process.env['CALENDAR_ZONES'] === 'all';
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

interface Change {
  zone: string;
  /** The first instant of the new offset. */
  at: number;
}

const changesOf = (zone: string): Change[] => {
  const found: Change[] = [];
  let next = Temporal.Instant.from('2015-01-01T00:00Z').toZonedDateTimeISO(zone).getTimeZoneTransition('next');
  for (; next && next.epochMilliseconds < Date.UTC(2035, 0); next = next.getTimeZoneTransition('next'))
    found.push({ zone, at: next.epochMilliseconds });
  return found;
};

const wallAt = (instant: number, zone: string): Temporal.PlainDateTime =>
  Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).toPlainDateTime();

/** Some changes and a random number for each, or every one of them. */
const atChanges = (holds: (change: Change, random: number) => void): void => {
  const zones = Intl.supportedValuesOf('timeZone');
  if (isWhole) {
    const all = zones.flatMap(changesOf);
    for (const [index, change] of all.entries()) holds(change, (index * 7_919) % 100_000);
    console.log(`${all.length} changes of ${zones.length} zones`);
    return;
  }
  const sample = fc.constantFrom(...zones).chain((zone) => {
    const changes = changesOf(zone);
    return fc.record({
      change: fc.constantFrom(...changes, { zone, at: Date.UTC(2026, 5, 1) }),
      random: fc.nat(99_999),
    });
  });
  fc.assert(
    fc.property(sample, ({ change, random }) => holds(change, random)),
    { numRuns: 10 },
  );
};

const long = isWhole ? 3_600_000 : 30_000;

describe('whenever the clocks change, in any zone', () => {
  const turns = [
    { every: 1, unit: 'hours' },
    { every: 8, unit: 'hours' },
    { every: 1, unit: 'days' },
    { every: 1, unit: 'weeks' },
  ] as const;

  test(
    'everybody has one turn, turns follow each other, and each begins when the wall shows its time first',
    { timeout: long },
    () => {
      atChanges(({ zone, at }, random) => {
        const turn = turns[random % turns.length]!;
        const start = wallAt(at - 2 * day - (random % 96) * 15 * minute, zone);
        const people = Array.from({ length: 400 }, (_, number) => `p${number}`);
        const schedule = {
          zone,
          holidays: [],
          layers: [{ start: start.toString(), turn, people, restrictions: [] }],
          changes: [],
          overrides: [],
        };
        let before = -1;
        const seen = new Map<string, number>();
        for (let instant = at - 4 * day; instant < at + 3 * day; instant += 15 * minute) {
          const person = onCallAt(schedule, instant);
          const number = person === undefined ? -1 : people.indexOf(person);
          expect(number, `${zone} ${start.toString()} at ${new Date(instant).toISOString()}`).toBeGreaterThanOrEqual(
            before,
          );
          const wall = wallAt(instant, zone).toString();
          if (!seen.has(wall)) seen.set(wall, number);
          before = number;
        }
        for (let number = 0; ; number += 1) {
          const handoff = start.add({ [turn.unit]: number * turn.every });
          if (Temporal.PlainDateTime.compare(handoff, wallAt(at + 2 * day, zone)) > 0) break;
          const shown = seen.get(handoff.toString());
          expect(shown ?? number, `${zone}: ${handoff.toString()} begins turn ${number}`).toBe(number);
        }
      });
    },
  );

  test(
    'every time that a pattern names is one opening: when the wall shows it first, or later by what is left out',
    { timeout: long },
    () => {
      atChanges(({ zone, at }, random) => {
        const minutes = [random % 60, (random + 17) % 60].toSorted((a, b) => a - b);
        const hours = [wallAt(at - minute, zone).hour, wallAt(at, zone).hour, random % 24];
        const opens = `${minutes.join()} ${[...new Set(hours)].join()} * * *`;
        const from = at - day;
        const openings: number[] = [];
        for (const opening of openingsFrom({ opens, zone }, from)) {
          if (opening >= at + day) break;
          openings.push(opening);
        }
        // Whoever looks from later on sees the same openings.
        const later = from + (random % (48 * 60)) * minute;
        const seenLater: number[] = [];
        for (const opening of openingsFrom({ opens, zone }, later)) {
          if (opening >= at + day) break;
          seenLater.push(opening);
        }
        expect(seenLater, `${zone} ${opens} from ${later}`).toEqual(openings.filter((opening) => opening >= later));

        const expected = new Set<number>();
        const shown = new Set<string>();
        for (let instant = from; instant < at + day; instant += minute) {
          const wall = wallAt(instant, zone);
          const isFirst = !shown.has(wall.toString());
          shown.add(wall.toString());
          if (isFirst && minutes.includes(wall.minute) && hours.includes(wall.hour)) expected.add(instant);
        }
        const left = wallAt(at - minute, zone).add({ minutes: 1 });
        const back = wallAt(at, zone);
        for (let wall = left; Temporal.PlainDateTime.compare(wall, back) < 0; wall = wall.add({ minutes: 1 })) {
          if (!minutes.includes(wall.minute) || !hours.includes(wall.hour)) continue;
          expected.add(at + left.until(wall).total('milliseconds'));
        }
        const sorted = [...expected].toSorted((a, b) => a - b);
        expect(
          openings.map((one) => new Date(one).toISOString()),
          `${zone} ${opens}`,
        ).toEqual(sorted.map((one) => new Date(one).toISOString()));
      });
    },
  );

  test('a pattern that names no hour opens in each hour that passes', { timeout: long }, () => {
    atChanges(({ zone, at }) => {
      const openings = openingsFrom({ opens: '*/15 * * * *', zone }, at - day);
      let before = openings.next().value!;
      while (before < at + day) {
        const next = openings.next().value!;
        expect(next - before, `${zone} at ${new Date(before).toISOString()}`).toBeLessThanOrEqual(15 * minute);
        before = next;
      }
    });
  });
});
