/** An objective is looked at so often. */
export const lookEveryMs = 60_000;

/** Its schedule begins a run so often, should none be under way: that costs more than a look does. */
export const runEveryMs = 10 * lookEveryMs;

/** When a run begins, in milliseconds after each ten minutes of the clock: objectives take turns. */
export const offsetOf = (objective: string): number =>
  objective.split('').reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % (runEveryMs / 1_000), 0) * 1_000;

/** A schedule may be early by its clock: what ends in the last moment is taken for what is under way. */
const marginMs = 5_000;

/** When the run under way looks again; undefined: before that its schedule begins the next run. Instants in milliseconds. */
export const nextLook = (objective: string, begun: number, now: number): number | undefined => {
  const offset = offsetOf(objective);
  const after = (at: number, everyMs: number): number => Math.floor((at - offset) / everyMs + 1) * everyMs + offset;
  const first = after(begun, runEveryMs);
  // A run that is under way when its schedule comes is not followed by another one: it goes on in its place.
  const until = now < first - marginMs ? first : after(now + marginMs, runEveryMs);
  const next = after(now, lookEveryMs);
  return next < until ? next : undefined;
};
