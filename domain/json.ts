import type { z } from 'zod';
import { faultText } from './catalogue/issue-text.ts';
import { DomainError } from './errors.ts';

/** What a body may hold at most: more is an attack or a mistake, and is refused before anything is built from it. */
const deepest = 32;
const longestArray = 10_000;
const mostKeys = 1_000;

const [quote, comma, backslash, openArray, closeArray, openObject, closeObject] = [
  0x22, 0x2c, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d,
];
/** A byte order mark, as some editors and senders put ahead, is no part of the text. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON value of untrusted bytes. The text is looked through once before it is parsed. */
export const readJson = (bytes: Uint8Array): unknown => {
  const text = readText(bytes);
  scan(text);
  return jsonOf(text);
};

/**
 * The JSON value of bytes whose sender is known and of which only some fields are used, each by a schema. What else is in it may
 * be as odd as it likes: it was kept as bytes, and is never walked through, merged or stored.
 */
export const readSome = (bytes: Uint8Array): unknown => jsonOf(readText(bytes));

/** JSON of a machine that may answer anything; undefined where it is none. */
export const jsonOrNothing = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The JSON value of text. */
export const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /position \d+/.exec(String(error))?.[0];
    throw new DomainError('invalid', position ? `the body is not JSON: error at ${position}` : 'the body is not JSON');
  }
};

/** Text of untrusted bytes, without a lone surrogate; NUL is left to the caller. */
export const readText = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new DomainError('invalid', 'the body is not valid UTF-8');
  }
};

/** What a schema makes of a value that somebody sent, at some place. The refusal names the first field at fault. */
export const readAs = <Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  place: readonly (string | number)[] = [],
): z.output<Schema> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const field = [...place, ...issue.path].map(String).join('.');
  const message = faultText(issue, valueAt(value, issue.path));
  throw new DomainError('invalid', field === '' ? message : `${field}: ${message}`, field || undefined);
};

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? Object.getOwnPropertyDescriptor(inner, key)?.value : undefined,
    value,
  );

/** Counts nesting, members and elements. Broken syntax is left to the parser; here it only has to stay harmless. */
const scan = (text: string): void => {
  const commas = new Int32Array(deepest + 1);
  const isObject = new Uint8Array(deepest + 1);
  let depth = 0;
  let escape = -1;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === quote) {
      // The engine searches many times faster than a loop, and most strings have no escape.
      if (escape < at) escape = firstAt(text, '\\', at);
      const plainEnd = firstAt(text, '"', at + 1);
      const end = escape < plainEnd ? endOfString(text, at) : plainEnd;
      if (escape < end || (end - at === 10 && text[at + 1] === '_')) refusePrototype(text, at, end);
      at = end;
    } else if (unit === comma) {
      commas[depth]! += 1;
      if (commas[depth]! >= mostKeys) refuseIfLong(commas[depth]!, isObject[depth] === 1);
    } else if (unit === openObject || unit === openArray) {
      depth += 1;
      if (depth > deepest) throw new DomainError('invalid', `the body is nested deeper than ${deepest} levels`);
      commas[depth] = 0;
      isObject[depth] = unit === openObject ? 1 : 0;
    } else if ((unit === closeObject || unit === closeArray) && depth > 0) {
      depth -= 1;
    }
  }
};

/** Where it stands next; behind the text when nowhere. */
const firstAt = (text: string, what: string, from: number): number => {
  const at = text.indexOf(what, from);
  return at < 0 ? text.length : at;
};

const refuseIfLong = (commas: number, isObject: boolean): void => {
  if (isObject) throw new DomainError('invalid', `an object of the body has more than ${mostKeys} keys`);
  if (commas >= longestArray) {
    throw new DomainError('invalid', `an array of the body has more than ${longestArray} elements`);
  }
};

/** Where the string that opens at `start` closes, when it may have escapes. */
const endOfString = (text: string, start: number): number => {
  let at = start + 1;
  for (; at < text.length && text.charCodeAt(at) !== quote; at += 1)
    if (text.charCodeAt(at) === backslash) at = endOfEscape(text, at);
  return at;
};

/** Last unit of the escape at `at`. A NUL or half a surrogate pair could not be kept in the database. */
const endOfEscape = (text: string, at: number): number => {
  if (text[at + 1] !== 'u') return at + 1;
  const unit = unitAt(text, at);
  if (unit === 0) throw new DomainError('invalid', 'the body contains NUL');
  if (unit < 0xd800 || unit > 0xdfff) return at + 5;
  const isPair = unit < 0xdc00 && text[at + 6] === '\\' && (unitAt(text, at + 6) & 0xfc00) === 0xdc00;
  if (!isPair) throw new DomainError('invalid', 'the body contains a lone surrogate');
  return at + 11;
};

/** The code unit of `\uXXXX`; -1 when it is not one. */
const unitAt = (text: string, at: number): number => {
  const hex = text.slice(at + 2, at + 6);
  return text[at + 1] === 'u' && /^[0-9a-fA-F]{4}$/.test(hex) ? Number.parseInt(hex, 16) : -1;
};

/** A key `__proto__`, also an escaped one, has no honest use and turns into the prototype when objects are merged. */
const refusePrototype = (text: string, start: number, end: number): void => {
  if (end - start > 64) return;
  let next = end + 1;
  while (' \n\r\t'.includes(text[next] ?? 'x')) next += 1;
  if (text[next] !== ':') return;
  const raw = text.slice(start + 1, end);
  const key = raw.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  if (key === '__proto__') throw new DomainError('invalid', 'the body has a key __proto__');
};
