import { distance } from 'fastest-levenshtein';

/** The known word that somebody probably meant, as a hint to append; empty when none is near. */
export const hint = (word: string, known: readonly string[]): string => {
  const ranked = known
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    // Of a word of one letter nothing is left when it is another letter.
    .filter(({ candidate, edits }) => edits < candidate.length)
    .toSorted((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best && best.edits <= Math.ceil(best.candidate.length / 3) ? `, did you mean ${best.candidate}?` : '';
};
