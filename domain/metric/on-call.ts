import { type Evidence, realOf } from './evidence.ts';
import { type Finding, shareOf } from './finding.ts';

const shiftMs = 12 * 60 * 60_000;

/** Pages of people in 12 hours; one person's turn counts once, whatever contacts were tried in it. */
export const pagesPerShift = ({ pages, period }: Evidence): Finding => {
  const shifts = (period.until - period.from) / shiftMs;
  return {
    value: pages.length / shifts,
    numerator: pages.length,
    denominator: shifts,
    n: pages.length,
    missing: 0,
    inputs: pages.map(({ id }) => ({ id, value: 1 })),
  };
};

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
      return { id, hit: at !== undefined && Date.parse(at) <= Date.parse(dueAt) };
    }),
  );
};
