import { type Evidence, realOf } from './evidence.ts';
import { type Finding, inputsOf, rateOf, shareOf } from './finding.ts';

const shiftMs = 12 * 60 * 60_000;

/** Pages of people in 12 hours; one person's turn counts once, whatever contacts were tried in it. */
export const pagesPerShift = ({ pages, period }: Evidence): Finding =>
  rateOf(
    inputsOf(pages, ({ id }) => ({ id, value: 1 })),
    (period.until - period.from) / shiftMs,
  );

/** Pages outside of the working hours of the team. */
export const outOfHoursPages = ({ pages }: Evidence): Finding =>
  shareOf(inputsOf(pages, ({ id, isOutOfHours }) => ({ id, value: Number(isOutOfHours) })));

/** Pages whose incident was acknowledged within the time that its severity gives. */
export const pageCompliance = ({ pages, incidents, earlier }: Evidence): Finding => {
  const paged = new Set(pages.map(({ incident }) => incident));
  const acknowledged = new Map(
    [...realOf(incidents), ...realOf(earlier)]
      .filter(({ number }) => paged.has(number))
      .map(({ number, acknowledgedAt }) => [number, acknowledgedAt]),
  );
  return shareOf(
    inputsOf(pages, ({ id, incident, dueAt }) => {
      const at = acknowledged.get(incident);
      return { id, value: Number(at !== undefined && at <= dueAt) };
    }),
  );
};
