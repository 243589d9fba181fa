import { Temporal } from 'temporal-polyfill';
import type { Layer } from '../schedule.ts';
import { localAt } from './hours.ts';

/**
 * The number of the turn at an instant (milliseconds), from 0 on; undefined before the first handoff. Handoffs stand on
 * the wall: turn after turn from the first, whatever the clocks do. One whose time is left out comes later by as much,
 * one whose time is shown twice comes at the first; whoever's turn was left out altogether is passed.
 */
export const turnAt = (layer: Layer, zone: string, at: number): number | undefined => {
  const hasBegun = (number: number): boolean => handoff(layer, zone, number) <= at;
  let number = passedAt(layer, localAt(at, zone).toPlainDateTime());
  // The wall may show again what it has shown, and a handoff that was left out may be still to come.
  while (hasBegun(number + 1)) number += 1;
  while (number >= 0 && !hasBegun(number)) number -= 1;
  return number >= 0 ? number : undefined;
};

/** The instant at which a turn begins. */
export const handoff = ({ start, turn }: Layer, zone: string, number: number): number =>
  Temporal.PlainDateTime.from(start)
    .add({ [turn.unit]: number * turn.every })
    .toZonedDateTime(zone).epochMilliseconds;

/** Every handoff in a time, and some around it. */
export const handoffsIn = (layer: Layer, zone: string, from: number, until: number): number[] => {
  // A zone may leave out or repeat a day.
  const first = Math.max(0, passedAt(layer, localAt(from, zone).toPlainDateTime().subtract({ days: 2 })));
  const last = passedAt(layer, localAt(until, zone).toPlainDateTime().add({ days: 2 }));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => handoff(layer, zone, first + index));
};

/** Turns that have passed when the wall shows a time; negative before the first. */
const passedAt = ({ start, turn }: Layer, local: Temporal.PlainDateTime): number => {
  const passed = Temporal.PlainDateTime.from(start).until(local, { largestUnit: turn.unit });
  return Math.floor(passed[turn.unit] / turn.every);
};
