/**
 * Chance that a standard normal value lies above z. By the continued fraction of the complementary error function far out and by its
 * series near zero, to about 1e-12 (Abramowitz and Stegun, 7.1.6 and 26.2.14).
 */
export const normalTail = (z: number): number => {
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let [term, sum] = [z, z];
    for (let k = 1; Math.abs(term) > 1e-17 * sum; k += 1) {
      term *= z ** 2 / (2 * k + 1);
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = z;
  for (let k = 60; k > 0; k -= 1) fraction = z + k / fraction;
  return density / fraction;
};
