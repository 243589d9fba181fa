import { z } from 'zod';
import { DomainError } from '../errors.ts';
import type { Period } from '../metric.ts';

const instant = z.iso.datetime({ offset: true });

/** Which time a metric is of, as somebody asks for it. */
export const PeriodQuery = {
  period: z
    .string()
    .regex(/^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/, 'expected a year, a month or a day, such as 2026-11')
    .optional()
    .meta({ description: 'A year, month or day in UTC, such as 2026-11; the month that runs unless said' }),
  from: instant.optional().meta({ description: 'Instead of a period: from here' }),
  until: instant.optional().meta({ description: '… until here, which is not in it any more' }),
};

interface Asked {
  period?: string | undefined;
  from?: string | undefined;
  until?: string | undefined;
}

const longestMs = 1_100 * 86_400_000;

/** The period that is meant. Throws `invalid` for one that ends before it begins, is longer than three years, comes later or is before 1970. */
export const periodOf = ({ period, from, until }: Asked, now: number): Period => {
  if (period !== undefined && (from !== undefined || until !== undefined))
    throw new DomainError('invalid', 'say a period, or from and until', 'period');
  if ((from === undefined) !== (until === undefined))
    throw new DomainError('invalid', 'from and until go together', from === undefined ? 'from' : 'until');
  const meant =
    from !== undefined && until !== undefined
      ? { from: Date.parse(from), until: Date.parse(until) }
      : named(period ?? new Date(now).toISOString().slice(0, 7));
  if (meant.from >= meant.until) throw new DomainError('invalid', 'it ends before it begins', 'until');
  if (meant.until - meant.from > longestMs)
    throw new DomainError('invalid', 'a period lasts three years at most', 'until');
  if (meant.from < 0) throw tooEarly('from');
  if (meant.from > now) throw new DomainError('invalid', 'it has not begun', from === undefined ? 'period' : 'from');
  return { from: new Date(meant.from).toISOString(), until: new Date(meant.until).toISOString() };
};

const tooEarly = (field: string) => new DomainError('invalid', 'expected 1970 or later', field);

const named = (period: string) => {
  const [year = 0, month, day] = period.split('-').map(Number);
  if (year < 1970) throw tooEarly('period');
  if (month === undefined) return { from: Date.UTC(year, 0), until: Date.UTC(year + 1, 0) };
  if (day === undefined) return { from: Date.UTC(year, month - 1), until: Date.UTC(year, month) };
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day)
    throw new DomainError('invalid', `there is no ${period}`, 'period');
  return { from: Date.UTC(year, month - 1, day), until: Date.UTC(year, month - 1, day + 1) };
};

/** The one before: the month before a whole month, else as long a time right before. */
export const before = ({ from, until }: Period): Period => {
  const [start, end] = [new Date(from), new Date(until)];
  const months = (end.getUTCFullYear() - start.getUTCFullYear()) * 12 + end.getUTCMonth() - start.getUTCMonth();
  const isWhole = [start, end].every((at) => at.toISOString().endsWith('-01T00:00:00.000Z'));
  const earlier = isWhole
    ? Date.UTC(start.getUTCFullYear(), start.getUTCMonth() - months)
    : start.getTime() - (end.getTime() - start.getTime());
  return { from: new Date(earlier).toISOString(), until: from };
};
