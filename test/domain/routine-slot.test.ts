import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placesOf, runsOf } from '../../domain/routine/run.ts';
import { dueBetween, mostSlots, settleSlots } from '../../domain/routine/slot.ts';

const hour = 3_600_000;
const day = 24 * hour;
const nightly = { cron: '30 2 * * *', zone: 'Europe/Berlin', missed: 'one', within: '7d' } as const;
const at = (text: string): number => Date.parse(text);
const iso = (instant: number): string => new Date(instant).toISOString();

describe('a year of a routine at half past two in Berlin', () => {
  const due = dueBetween(nightly, at('2026-01-01T00:00:00Z'), at('2027-01-01T00:00:00Z'), 1_000).map(iso);

  test('has one time each day, whatever the clocks do', () => {
    const days = due.map((instant) =>
      new Date(instant).toLocaleDateString('sv', { timeZone: 'Europe/Berlin', dateStyle: 'short' }),
    );
    expect(due).toHaveLength(365);
    expect(new Set(days).size).toBe(365);
  });

  test('moves forward by the gap in the night that leaves half past two out', () => {
    expect(due.slice(86, 89)).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:30:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
    const wall = new Date(due[87]!).toLocaleTimeString('sv', { timeZone: 'Europe/Berlin', timeStyle: 'short' });
    expect(wall).toBe('03:30');
  });

  test('takes the first half past two of the night that has it twice', () => {
    expect(due.slice(296, 299)).toEqual([
      '2026-10-24T00:30:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });
});

describe('after three days without anything', () => {
  const after = at('2026-06-01T12:00:00Z');
  const now = after + 3 * day;
  const settled = (missed: 'skip' | 'one' | 'all', within = '7d') =>
    settleSlots({ ...nightly, missed, within }, { after, now }).slots.map(({ dueAt, becomes, why }) => [
      iso(dueAt).slice(0, 10),
      becomes,
      ...(why === undefined ? [] : [why]),
    ]);
  const nothing = 'nothing could run at its time, and it makes up for nothing';
  const instead = 'nothing could run at its time, and a newer one is run in its place';

  test('`skip` makes up for nothing', () => {
    expect(settled('skip')).toEqual([
      ['2026-06-02', 'missed', nothing],
      ['2026-06-03', 'missed', nothing],
      ['2026-06-04', 'missed', nothing],
    ]);
  });

  test('`one` makes up for the newest', () => {
    expect(settled('one')).toEqual([
      ['2026-06-02', 'missed', instead],
      ['2026-06-03', 'missed', instead],
      ['2026-06-04', 'due'],
    ]);
  });

  test('`all` makes up for each that is within its limit', () => {
    expect(settled('all').map(([date, becomes]) => [date, becomes])).toEqual([
      ['2026-06-02', 'due'],
      ['2026-06-03', 'due'],
      ['2026-06-04', 'due'],
    ]);
    expect(settled('all', '2d')).toEqual([
      ['2026-06-02', 'missed', 'nothing could run within 2d of its time'],
      ['2026-06-03', 'due'],
      ['2026-06-04', 'due'],
    ]);
  });

  test('one that is on time stands for those before it', () => {
    const { slots } = settleSlots(nightly, { after, now: at('2026-06-04T00:31:00Z') });
    expect(slots.map(({ becomes }) => becomes)).toEqual(['missed', 'missed', 'due']);
  });

  test('a time that passed in a pause is skipped, for the reason of the pause', () => {
    const pause = { since: at('2026-06-03T00:30:00Z'), why: 'paused by cid: the archive moves' };
    const { slots } = settleSlots({ ...nightly, missed: 'all' }, { after, now, pause });
    expect(slots.map(({ becomes }) => becomes)).toEqual(['due', 'skipped', 'skipped']);
    expect(slots[1]!.why).toBe(pause.why);
  });
});

describe('whatever passes between two looks', () => {
  test('a time is on time for a quarter of an hour, and goes by the rule then', () => {
    const look = (minutes: number) => {
      const now = at('2026-06-02T00:30:00Z') + minutes * 60_000;
      return settleSlots({ ...nightly, missed: 'skip' }, { after: now - hour, now }).slots[0]?.becomes;
    };
    expect([look(-1), look(0), look(14), look(15)]).toEqual([undefined, 'due', 'due', 'missed']);
  });

  test('each time is settled once, however often and in whichever steps somebody looks', () => {
    const from = at('2026-03-20T00:00:00Z');
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 * 60 }), { minLength: 1, maxLength: 60 }), (minutes) => {
        let after = from;
        const seen: number[] = [];
        for (const step of minutes) {
          const { slots, until } = settleSlots(nightly, { after, now: after + step * 60_000 });
          seen.push(...slots.map(({ dueAt }) => dueAt));
          after = until;
        }
        expect(seen).toEqual(dueBetween(nightly, from + 1, after + 1, 10_000));
      }),
      { numRuns: 100 },
    );
  });

  test('a long outage is settled part by part, and of all of it the newest alone is made up', () => {
    const often = { ...nightly, cron: '*/15 * * * *' };
    const after = at('2026-06-01T00:00:00Z');
    const now = after + 10 * day;
    const first = settleSlots(often, { after, now });
    expect(first).toMatchObject({ isMore: true, until: first.slots.at(-1)!.dueAt });
    expect(first.slots).toHaveLength(mostSlots);
    expect(new Set(first.slots.map(({ becomes }) => becomes))).toEqual(new Set(['missed']));
    const second = settleSlots(often, { after: first.until, now });
    expect(second).toMatchObject({ isMore: false, until: now });
    expect(second.slots.map(({ becomes }) => becomes).filter((becomes) => becomes === 'due')).toHaveLength(1);
    expect(second.slots.at(-1)!.becomes).toBe('due');
    expect(first.slots.length + second.slots.length).toBe(10 * 24 * 4);
  });
});

describe('the runs of a time', () => {
  const routine = { owner: 'shop', kind: 'backup-verification', jitter: '1h' } as const;
  const slot = { dueAt: at('2026-06-02T00:30:00Z'), becomes: 'due' } as const;

  test('are one for each service and environment, each always at its own place in the jitter', () => {
    const places = placesOf(['app', 'web'], ['production', 'staging']);
    const runs = runsOf('nightly', routine, slot, places);
    expect(runs.map(({ service, environment }) => `${service} ${environment}`)).toEqual([
      'app production',
      'app staging',
      'web production',
      'web staging',
    ]);
    const late = runs.map(({ opensAt }) => at(opensAt) - slot.dueAt);
    expect(new Set(late).size).toBe(4);
    for (const ms of late) expect(ms >= 0 && ms < hour).toBe(true);
    const nextDay = runsOf('nightly', routine, { ...slot, dueAt: slot.dueAt + day }, places);
    expect(nextDay.map(({ opensAt }) => at(opensAt) - slot.dueAt - day)).toEqual(late);
    expect(new Set([...runs, ...nextDay].map(({ id }) => id)).size).toBe(8);
    expect(runsOf('nightly', routine, slot, places)).toEqual(runs);
  });

  test('without any service are one that was skipped, never none', () => {
    expect(runsOf('nightly', routine, slot, [])).toMatchObject([
      { service: null, environment: null, status: 'skipped', why: 'it selects no service of team shop' },
    ]);
  });
});
