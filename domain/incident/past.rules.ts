import { DomainError } from '../errors.ts';

const firstMs = Date.UTC(2000, 0, 1);
/** Clocks differ. */
const skewMs = 60_000;

/** The instant that somebody names for what has happened; now, where they name none. */
export const pastOf = (said: string | undefined, now: string, field: string): string => {
  if (said === undefined) return now;
  const at = Date.parse(said);
  if (at < firstMs) throw new DomainError('invalid', 'expected an instant after the year 2000', field);
  if (at > Date.parse(now) + skewMs) throw new DomainError('invalid', 'expected an instant that has come', field);
  return new Date(Math.min(at, Date.parse(now))).toISOString();
};
