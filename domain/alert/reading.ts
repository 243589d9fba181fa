import { z } from 'zod';
import { AlertFact } from '../alert.ts';
import { sha256 } from '../digest.ts';
import { DomainError } from '../errors.ts';
import { keepable } from '../text.ts';

const mostTexts = 100;
const mostNotes = 20;

/** A text that is used where there is one: what else stands in its place counts as nothing. */
export const maybeText = z.string().optional().catch(undefined);

/** Labels, annotations and details: see `keptTexts`. */
export const Texts = z
  .custom<Readonly<Record<string, unknown>>>(
    (given) => typeof given === 'object' && given !== null && !Array.isArray(given),
    'expected an object of texts',
  )
  .transform((given) => keptTexts(given));

/** The same where it may be missing or something else. */
export const maybeTexts = Texts.catch({});

/** What senders write when they mean that no time is set: Go's zero time. */
const unset = /^000[01]-/;
const writtenTime = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?)(?:([Zz])|([+-]\d\d):?(\d\d))?$/;

/**
 * The instant that a sender wrote, with `Z`, `+0000`, any other offset, or none, which is read as UTC; undefined for anything
 * else, and for the zero of Go.
 */
export const instantOf = (text: string | null | undefined): string | undefined => {
  if (!text || text.length > 64 || unset.test(text)) return undefined;
  const [whole, day, time, , hours, minutes] = writtenTime.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const at = Date.parse(`${day}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`);
  const written = Number.isNaN(at) ? '' : new Date(at).toISOString();
  // An offset may carry the last year of four digits into one of five.
  return /^\d{4}-/.test(written) ? written : undefined;
};

/** The first text that says something, as one line. */
export const lineOf = (most: number, ...candidates: (string | undefined)[]): string | undefined =>
  candidates.map((text) => inOneLine(text ?? '', most)).find((text) => text !== '');

/** What people read first of an alert. */
export const titleOf = (...candidates: (string | undefined)[]): string => lineOf(300, ...candidates) ?? 'alert';

const inOneLine = (text: string, most: number): string =>
  keepable(text.trimStart(), 4 * most)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, most)
    .toWellFormed()
    .trim();

/** How bad the source says that it is, in its words. */
export const severityOf = (text: string | undefined): string | undefined => lineOf(100, text);

/**
 * Texts such that they can be kept: at most a hundred, shortened, none that is empty. Numbers and truth values become texts;
 * what holds more than one value is left out.
 */
export const keptTexts = (given: Readonly<Record<string, unknown>>): Record<string, string> => {
  const kept: Record<string, string> = {};
  let count = 0;
  for (const [name, value] of Object.entries(given)) {
    if (name === '' || name === '__proto__' || !isScalar(value) || value === '') continue;
    kept[keepable(name, 200)] = keepable(String(value), 4_000);
    count += 1;
    if (count === mostTexts) break;
  }
  return kept;
};

const isScalar = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** An identity that can be kept: what is too long for that, or could not be stored, is hashed. */
export const keyOf = (text: string): string =>
  text.length <= 1_000 && keepable(text, 1_000) === text ? text : sha256(text);

/** The first link that people may click. Control characters vanish when a link is opened, so a link has none. */
export const httpLink = (...candidates: (string | undefined)[]): string | undefined =>
  candidates.find(
    (text): text is string =>
      Boolean(text) && !/[\p{Cc}\p{Cs}\s]/u.test(text!) && AlertFact.shape.link.safeParse(text).success,
  );

/** The parts of a body that could be read, and a note on each that could not: it takes nothing else along. */
export const readEach = <Given, Fact>(
  given: readonly Given[],
  placeOf: (at: number) => string,
  read: (one: Given) => Fact,
): { facts: Fact[]; notes: string[] } => {
  const facts: Fact[] = [];
  const refusals: DomainError[] = [];
  const notes: string[] = [];
  for (const [at, one] of given.entries()) {
    try {
      facts.push(read(one));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      refusals.push(error);
      if (notes.length < mostNotes) notes.push(keepable(`${placeOf(at)}: ${error.message}`, 500));
    }
  }
  // A body in which nothing can be read is a mistake of whoever set it up.
  if (facts.length === 0 && refusals[0]) throw new DomainError('invalid', notes[0]!, placeOf(0));
  if (refusals.length > mostNotes) notes.push(`${refusals.length - mostNotes} more could not be read`);
  return { facts, notes };
};
