import parse from 'parse-duration';
import { z } from 'zod';

const spans =
  /^(?:\s*\d+(?:\.\d+)?\s*(?:ms|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)(?![a-z]))+\s*$/;
const isoSpans =
  /^[Pp](?=\d|[Tt]\d)(?:(\d+)[Ww])?(?:(\d+)[Dd])?(?:[Tt](?=\d)(?:(\d+)[Hh])?(?:(\d+)[Mm])?(?:(\d+(?:\.\d+)?)[Ss])?)?$/;
const longest = 366 * 24 * 60 * 60 * 1000;

/**
 * Milliseconds of a duration that a person wrote (`90s`, `1h 30m`, `PT15M`).
 * NaN when it is none, or when it is longer than a year.
 */
export const milliseconds = (text: string): number => {
  const words = /^p/i.test(text) ? ofIso(text) : text;
  // The library makes something of nearly anything; a number alone says no unit, and months have no length.
  if (!spans.test(words)) return Number.NaN;
  const parsed = parse(words) ?? Number.NaN;
  return parsed > 0 && parsed <= longest ? Math.round(parsed) : Number.NaN;
};

/** The same in words; empty when it is no ISO 8601 duration of weeks, days, hours, minutes and seconds. */
const ofIso = (text: string): string => {
  const parts = isoSpans.exec(text)?.slice(1) ?? [];
  return parts
    .flatMap((count, at) => (count === undefined ? [] : [`${count}${['w', 'd', 'h', 'm', 's'][at]}`]))
    .join(' ');
};

/** A span of time as people write it; more than zero and at most a year. */
export const Duration = z
  .string()
  .refine((text) => !Number.isNaN(milliseconds(text)), 'expected a duration such as 90s, 15m or 4h, at most a year')
  .meta({
    id: 'Duration',
    pattern: `${spans.source}|${isoSpans.source}`,
    description: 'A duration such as 90s, 15m, 4h or PT15M; at most a year',
  });
