import { type Evidence, realOf } from './evidence.ts';
import { type Finding, rateOf, shareOf } from './finding.ts';

const shiftMs = 12 * 60 * 60_000;

/** Pages of people in 12 hours; one person's turn counts once, whatever contacts were tried in it. */
export const pagesPerShift = ({ pages, period }: Evidence): Finding =>
  rateOf(
    pages.map(({ id }) => ({ id })),
    (period.until - period.from) / shiftMs,
  );

/** Pages outside of the working hours of the team. */
export const outOfHoursPages = ({ pages }: Evidence): Finding =>
  shareOf(pages.map(({ id, isOutOfHours }) => ({ id, hit: isOutOfHours })));

/** Pages whose incident was acknowledged within the time that its severity gives. */
export const pageCompliance = ({ pages, incidents, earlier }: Evidence): Finding => {
  const acknowledged = new Map(
    realOf([...incidents, ...earlier]).map(({ number, acknowledgedAt }) => [number, acknowledgedAt]),
  );
  return shareOf(
    pages.map(({ id, incident, dueAt }) => {
      const at = acknowledged.get(incident);
      return { id, hit: at !== undefined && at <= dueAt };
    }),
  );
};
