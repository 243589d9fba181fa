/** The known word that somebody probably meant, as a hint to append; empty when none is near. */
export const hint = (word: string, known: readonly string[]): string => {
  const ranked = known
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    // Of a word of one letter nothing is left when it is another letter.
    .filter((ranking) => ranking.distance < ranking.candidate.length)
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.ceil(best.candidate.length / 3) ? `, did you mean ${best.candidate}?` : '';
};

/** Edits from one word to the other (Levenshtein). Words are short: longer ones are far apart anyway. */
const distance = (a: string, b: string): number => {
  if (Math.abs(a.length - b.length) > 10) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      next.push(Math.min(row[j]! + (letter === other ? 0 : 1), row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
};
