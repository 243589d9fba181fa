import type { z } from 'zod';
import { DomainError } from './errors.ts';

/** What a body may hold at most: more is an attack or a mistake, and is refused before anything is built from it. */
const deepest = 32;
const longestArray = 10_000;
const mostKeys = 1_000;

const [quote, comma, colon, backslash, openArray, closeArray, openObject, closeObject] = [
  0x22, 0x2c, 0x3a, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d,
];
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON value of untrusted bytes. The bytes are looked through once before they are parsed. */
export const readJson = (bytes: Uint8Array): unknown => {
  const text = readText(bytes);
  scan(bytes);
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

/** What a schema makes of a value that somebody sent. The refusal names the first field at fault. */
export const readAs = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const field = path.map(String).join('.');
  throw new DomainError('invalid', field === '' ? message : `${field}: ${message}`, field || undefined);
};

/** Counts nesting, members and elements. Broken syntax is left to the parser; here it only has to stay harmless. */
const scan = (bytes: Uint8Array): void => {
  const commas = new Int32Array(deepest + 1);
  const isObject = new Uint8Array(deepest + 1);
  let depth = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte === quote) {
      at = endOfString(bytes, at);
    } else if (byte === comma) {
      commas[depth]! += 1;
      if (commas[depth]! >= mostKeys) refuseIfLong(commas[depth]!, isObject[depth] === 1);
    } else if (byte === openObject || byte === openArray) {
      depth += 1;
      if (depth > deepest) throw new DomainError('invalid', `the body is nested deeper than ${deepest} levels`);
      commas[depth] = 0;
      isObject[depth] = byte === openObject ? 1 : 0;
    } else if ((byte === closeObject || byte === closeArray) && depth > 0) {
      depth -= 1;
    }
  }
};

const refuseIfLong = (commas: number, isObject: boolean): void => {
  if (isObject) throw new DomainError('invalid', `an object of the body has more than ${mostKeys} keys`);
  if (commas >= longestArray) {
    throw new DomainError('invalid', `an array of the body has more than ${longestArray} elements`);
  }
};

/** Where the string that opens at `start` closes. */
const endOfString = (bytes: Uint8Array, start: number): number => {
  let at = start + 1;
  let isEscaped = false;
  for (; at < bytes.length && bytes[at] !== quote; at += 1) {
    if (bytes[at] !== backslash) continue;
    isEscaped = true;
    at = endOfEscape(bytes, at);
  }
  if (isEscaped || (at - start === 10 && bytes[start + 1] === 0x5f)) refusePrototype(bytes, start, at);
  return at;
};

/** Last byte of the escape at `at`. A NUL or half a surrogate pair could not be kept in the database. */
const endOfEscape = (bytes: Uint8Array, at: number): number => {
  if (bytes[at + 1] !== 0x75) return at + 1;
  const unit = unitAt(bytes, at);
  if (unit === 0) throw new DomainError('invalid', 'the body contains NUL');
  if (unit < 0xd800 || unit > 0xdfff) return at + 5;
  const isPair = unit < 0xdc00 && bytes[at + 6] === backslash && (unitAt(bytes, at + 6) & 0xfc00) === 0xdc00;
  if (!isPair) throw new DomainError('invalid', 'the body contains a lone surrogate');
  return at + 11;
};

/** The code unit of `\uXXXX`; -1 when it is not one. */
const unitAt = (bytes: Uint8Array, at: number): number => {
  if (bytes[at + 1] !== 0x75) return -1;
  const hex = String.fromCharCode(...bytes.subarray(at + 2, at + 6));
  return /^[0-9a-fA-F]{4}$/.test(hex) ? Number.parseInt(hex, 16) : -1;
};

/** A key `__proto__`, also an escaped one, has no honest use and turns into the prototype when objects are merged. */
const refusePrototype = (bytes: Uint8Array, start: number, end: number): void => {
  if (end - start > 64) return;
  let next = end + 1;
  while (bytes[next] === 0x20 || bytes[next] === 0x0a || bytes[next] === 0x0d || bytes[next] === 0x09) next += 1;
  if (bytes[next] !== colon) return;
  const raw = String.fromCharCode(...bytes.subarray(start + 1, end));
  const key = raw.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  if (key === '__proto__') throw new DomainError('invalid', 'the body has a key __proto__');
};
