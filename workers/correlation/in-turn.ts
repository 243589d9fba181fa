import { setImmediate as others } from 'node:timers/promises';

const longestMs = 20;

/** Does the same with each, and lets others have their turn in between: rules may take a while with what comes in a storm. */
export const inTurn = async <Item, Result>(items: readonly Item[], work: (item: Item) => Result): Promise<Result[]> => {
  const results: Result[] = [];
  let since = performance.now();
  for (const item of items) {
    results.push(work(item));
    if (performance.now() - since < longestMs) continue;
    await others();
    since = performance.now();
  }
  return results;
};
