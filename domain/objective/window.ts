import { Temporal } from 'temporal-polyfill';
import type { TimeWindow } from '../objective.ts';
import { localAt } from '../calendar/hours.ts';
import { partsOf, spanMs } from './open-slo.ts';

/** Instants in milliseconds. */
export interface Span {
  from: number;
  until: number;
}

/** The window that an instant lies in: rolling ones end there, calendar ones are counted from their start in their zone. */
export const windowAt = (window: TimeWindow, now: number): Span => {
  if (window.isRolling) return { from: now - spanMs(window.duration), until: now };
  const { startTime, timeZone } = window.calendar;
  const start = Temporal.PlainDateTime.from(startTime.replace(' ', 'T'));
  const step = stepOf(window.duration);
  // Months differ in length, so the count is guessed and then put right.
  const beginning = (count: number): number =>
    start.add({ [step.unit]: step.count * count }).toZonedDateTime(timeZone).epochMilliseconds;
  const passed = start.until(localAt(now, timeZone).toPlainDateTime(), { largestUnit: step.unit })[step.unit];
  let count = Math.floor(passed / step.count);
  while (beginning(count) > now) count -= 1;
  while (beginning(count + 1) <= now) count += 1;
  return { from: beginning(count), until: beginning(count + 1) };
};

/** How long the window is that an instant lies in (milliseconds). */
export const lengthAt = (window: TimeWindow, now: number): number => {
  const { from, until } = windowAt(window, now);
  return until - from;
};

const stepOf = (
  duration: string,
): { unit: 'minutes' | 'hours' | 'days' | 'weeks' | 'months' | 'years'; count: number } => {
  const { count, unit } = partsOf(duration);
  switch (unit) {
    case 'm':
      return { unit: 'minutes', count };
    case 'h':
      return { unit: 'hours', count };
    case 'd':
      return { unit: 'days', count };
    case 'w':
      return { unit: 'weeks', count };
    case 'M':
      return { unit: 'months', count };
    case 'Q':
      return { unit: 'months', count: 3 * count };
    case 'Y':
      return { unit: 'years', count };
  }
};
