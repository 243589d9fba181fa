import type { PlannedStart } from './slot.ts';

/** In words, with how an instant is to be written: `in night, 2026-03-24T22:00:00.000Z at the earliest`. */
export const plannedStartText = (start: PlannedStart, instant: (at: string) => string = (at) => at): string => {
  if (start.window === null) return 'as soon as it is approved';
  return `in ${start.window}, ${'none' in start ? start.none : `${instant(start.earliestAt)} at the earliest`}`;
};
