import { CommandFailure } from './failure.ts';

/** A key as a header can have it: those letters of a person's language that Latin-1 lacks have no place there. */
export const sendableKey = (key: string): string => {
  if (/^[\x20-\x7e\xa0-\xff]{1,200}$/.test(key) && key.trim() === key) return key;
  const expected = 'a key has 1 to 200 letters, digits and signs of Latin-1, and no spaces around them';
  throw new CommandFailure(2, `--key ${JSON.stringify(key)}: ${expected}`);
};

/** What cannot even be made was never sent: that is a mistake here, and no API that is away. */
export const requestOf = (url: string, how: RequestInit): Request => {
  try {
    return new Request(url, how);
  } catch (cause) {
    // Its message is not shown: it may repeat what was to be sent.
    throw new CommandFailure(2, 'the value of an argument or a setting cannot be sent', { cause });
  }
};

/** Some ports belong to other services, and no client of HTTP asks them. */
export const isBadPort = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof Error && error.cause.message === 'bad port';
