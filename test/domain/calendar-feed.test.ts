import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { type NumberedShift, numberedShifts } from '../../domain/calendar-feed.ts';
import { type CalendarEvent, calendarText } from '../../domain/icalendar.ts';
import { ScheduleSpec } from '../../domain/schedule.ts';

const at = (instant: string): number => Date.parse(instant);
const shown = (instant: number): string => new Date(instant).toISOString().replace(':00.000Z', 'Z');
const rota = (more: Partial<z.input<typeof ScheduleSpec>> = {}): ScheduleSpec =>
  ScheduleSpec.parse({
    zone: 'Europe/Berlin',
    layers: [{ start: '2026-03-23T09:00', turn: { every: 1, unit: 'weeks' }, people: ['ana', 'ben'] }],
    ...more,
  });
const shifts = (schedule: ScheduleSpec, from = '2026-03-25T00:00Z', until = '2026-04-10T00:00Z'): NumberedShift[] =>
  numberedShifts('rota', schedule, at(from), at(until));
const override = (from: string, until: string, person = 'cid') => ({ from, until, person });

describe('shifts with an identity', () => {
  test('are whole, also where the time begins or ends within them', () => {
    expect(shifts(rota()).map(({ from, until, person }) => [shown(from), shown(until), person])).toEqual([
      ['2026-03-23T08:00Z', '2026-03-30T07:00Z', 'ana'],
      ['2026-03-30T07:00Z', '2026-04-06T07:00Z', 'ben'],
      ['2026-04-06T07:00Z', '2026-04-13T07:00Z', 'ana'],
    ]);
  });

  test('keep it when people swap, and each has another one', () => {
    const swapped = rota({ overrides: [override('2026-03-30T07:00:00Z', '2026-04-06T07:00:00Z')] });
    const [before, after] = [shifts(rota()), shifts(swapped)];

    expect(after.map(({ uid }) => uid)).toEqual(before.map(({ uid }) => uid));
    expect(after.map(({ person }) => person)).toEqual(['ana', 'cid', 'ana']);
    expect(new Set(before.map(({ uid }) => uid)).size).toBe(3);
    expect(before[0]!.uid).toMatch(/^[0-9a-f]{64}@evenkeel$/);
  });

  test('keep it as time goes on', () => {
    const nightly = { days: ['mon' as const, 'tue' as const, 'wed' as const], from: '22:00', until: '06:00' };
    const restricted = rota({ layers: [{ ...rota().layers[0]!, restrictions: [nightly] }] });
    const uidOf = (from: string) =>
      shifts(restricted, from).find((shift) => shift.from === at('2026-04-01T20:00Z'))?.uid;

    expect(uidOf('2026-03-31T00:00Z')).toMatch(/@evenkeel$/);
    expect(uidOf('2026-03-24T00:00Z')).toBe(uidOf('2026-04-01T21:00Z'));
    expect(new Set(shifts(restricted).map(({ uid }) => uid)).size).toBe(shifts(restricted).length);
  });

  test('keep it for their first part when another part is taken over', () => {
    const partly = shifts(rota({ overrides: [override('2026-04-01T07:00:00Z', '2026-04-02T07:00:00Z')] }));

    expect(partly.map(({ person }) => person)).toEqual(['ana', 'ben', 'cid', 'ben', 'ana']);
    expect(partly[1]!.uid).toBe(shifts(rota())[1]!.uid);
    expect(new Set(partly.map(({ uid }) => uid)).size).toBe(5);
  });

  test('are there as well where only an override has somebody', () => {
    const early = rota({ overrides: [override('2026-03-20T00:00:00Z', '2026-03-21T00:00:00Z')] });

    expect(shifts(early, '2026-03-20T12:00Z')[0]).toMatchObject({ person: 'cid', from: at('2026-03-20T00:00Z') });
  });

  test('are open-ended where the layer has one person for ever', () => {
    const [layer] = rota().layers;

    expect(shifts(rota({ layers: [{ ...layer!, people: ['ana'] }] })).every(({ isOpenEnded }) => isOpenEnded)).toBe(
      true,
    );
    expect(shifts(rota({ layers: [{ ...layer!, people: ['ana'], end: '2027-01-01T00:00' }] }))[0]!.isOpenEnded).toBe(
      false,
    );
    expect(shifts(rota())[0]!.isOpenEnded).toBe(false);
  });
});

describe('a calendar', () => {
  const event: CalendarEvent = {
    uid: 'x@evenkeel',
    sequence: 3,
    stamp: at('2026-03-20T10:11:12.345Z'),
    from: at('2026-03-23T08:00Z'),
    until: at('2026-03-30T07:00Z'),
    summary: 'ana',
  };

  test('is published by RFC 5545', () => {
    expect(calendarText('On call: rota', [event]).split('\r\n')).toEqual([
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//Evenkeel//On call//EN',
      'METHOD:PUBLISH',
      'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
      'X-WR-CALNAME:On call: rota',
      'BEGIN:VEVENT',
      'UID:x@evenkeel',
      'DTSTAMP:20260320T101112Z',
      'DTSTART:20260323T080000Z',
      'DTEND:20260330T070000Z',
      'SEQUENCE:3',
      'SUMMARY:ana',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ]);
  });

  test('escapes what has a meaning of its own, and leaves out what it may not contain', () => {
    const text = calendarText('a;b', [{ ...event, description: 'a\\b;c,d\r\ne\nf\rg\u0007' }]);

    expect(text).toContain(String.raw`X-WR-CALNAME:a\;b`);
    expect(text).toContain(String.raw`DESCRIPTION:a\\b\;c\,d\ne\nf\ng` + '\r\n');
  });

  test.each(['a', 'é', '界', '🧭', 'a🧭é'])('folds lines of %s at 75 octets, and never within a character', (part) => {
    const summary = part.repeat(100);
    const lines = calendarText('rota', [{ ...event, summary }]).split('\r\n');

    expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
    expect(lines.every((line) => line.isWellFormed() && !/[\r\n]/.test(line))).toBe(true);
    expect(lines.join('\r\n').replaceAll('\r\n ', '')).toContain(`SUMMARY:${summary}\r\n`);
  });
});
