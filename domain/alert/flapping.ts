import { z } from 'zod';
import { Duration, milliseconds } from '../duration.ts';
import type { ToldState } from './fold.rules.ts';

/** When an alert counts as flapping: it begins and ends so often that each turn says nothing new. */
export const Flapping = z.strictObject({
  measure: z.enum(['event-count', 'nagios', 'icinga', 'none']).default('event-count').meta({
    description:
      '`event-count` for senders of changes; `nagios` and `icinga` weigh the last 21 states of one that sends each check; `none` for no alert',
  }),
  changes: z.int().min(3).max(20).default(6).meta({
    description: 'Of `event-count`: flaps from so many changes, beginnings and ends, within this time on',
  }),
  within: Duration.default('1h'),
  quietFor: Duration.default('15m').meta({
    description: 'Flaps no longer once nothing has changed, or was heard, for so long',
  }),
});
export type Flapping = z.infer<typeof Flapping>;

/** Transitions between the last 21 states, each with its weight: a newer one counts for more. Percentages. */
interface Window {
  weightOf: (index: number) => number;
  starts: (percent: number) => boolean;
  stays: (percent: number) => boolean;
}

const transitions = 20;

export const windows = {
  nagios: {
    weightOf: (index) => 0.75 + (index * 0.5) / 19,
    starts: (percent) => percent >= 30,
    stays: (percent) => percent > 20,
  },
  icinga: {
    weightOf: (index) => 0.8 + index * 0.02,
    starts: (percent) => percent > 30,
    stays: (percent) => percent > 25,
  },
} as const satisfies Record<'nagios' | 'icinga', Window>;

/** How much has changed, in percent, of the last 20 transitions, the oldest first; what is not known has not changed. */
export const percentChanged = (changed: readonly boolean[], { weightOf }: Window): number => {
  const last = changed.slice(-transitions);
  const missing = transitions - last.length;
  return (last.reduce((sum, is, index) => sum + (is ? weightOf(missing + index) : 0), 0) / transitions) * 100;
};

/** Between the two limits it goes on as it was. */
export const flapsNow = (flappedBefore: boolean, percent: number, { starts, stays }: Window): boolean =>
  flappedBefore ? stays(percent) : starts(percent);

/** Whether it flaps after the last of these changes (milliseconds, in order). */
export const flapsByCount = (
  changes: readonly number[],
  { frequency, intervalMs, quietMs }: { frequency: number; intervalMs: number; quietMs: number },
): boolean =>
  changes.reduce((flaps, at, index) => {
    const isQuiet = index > 0 && at - changes[index - 1]! >= quietMs;
    const recent = changes.filter((other) => other <= at && other > at - intervalMs).length;
    return (flaps && !isQuiet) || recent >= frequency;
  }, false);

/**
 * Until when it flaps (milliseconds), if nothing more is told; undefined where it does not. It comes from the set of states that
 * were told, in whatever order that was; what is older than the 21 latest is forgotten.
 */
export const flapsUntil = (
  states: readonly ToldState[],
  { measure, changes: frequency, within, quietFor }: Flapping,
): number | undefined => {
  if (measure === 'none' || states.length < 3) return undefined;
  const quietMs = milliseconds(quietFor);
  // It had not fired before.
  const changed = states.map(([, isFiring], index) => isFiring !== (states[index - 1]?.[1] ?? false));
  if (measure === 'event-count') {
    const changes = states.flatMap(([at], index) => (changed[index] ? [at] : []));
    const flaps = flapsByCount(changes, { frequency, intervalMs: milliseconds(within), quietMs });
    return flaps ? changes.at(-1)! + quietMs : undefined;
  }
  const window = windows[measure];
  const between = changed.slice(1);
  const flaps = between.reduce(
    (before, _, index) => flapsNow(before, percentChanged(between.slice(0, index + 1), window), window),
    false,
  );
  return flaps ? states.at(-1)![0] + quietMs : undefined;
};
