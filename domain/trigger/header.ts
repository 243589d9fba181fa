import { DomainError } from '../errors.ts';
import { readText } from '../json.ts';

/** Quotes go first. Raw letters are UTF-8, which Node hands over byte by byte; what is none is refused. */
export const headerText = (name: string, value: string | readonly string[]): string => {
  if (typeof value !== 'string') throw new DomainError('invalid', `header ${name} occurs more than once`, name);
  const bare = /^".*"$/s.test(value) ? value.slice(1, -1).replace(/\\(.)/gs, '$1') : value;
  try {
    const text = readText(Buffer.from(bare, 'latin1'));
    if (!/[^\P{Cc}\t]/u.test(text)) return text;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
  }
  throw new DomainError('invalid', `header ${name} is not UTF-8 text`, name);
};

/** Percent escapes are decoded once; of a sender that does not write any, a percent sign is one. */
export const percentDecoded = (text: string): string => {
  try {
    const plain = decodeURIComponent(text);
    return plain.includes('\0') ? text : plain;
  } catch {
    return text;
  }
};
