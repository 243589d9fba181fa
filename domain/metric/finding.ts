import type { Figures, Input } from '../metric.ts';
import { intervalOfMean } from '../statistics/bootstrap.rules.ts';
import { fewestForPercentiles, summaryOf } from '../statistics/summary.rules.ts';
import { wilson } from '../statistics/wilson.rules.ts';

/** Figures, with what they come from. */
export interface Finding extends Figures {
  inputs: Input[];
}

/** How large a share hits, of cases of which each is a hit or is none. */
export const shareOf = (cases: readonly (Omit<Input, 'value'> & { hit: boolean })[], missing = 0): Finding => {
  const hits = cases.filter(({ hit }) => hit).length;
  const interval = wilson(hits, cases.length);
  return {
    value: cases.length === 0 ? null : hits / cases.length,
    ...(cases.length === 0 ? { why: 'there was no case' } : {}),
    numerator: hits,
    denominator: cases.length,
    n: cases.length,
    missing,
    ...(interval && { interval }),
    inputs: cases.map(({ hit, ...rest }) => ({ ...rest, value: hit ? 1 : 0 })),
  };
};

/** Mean of amounts, with what it hides. Cases without an amount are missing. */
export const meanOf = (cases: readonly (Omit<Input, 'value'> & { value: number | undefined })[]): Finding => {
  const inputs = cases.flatMap(({ value, ...rest }) => (value === undefined ? [] : [{ ...rest, value }]));
  const values = inputs.map(({ value }) => value);
  const summary = summaryOf(values);
  const interval = intervalOfMean(values);
  return {
    value: summary?.mean ?? null,
    ...(summary ? {} : { why: 'there was no case of which both ends are known' }),
    n: inputs.length,
    missing: cases.length - inputs.length,
    ...(summary && {
      numerator: summary.mean * summary.n,
      denominator: summary.n,
      summary: {
        mean: summary.mean,
        median: summary.median ?? null,
        p90: summary.p90 ?? null,
        geometricMean: summary.geometricMean ?? null,
        percentiles: 'R-7' as const,
      },
    }),
    ...(values.length > 0 && values.length < fewestForPercentiles && { values }),
    ...(interval && { interval }),
    inputs,
  };
};

/** How many there were. */
export const countOf = (ids: readonly Omit<Input, 'value'>[], missing = 0): Finding => ({
  value: ids.length,
  n: ids.length,
  missing,
  inputs: ids.map((id) => ({ ...id, value: 1 })),
});

/** How many there were for each of so many units of time. */
export const rateOf = (ids: readonly Omit<Input, 'value'>[], units: number): Finding => ({
  ...countOf(ids),
  value: ids.length / units,
  numerator: ids.length,
  denominator: units,
});

/** How many of each class, beside the figure of all. */
export const partsOf = (inputs: readonly Input[], names: readonly string[]): NonNullable<Figures['parts']> =>
  names.map((name) => {
    const n = inputs.filter((input) => input.class === name).length;
    return { name, value: inputs.length === 0 ? null : n / inputs.length, n };
  });

/** Nothing can be said. */
export const inconclusive = (why: string, n = 0, missing = 0): Finding => ({
  value: null,
  why,
  n,
  missing,
  inputs: [],
});
