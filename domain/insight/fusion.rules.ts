const flatness = 60;

/** Ranks from 1, the best first; those that are equally good share one. What has no score has no rank. */
export const ranked = <Item>(
  items: readonly Item[],
  scoreOf: (item: Item) => number | undefined,
): ReadonlyMap<Item, number> => {
  const scored = items
    .map((item) => ({ item, score: scoreOf(item) }))
    .filter((each): each is { item: Item; score: number } => each.score !== undefined)
    .toSorted((a, b) => b.score - a.score);
  const ranks = new Map<Item, number>();
  for (const [at, { item, score }] of scored.entries()) {
    const before = scored[at - 1];
    ranks.set(item, before?.score === score ? ranks.get(before.item)! : at + 1);
  }
  return ranks;
};

/** How good an item is by several rankings together: Σ 1/(60 + rank) (Cormack, Clarke and Büttcher, 2009). */
export const fused = <Item>(item: Item, rankings: readonly ReadonlyMap<Item, number>[]): number =>
  rankings.reduce((sum, ranking) => {
    const rank = ranking.get(item);
    return rank === undefined ? sum : sum + 1 / (flatness + rank);
  }, 0);
