import type { Evidence, MeasuredPeriod } from './evidence.ts';
import { type Finding, inconclusive, inputsOf } from './finding.ts';
import { ofRequests } from './uptime.rules.ts';

/**
 * Good of all in the period, never the mean of ratios. Of several objectives the lowest counts: users had no more than that. Slots without
 * data count neither way; an objective that has none with data is missing.
 */
const measuredBy =
  (isMeant: (method: MeasuredPeriod['method']) => boolean, what: string) =>
  ({ service, measured }: Evidence): Finding => {
    if (service === undefined) return inconclusive('availability is that of a service: say which');
    const meant = measured.filter(({ method }) => isMeant(method));
    const empty = meant.reduce((sum, found) => sum + found.empty, 0);
    const known = meant
      .flatMap((found) => {
        const value = ofRequests([found]);
        return value === undefined ? [] : [{ ...found, value }];
      })
      .toSorted((a, b) => a.value - b.value || (a.objective < b.objective ? -1 : 1));
    const [lowest] = known;
    const missing = meant.length - known.length;
    if (!lowest) return inconclusive(`no objective of the service counted ${what}`, 0, missing);
    return {
      value: lowest.value,
      numerator: lowest.good,
      denominator: lowest.total,
      n: known.length,
      missing,
      parts: known.map(({ objective, value, total }) => ({
        name: objective,
        value,
        n: Math.min(Number.MAX_SAFE_INTEGER, Math.round(total)),
      })),
      policy: `by the objectives of the service that count ${what}; of several the lowest; slots without data left out: ${empty}`,
      inputs: inputsOf(
        known.flatMap(({ objective, good, total }) => [
          { id: `objective/${objective}`, value: good, class: 'good' },
          { id: `objective/${objective}`, value: total, class: 'all' },
        ]),
        (input) => input,
      ),
    };
  };

export const availabilityByRequests = measuredBy((method) => method === 'Occurrences', 'requests');
export const availabilityBySlices = measuredBy((method) => method !== 'Occurrences', 'slices of time');
