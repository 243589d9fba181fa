/** The workflow's own time, as text. */
export const now = (): string => inTime(0);

/** The time in so many milliseconds, as text. */
export const inTime = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();
