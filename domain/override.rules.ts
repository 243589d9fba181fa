import { DomainError } from './errors.ts';
import type { Override, OverrideAsk } from './override.ts';
import type { ScheduleSpec } from './schedule.ts';

/** Who does something, and when (ISO 8601, UTC). */
interface Deed {
  by: string;
  at: string;
}

/** Asks for an override; what somebody asks of themselves is accepted at once. Refuses what is over. */
export const ask = (id: string, schedule: string, wish: OverrideAsk, { by, at }: Deed): Override => {
  const { person, inReturn } = wish;
  if (inReturn && person === by)
    throw new DomainError('invalid', 'nobody swaps with themselves: name another person', 'person');
  const override: Override = { ...wish, id, schedule, askedBy: by, askedAt: at, status: 'asked' };
  if (isOver(override, at)) throw new DomainError('invalid', `it is over by ${endOf(override)}`, 'until');
  return person === by ? { ...override, status: 'accepted', acceptedAt: at } : override;
};

/** Refused for whoever was not asked, and for what is over or has been answered. */
export const accept = (override: Override, { by, at }: Deed): Override => {
  const { status: _, ...asked } = openFor(override, by);
  if (isOver(override, at)) throw refusal(override, `ended at ${endOf(override)}, so it cannot be accepted`);
  return { ...asked, status: 'accepted', acceptedAt: at };
};

export const decline = (override: Override, { by, at }: Deed): Override => {
  const { status: _, ...asked } = openFor(override, by);
  return { ...asked, status: 'declined', declinedAt: at };
};

/** Ends what was asked, or what was accepted: what has passed of it stays as it was. */
export const withdraw = (override: Override, { by, at }: Deed): Override => {
  if (override.askedBy !== by)
    throw new DomainError(
      'not-allowed',
      `only ${override.askedBy}, who asked for it, can withdraw override ${override.id}`,
    );
  switch (override.status) {
    case 'asked':
    case 'accepted':
      if (isOver(override, at)) throw refusal(override, `ended at ${endOf(override)}, so it cannot be withdrawn`);
      return { ...override, status: 'withdrawn', withdrawnAt: at };
    case 'declined':
    case 'withdrawn':
      throw refusal(override, `is ${override.status}`);
  }
};

/** The schedule with the overrides that people have accepted: they count like those that it has, and the last one wins. */
export const scheduleWith = (schedule: ScheduleSpec, overrides: readonly Override[]): ScheduleSpec => ({
  ...schedule,
  overrides: [...schedule.overrides, ...overrides.flatMap(timesOf)],
});

/** When an override counts, and who is on call then: from when it was accepted until it was withdrawn. */
const timesOf = (override: Override): ScheduleSpec['overrides'] => {
  if (!('acceptedAt' in override) || override.acceptedAt === undefined) return [];
  const { acceptedAt, person, askedBy, inReturn } = override;
  const end = 'withdrawnAt' in override ? [override.withdrawnAt] : [];
  return [{ ...spanOf(override), person }, ...(inReturn ? [{ ...inReturn, person: askedBy }] : [])]
    .map((time) => ({ ...time, from: last(time.from, acceptedAt), until: first(time.until, ...end) }))
    .filter(({ from, until }) => Date.parse(from) < Date.parse(until));
};

const spanOf = ({ from, until }: Override): { from: string; until: string } => ({ from, until });

const byTime = (times: readonly string[]): string[] => times.toSorted((a, b) => Date.parse(a) - Date.parse(b));
const first = (...times: [string, ...string[]]): string => byTime(times)[0]!;
const last = (...times: [string, ...string[]]): string => byTime(times).at(-1)!;

const endOf = ({ until, inReturn }: Override): string => last(until, ...(inReturn ? [inReturn.until] : []));

const isOver = (override: Override, at: string): boolean => Date.parse(endOf(override)) <= Date.parse(at);

const openFor = (override: Override, by: string): Extract<Override, { status: 'asked' }> => {
  if (override.person !== by)
    throw new DomainError('not-allowed', `override ${override.id} asks ${override.person}: nobody else can answer`);
  if (override.status !== 'asked') throw refusal(override, `is ${override.status}`);
  return override;
};

const refusal = ({ id }: Override, why: string): DomainError => new DomainError('conflict', `override ${id} ${why}`);
