/**
 * Reads what never changes once it is there, each once: what is missing is asked for again. Bounded, by forgetting all.
 */
export const remember = <Place extends (string | number)[], Found>(
  most: number,
  read: (...place: Place) => Promise<Found | undefined>,
): ((...place: Place) => Promise<Found | undefined>) => {
  const known = new Map<string, Found>();
  return async (...place) => {
    const key = JSON.stringify(place);
    const before = known.get(key);
    if (before !== undefined) return before;
    const found = await read(...place);
    if (found === undefined) return undefined;
    if (known.size >= most) known.clear();
    known.set(key, found);
    return found;
  };
};
