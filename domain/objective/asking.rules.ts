/** Instants in milliseconds. */
interface Span {
  from: number;
  until: number;
}

/** Slots that one question asks for at most: a day of minutes. */
export const mostSlots = 1_440;

/** So many of the latest slots are asked for again: what a source hears late is in them. */
const again = 10;

/** A source has to have heard of what it is asked for. */
export const settleMs = 15_000;

/** The end of the last slot that can be asked for. */
export const lastSlotEnd = (now: number, slotMs: number): number => Math.floor((now - settleMs) / slotMs) * slotMs;

/**
 * What is asked for next, so that a series has no gap: first on to the present, then back to where it is wanted from. Undefined
 * when nothing is missing.
 */
export const nextSpan = (
  known: Span | undefined,
  { from, end }: { from: number; end: number },
  slotMs: number,
): Span | undefined => {
  const most = mostSlots * slotMs;
  if (!known) return end > from ? { from: Math.max(from, end - most), until: end } : undefined;
  if (known.until < end) {
    const start = Math.max(known.from, known.until - again * slotMs);
    return { from: start, until: Math.min(end, start + most) };
  }
  return known.from > from ? { from: Math.max(from, known.from - most), until: known.from } : undefined;
};
