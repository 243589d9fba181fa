import { LRUCache } from 'lru-cache';

const mostKeys = 50_000;

/**
 * When something came, later than all before it under the same key: a beginning, an end and the same bytes again within one
 * millisecond are three things, in this order.
 */
export const createInstants = () => {
  const last = new LRUCache<string, number>({ max: mostKeys });
  return (key: string): string => {
    const at = Math.max(Date.now(), (last.get(key) ?? 0) + 1);
    last.set(key, at);
    return new Date(at).toISOString();
  };
};
