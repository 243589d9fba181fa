import { isCollision, isUnavailable } from './database.ts';

const widest = 200;
/** Of one statement, in bytes: the database gives each only so much time. */
const heaviest = 4 * 1024 * 1024;

interface Committing<Item, Row> {
  /** Items of one key never meet in one statement, which may not touch a row twice. */
  keyOf(item: Item): string;
  /** Bytes that the item adds to a statement. */
  weightOf?(item: Item): number;
  /** Writes items with one statement; the rows that came of it by key. */
  write(items: readonly Item[]): Promise<ReadonlyMap<string, Row>>;
}

/**
 * Group commit: what is written while a statement is under way goes into the next one, so that a storm costs few commits
 * and a single item waits for nobody. One at a time, since two of half the width cost the database more. An item that the
 * database refuses does not take along those that were written with it, nor does a deadlock.
 */
export const createGroupCommit = <Item, Row>({
  keyOf,
  write,
  weightOf = () => 0,
}: Committing<Item, Row>): ((item: Item) => Promise<Row | undefined>) => {
  interface Waiting {
    item: Item;
    done(row: Row | undefined): void;
    failed(error: unknown): void;
  }
  let queue: Waiting[] = [];
  let isUnderWay = false;

  const flush = (): void => {
    if (queue.length === 0 || isUnderWay) return;
    isUnderWay = true;
    void writeAll(takeDistinct()).finally(() => {
      isUnderWay = false;
      flush();
    });
  };

  const writeAll = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const rows = await write(batch.map(({ item }) => item));
      for (const { item, done } of batch) done(rows.get(keyOf(item)));
    } catch (error) {
      const isWorthAnotherTry = !isUnavailable(error) || isCollision(error);
      if (batch.length > 1 && isWorthAnotherTry) await Promise.all(batch.map((waiting) => writeAll([waiting])));
      else for (const { failed } of batch) failed(error);
    }
  };

  // In the order of keys, so that statements which meet wait for each other in one order.
  const takeDistinct = (): Waiting[] => {
    const taken = new Map<string, Waiting>();
    const left: Waiting[] = [];
    let weight = 0;
    for (const waiting of queue) {
      const key = keyOf(waiting.item);
      const heavier = weight + weightOf(waiting.item);
      if (taken.size === 0 || (taken.size < widest && heavier <= heaviest && !taken.has(key))) {
        taken.set(key, waiting);
        weight = heavier;
      } else left.push(waiting);
    }
    queue = left;
    return [...taken].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, waiting]) => waiting);
  };

  return (item) =>
    new Promise((done, failed) => {
      queue.push({ item, done, failed });
      flush();
    });
};
