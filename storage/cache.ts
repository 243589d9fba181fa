/**
 * Reads what never changes once it is there, each once: what is missing is asked for again. Bounded, by forgetting all.
 */
export const cached = <Key extends (string | number)[], Found>(
  most: number,
  read: (...parts: Key) => Promise<Found | undefined>,
): ((...parts: Key) => Promise<Found | undefined>) => {
  const known = new Map<string, Found>();
  return async (...parts) => {
    const key = JSON.stringify(parts);
    const before = known.get(key);
    if (before !== undefined) return before;
    const found = await read(...parts);
    if (found === undefined) return undefined;
    if (known.size >= most) known.clear();
    known.set(key, found);
    return found;
  };
};
