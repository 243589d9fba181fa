/** Text of somebody else's making, short enough and such that PostgreSQL can keep it. */
export const keepable = (text: string, most: number): string =>
  text.slice(0, most).toWellFormed().replaceAll('\0', '\uFFFD');
