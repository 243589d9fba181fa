/** What is known of all documents together. */
export interface Corpus {
  documents: number;
  /** In words. */
  averageLength: number;
  /** How many documents have a word. */
  holding: (word: string) => number;
}

const saturation = 1.2;
const lengthWeight = 0.75;

const rarity = ({ documents, holding }: Corpus, word: string): number => {
  const having = Math.min(documents, holding(word));
  return Math.log1p((documents - having + 0.5) / (having + 0.5));
};

/**
 * How much a document says of what is asked for: Okapi's BM25 (Robertson and Zaragoza, 2009) with k1 1.2 and b 0.75, and the rarity that
 * is never negative, as Lucene has it. A word that is asked for twice counts once.
 */
export const bm25 = (asked: readonly string[], document: readonly string[], corpus: Corpus): number => {
  const { averageLength } = corpus;
  const norm = 1 - lengthWeight + (lengthWeight * document.length) / Math.max(averageLength, 1);
  let score = 0;
  for (const word of new Set(asked)) {
    const count = document.filter((other) => other === word).length;
    if (count > 0) score += (rarity(corpus, word) * count * (saturation + 1)) / (count + saturation * norm);
  }
  return score;
};
