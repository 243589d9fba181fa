import { availableParallelism, cpus } from 'node:os';

/** One figure, as one JSON line: what, how many, and its percentiles (nearest rank). */
export function report(
  name: string,
  unit: string,
  values: readonly number[],
  more: Record<string, unknown> = {},
): void {
  console.log(
    JSON.stringify({
      figure: name,
      unit,
      ...percentiles(values),
      ...more,
      machine: `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown'}`,
    }),
  );
}

export interface Percentiles {
  n: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

export const percentiles = (values: readonly number[]): Percentiles => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
  return { n: values.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
};

export const round = (value: number): number => Math.round(value * 100) / 100;

/** Runs `work` for 0 … count-1, so many at a time; returns the seconds it took. */
export async function inParallel(
  count: number,
  width: number,
  work: (index: number) => Promise<void>,
): Promise<number> {
  const begun = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return (performance.now() - begun) / 1000;
}
