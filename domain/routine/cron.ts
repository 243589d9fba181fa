import { everOpens, openingsFrom } from '../calendar/opening.ts';

const shortestMs = 15 * 60_000;
const looked = 200;

/**
 * Why the pattern is none of a routine; undefined when it is one. Cron tools disagree on what a day of the month beside a
 * weekday means, so that is refused.
 */
export const cronFault = (pattern: string): string | undefined => {
  const fields = pattern.trim().split(/\s+/);
  if (
    fields.length !== 5 ||
    !fields.every((field) => /^(?:\d+|[A-Za-z]{3}|[*,/-])+$/.test(field)) ||
    !everOpens(pattern)
  )
    return 'expected a cron pattern of five fields that occurs, such as "30 2 * * *"';
  const [, , day, , weekday] = fields;
  if (!day!.startsWith('*') && !weekday!.startsWith('*'))
    return 'names a day of the month and a weekday: write a routine for each';
  return isFrequent(pattern) ? 'names times that are less than 15 minutes apart' : undefined;
};

const isFrequent = (opens: string): boolean => {
  let [before, count] = [Number.NEGATIVE_INFINITY, 0];
  for (const opening of openingsFrom({ opens, zone: 'UTC' }, Date.UTC(2000, 0))) {
    if (opening - before < shortestMs) return true;
    [before, count] = [opening, count + 1];
    if (count === looked) return false;
  }
  return false;
};
