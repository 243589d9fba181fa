import type { Figures, Period, Scope, Unit } from '../metric.ts';

/** A value as people read it: `82 min`, `99.49 %`. */
export const amountText = (value: number | null, unit: Unit): string => {
  if (value === null) return '-';
  switch (unit) {
    case 'share':
      return `${digits(value * 100, value > 0.99 && value < 1 ? 4 : 1)} %`;
    case 'minutes':
      return value >= 2_880
        ? `${digits(value / 1_440, 1)} d`
        : value >= 120
          ? `${digits(value / 60, 1)} h`
          : `${digits(value, 1)} min`;
    case 'per-day':
      return `${digits(value, 2)} a day`;
    case 'per-week':
      return `${digits(value, 2)} a week`;
    case 'per-shift':
      return `${digits(value, 2)} a shift`;
    case 'count':
    case 'score':
    case 'user-minutes':
      return digits(value, 2);
  }
};

const digits = (value: number, most: number): string => String(Number(value.toFixed(most)));

/** How sure it is: `2 to 9 %`; empty where there is no interval. */
export const intervalText = ({ interval }: Pick<Figures, 'interval'>, unit: Unit): string =>
  interval ? `${amountText(interval.low, unit)} to ${amountText(interval.high, unit)}` : '';

/** The cases it comes from, with those that are missing. */
export const casesText = ({ n, missing }: Pick<Figures, 'n' | 'missing'>): string =>
  missing === 0 ? String(n) : `${n} (${missing} missing)`;

/** `2026-11` for a whole month, else both ends. */
export const periodText = ({ from, until }: Period): string => {
  const [start, end] = [new Date(from), new Date(until)];
  const isMonth =
    from.slice(8) === '01T00:00:00.000Z' && end.getTime() === Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1);
  if (isMonth) return from.slice(0, 7);
  const isDays = from.endsWith('T00:00:00.000Z') && until.endsWith('T00:00:00.000Z');
  return isDays
    ? `${from.slice(0, 10)} to ${new Date(end.getTime() - 1).toISOString().slice(0, 10)}`
    : `${from} to ${until}`;
};

/** What is measured, in words. */
export const scopeText = ({ service, team, environment }: Scope): string => {
  const what = service === undefined ? (team === undefined ? 'everything' : `team ${team}`) : `service ${service}`;
  return environment === undefined ? what : `${what} in ${environment}`;
};
