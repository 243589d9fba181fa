import { keepable } from '../text.ts';

const mostTexts = 100;

/** What senders write when they mean that no time is set: Go's zero time. */
const unset = /^000[01]-/;

/** The instant that a sender wrote, with `Z`, `+0000` or any other offset; undefined for none, and for the zero of Go. */
export const instantOf = (text: string | undefined): string | undefined => {
  if (text === undefined || unset.test(text)) return undefined;
  const at = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
};

/** The first text that says something, as one line. */
export const titleOf = (...candidates: (string | undefined)[]): string => {
  const found = candidates.map((text) => inOneLine(text ?? '')).find((text) => text !== '');
  return found ?? 'alert';
};

const inOneLine = (text: string): string =>
  keepable(text.slice(0, 2_000).toWellFormed(), 2_000)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 300)
    .toWellFormed()
    .trim();

/** Labels or annotations such that they can be kept: shortened, at most a hundred, none that is empty. */
export const keptTexts = (texts: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(texts)
      .filter(([name, text]) => text !== '' && name !== '__proto__')
      .slice(0, mostTexts)
      .map(([name, text]) => [keepable(name, 200), keepable(text, 4_000)]),
  );

/** A link that people may click; undefined for anything else. */
export const httpLink = (text: string | undefined): string | undefined =>
  text !== undefined && text.length <= 2_000 && /^https?:\/\//i.test(text) && URL.canParse(text) ? text : undefined;
