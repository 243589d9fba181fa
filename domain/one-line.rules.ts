/** What somebody has written, as one line of at most so many UTF-16 units that is not cut inside of a character. */
export const oneLine = (text: string, longest: number): string =>
  text
    .replaceAll(/[\s\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, longest)
    .replace(/[\uD800-\uDBFF]$/, '');
