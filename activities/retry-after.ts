/** Nobody is waited for longer than that, whatever a receiver asks. */
const mostMs = 24 * 60 * 60_000;

/**
 * How long a receiver asks to wait, from `Retry-After` in seconds or as a date, at most a day. Undefined when it does not
 * ask, or asks for a moment that has passed.
 */
export function retryAfterMs(headers: Record<string, string>, now: number): number | undefined {
  const asked = headers['retry-after']?.trim() ?? '';
  const ms = /^\d+(?:\.\d+)?$/.test(asked) ? Number(asked) * 1000 : dateOf(asked) - now;
  return ms > 0 ? Math.min(Math.ceil(ms), mostMs) : undefined;
}

/** A date as HTTP has them, in one of three forms; the obsolete ones say nothing of a zone and mean GMT. */
const dateOf = (text: string): number => {
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return Number.NaN;
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
};
