/** Chance of at least so many where `mean` are expected and each comes by itself (Poisson). */
export const poissonTail = (count: number, mean: number): number => {
  if (count <= 0) return 1;
  if (mean <= 0) return 0;
  return tail(count, -mean, (k) => mean / k, mean);
};

/**
 * Chance of at least so many where counts vary more than by chance, `variance` being above `mean`: negative binomial with r = μ²/(v − μ)
 * and p = r/(r + μ).
 */
export const negativeBinomialTail = (count: number, mean: number, variance: number): number => {
  if (count <= 0) return 1;
  if (mean <= 0) return 0;
  const size = mean ** 2 / (variance - mean);
  const share = size / (size + mean);
  return tail(count, size * Math.log(share), (k) => ((k - 1 + size) / k) * (1 - share), mean);
};

/** Above this ratio of variance to mean, counts vary more than by chance. */
const overdispersed = 1.5;

/** Chance of at least so many, from earlier counts of the same length of time: Poisson, or negative binomial where they vary too much. */
export const chanceOfSoMany = (count: number, earlier: readonly number[]): number => {
  const n = earlier.length;
  const mean = earlier.reduce((sum, value) => sum + value, 0) / n;
  const variance = n < 2 ? mean : earlier.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return mean > 0 && variance / mean > overdispersed
    ? negativeBinomialTail(count, mean, variance)
    : poissonTail(count, mean);
};

/** Sums the smaller side: from 0 below the mean, else upwards until nothing is added any more. */
const tail = (count: number, logFirst: number, ratio: (k: number) => number, mean: number): number => {
  let logTerm = logFirst;
  let below = count > 0 ? Math.exp(logTerm) : 0;
  for (let k = 1; k < count; k += 1) {
    logTerm += Math.log(ratio(k));
    below += Math.exp(logTerm);
  }
  if (count <= mean) return Math.max(0, Math.min(1, 1 - below));
  let above = 0;
  for (let k = count; ; k += 1) {
    logTerm += Math.log(ratio(k));
    const term = Math.exp(logTerm);
    above += term;
    if (term <= above * 1e-16) return Math.min(1, above);
  }
};
