import { LRUCache } from 'lru-cache';

/** Reads what never changes once it is there, each once: what is missing is asked for again. */
export const cached = <Key extends (string | number)[], Found extends object>(
  max: number,
  read: (...parts: Key) => Promise<Found | undefined>,
): ((...parts: Key) => Promise<Found | undefined>) => {
  const known = new LRUCache<string, Found>({ max });
  return async (...parts) => {
    const key = JSON.stringify(parts);
    const before = known.get(key);
    if (before) return before;
    const found = await read(...parts);
    known.set(key, found);
    return found;
  };
};
