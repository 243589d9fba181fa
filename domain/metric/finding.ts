import type { Figures, Input } from '../metric.ts';
import { intervalOfMean } from '../statistics/bootstrap.rules.ts';
import { fewestForPercentiles, sortedOf, summaryOf } from '../statistics/summary.rules.ts';
import { wilson } from '../statistics/wilson.rules.ts';

/** What a figure comes from. It is made when it is looked at: to keep that of millions of incidents, for each metric, takes longer. */
export type Inputs = Iterable<Input>;

/** Figures, with what they come from. */
export interface Finding extends Figures {
  inputs: Inputs;
}

/** An input for each thing that is one. */
export const inputsOf = <Thing>(things: readonly Thing[], inputOf: (thing: Thing) => Input | undefined): Inputs => ({
  *[Symbol.iterator]() {
    for (const thing of things) {
      const input = inputOf(thing);
      if (input) yield input;
    }
  },
});

/** How large a share hits, of inputs of which each is a hit (1) or is none (0). */
export const shareOf = (inputs: Inputs, missing = 0): Finding => {
  let [hits, n] = [0, 0];
  for (const { value } of inputs) {
    hits += value;
    n += 1;
  }
  return { ...ratioOf(hits, n), missing, inputs };
};

/** So many hits of so many. */
export const ratioOf = (hits: number, n: number): Omit<Finding, 'inputs'> => {
  const interval = wilson(hits, n);
  return {
    value: n === 0 ? null : hits / n,
    ...(n === 0 ? { why: 'there was no case' } : {}),
    numerator: hits,
    denominator: n,
    n,
    missing: 0,
    ...(interval && { interval }),
  };
};

/** Mean of amounts, with what it hides. Of so many cases those without an amount are missing. */
export const meanOf = (inputs: Inputs, cases: number): Finding => {
  const values: number[] = [];
  for (const { value } of inputs) values.push(value);
  const sorted = sortedOf(values);
  const summary = summaryOf(sorted);
  const interval = intervalOfMean(sorted);
  return {
    value: summary?.mean ?? null,
    ...(summary ? {} : { why: 'there was no case of which both ends are known' }),
    n: values.length,
    missing: cases - values.length,
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
export const countOf = (inputs: Inputs): Finding => {
  let n = 0;
  for (const _ of inputs) n += 1;
  return { value: n, n, missing: 0, inputs };
};

/** How many there were for each of so many units of time. */
export const rateOf = (inputs: Inputs, units: number): Finding => {
  const { n, ...counted } = countOf(inputs);
  if (units <= 0) return inconclusive('no time of the period has passed yet', n);
  return { ...counted, n, value: n / units, numerator: n, denominator: units };
};

/** How many of each class, beside the figure of all. */
export const partsOf = (inputs: Inputs, names: readonly string[]): NonNullable<Figures['parts']> => {
  const counts = new Map<string | undefined, number>();
  let all = 0;
  for (const { class: of } of inputs) {
    counts.set(of, (counts.get(of) ?? 0) + 1);
    all += 1;
  }
  return names.map((name) => {
    const n = counts.get(name) ?? 0;
    return { name, value: all === 0 ? null : n / all, n };
  });
};

/** Nothing can be said. */
export const inconclusive = (why: string, n = 0, missing = 0): Finding => ({
  value: null,
  why,
  n,
  missing,
  inputs: [],
});
