import { describe, expect, test } from 'vitest';
import { onCallAt } from '../../domain/on-call.ts';
import { Override, OverrideAsk } from '../../domain/override.ts';
import { accept, ask, decline, scheduleWith, withdraw } from '../../domain/override.rules.ts';
import { ScheduleSpec } from '../../domain/schedule.ts';

const id = '6f0e7f0a-6d5c-4a5e-9a59-3a7d3f6d7a10';
const monday = '2026-03-02T08:00:00Z';
const time = { from: '2026-03-03T09:00:00Z', until: '2026-03-03T17:00:00Z' };
const inReturn = { from: '2026-03-05T09:00:00Z', until: '2026-03-05T17:00:00Z' };
const deed = (by: string, at = monday) => ({ by, at });
const asked = (more: object = {}, by = 'ana', at = monday): Override =>
  ask(id, 'rota', { ...time, person: 'ben', reason: 'a journey', ...more }, deed(by, at));

const schedule = ScheduleSpec.parse({
  zone: 'UTC',
  layers: [{ start: '2026-03-02T00:00', turn: { every: 1, unit: 'weeks' }, people: ['ana'] }],
  overrides: [{ from: '2026-03-03T12:00:00Z', until: '2026-03-03T13:00:00Z', person: 'cid' }],
});
const onCall = (override: Override, at: string): string | undefined =>
  onCallAt(scheduleWith(schedule, [override]), Date.parse(at));

describe('an override', () => {
  test('counts once the person who is asked has accepted', () => {
    const accepted = accept(asked(), deed('ben'));

    expect(onCall(asked(), '2026-03-03T10:00Z')).toBe('ana');
    expect(onCall(accepted, '2026-03-03T08:59Z')).toBe('ana');
    expect(onCall(accepted, '2026-03-03T09:00Z')).toBe('ben');
    expect(onCall(accepted, '2026-03-03T12:30Z')).toBe('ben');
    expect(onCall(accepted, '2026-03-03T17:00Z')).toBe('ana');
    expect(Override.parse(accepted)).toEqual(accepted);
  });

  test('counts at once for whoever asks for themselves', () => {
    expect(asked({ person: 'ben' }, 'ben').status).toBe('accepted');
  });

  test('that is accepted late changes nothing of what has passed', () => {
    const late = accept(asked(), deed('ben', '2026-03-03T11:00:00.000Z'));

    expect(onCall(late, '2026-03-03T10:59Z')).toBe('ana');
    expect(onCall(late, '2026-03-03T11:00Z')).toBe('ben');
  });

  test('that is withdrawn while it lasts counts until then', () => {
    const accepted = accept(asked(), deed('ben'));
    const before = withdraw(accepted, deed('ana', '2026-03-03T08:00:00.000Z'));
    const within = withdraw(accepted, deed('ana', '2026-03-03T10:00:00.000Z'));

    expect(onCall(before, '2026-03-03T09:30Z')).toBe('ana');
    expect(onCall(within, '2026-03-03T09:30Z')).toBe('ben');
    expect(onCall(within, '2026-03-03T10:00Z')).toBe('ana');
    expect(onCall(withdraw(asked(), deed('ana')), '2026-03-03T10:00Z')).toBe('ana');
  });

  test('that is a swap counts both ways or not at all', () => {
    const swap = asked({ inReturn }, 'eva');
    const accepted = accept(swap, deed('ben'));

    expect(onCall(swap, '2026-03-05T10:00Z')).toBe('ana');
    expect(onCall(decline(swap, deed('ben')), '2026-03-05T10:00Z')).toBe('ana');
    expect(onCall(accepted, '2026-03-03T10:00Z')).toBe('ben');
    expect(onCall(accepted, '2026-03-05T10:00Z')).toBe('eva');
  });

  test.each([
    ['accepted by somebody else', () => accept(asked(), deed('ana')), 'asks ben: nobody else can answer'],
    ['declined by somebody else', () => decline(asked(), deed('cid')), 'asks ben: nobody else can answer'],
    ['withdrawn by whoever was asked', () => withdraw(asked(), deed('ben')), 'only ana, who asked for it'],
    ['accepted when it is over', () => accept(asked(), deed('ben', time.until)), 'ended at 2026-03-03T17:00:00Z'],
    ['withdrawn when it is over', () => withdraw(asked(), deed('ana', time.until)), 'ended at 2026-03-03T17:00:00Z'],
    ['accepted twice', () => accept(accept(asked(), deed('ben')), deed('ben')), 'is accepted'],
    ['accepted after it was withdrawn', () => accept(withdraw(asked(), deed('ana')), deed('ben')), 'is withdrawn'],
    ['withdrawn after it was declined', () => withdraw(decline(asked(), deed('ben')), deed('ana')), 'is declined'],
    ['asked when it is over', () => asked({}, 'ana', time.until), 'it is over by 2026-03-03T17:00:00Z'],
    ['a swap with oneself', () => asked({ inReturn }, 'ben'), 'nobody swaps with themselves'],
  ])('is not %s', (_, deedOf, why) => {
    expect(deedOf).toThrow(why);
  });

  test('ends after it begins', () => {
    expect(
      OverrideAsk.safeParse({ from: time.until, until: time.from, person: 'ben', reason: 'x' }).error?.issues[0]?.path,
    ).toEqual(['until']);
  });
});
