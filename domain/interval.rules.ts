import type { Interval } from './calendar/hours.ts';

/** The same time without overlaps, in order. */
export const union = (intervals: readonly Interval[]): Interval[] => {
  const merged: Interval[] = [];
  for (const { from, until } of intervals.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (from >= until) continue;
    if (last && from <= last.until) last.until = Math.max(last.until, until);
    else merged.push({ from, until });
  }
  return merged;
};

/** What is in both, in order and without overlaps. */
export const intersection = (one: readonly Interval[], other: readonly Interval[]): Interval[] => {
  const [ours, theirs] = [union(one), union(other)];
  const both: Interval[] = [];
  for (let [a, b] = [0, 0]; a < ours.length && b < theirs.length;) {
    const from = Math.max(ours[a]!.from, theirs[b]!.from);
    const until = Math.min(ours[a]!.until, theirs[b]!.until);
    if (from < until) both.push({ from, until });
    if (ours[a]!.until <= until) a += 1;
    else b += 1;
  }
  return both;
};

/** What is left of times without others, in order and without overlaps. */
export const without = (times: readonly Interval[], others: readonly Interval[]): Interval[] => {
  const taken = union(others);
  const gaps = [
    { from: Number.NEGATIVE_INFINITY, until: taken[0]?.from ?? Number.POSITIVE_INFINITY },
    ...taken.map(({ until }, at) => ({ from: until, until: taken[at + 1]?.from ?? Number.POSITIVE_INFINITY })),
  ];
  return intersection(times, gaps);
};

/** Milliseconds, of intervals that do not overlap. */
export const lengthOf = (intervals: readonly Interval[]): number =>
  intervals.reduce((sum, { from, until }) => sum + until - from, 0);
