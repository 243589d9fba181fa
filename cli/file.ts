import { readFileSync } from 'node:fs';
import { CommandFailure } from './failure.ts';

/** The text of a file that somebody named, without the byte order mark that some editors put ahead. */
export const textOfFile = (path: string): string => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
    if (!text.includes('\0')) return text;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw new CommandFailure(2, `${path} cannot be read`, { cause });
  }
  throw new CommandFailure(2, `${path} is no text in UTF-8`);
};
