import fc from 'fast-check';
import { AlertFact, type AlertReading, ChangeFact } from '../../domain/alert.ts';
import { DomainError } from '../../domain/errors.ts';
import { keepable } from '../../domain/text.ts';

/** When our clock says that each body came. */
export const receivedAt = '2026-11-28T09:30:00.000Z';

/** The bytes of a body: of a text as it is, of anything else as JSON. */
export const bodyOf = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

/** What is written ahead by some senders. */
export const withMark = (body: Uint8Array): Uint8Array => Uint8Array.from([0xef, 0xbb, 0xbf, ...body]);

const isKept = (value: unknown): boolean =>
  typeof value === 'string'
    ? keepable(value, value.length) === value
    : typeof value !== 'object' || value === null || Object.entries(value).every((member) => member.every(isKept));

/**
 * Whether a body is either read or refused: what is read fits the facts and can be stored, what is refused is refused in words
 * for the sender.
 */
export const isReadOrRefused = (read: () => AlertReading | undefined): boolean => {
  try {
    const { alerts, changes, notes } = read() ?? { alerts: [], changes: [], notes: [] };
    AlertFact.array().parse(alerts);
    ChangeFact.array().parse(changes);
    return isKept(alerts) && isKept(changes) && isKept(notes) && notes.length <= 30;
  } catch (error) {
    if (error instanceof DomainError) return error.code === 'invalid' && error.message !== '';
    throw error;
  }
};

/** Text with everything in it that is no good: half a surrogate pair, NUL, line ends, names of prototypes. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\0', '\ud800', 'a\nb', '__proto__', 'constructor', 'x'.repeat(5_000), '🙂'.repeat(2_500)),
);

export const anyValue = fc.jsonValue({ maxDepth: 3, noUnicodeString: false }) as fc.Arbitrary<unknown>;

/** Mostly what it should be, else anything. */
export const mostly = (expected: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ arbitrary: expected, weight: 4 }, { arbitrary: anyValue, weight: 1 });

export const anyTexts = mostly(fc.dictionary(anyText, fc.oneof(anyText, anyValue)));

export const anyInstant = mostly(
  fc.oneof(
    fc.date({ noInvalidDate: true }).map((at) => at.toISOString()),
    fc.constantFrom('0001-01-01T00:00:00Z', '9999-12-31T23:59:59-14:00', '2026-01-01T00:00:00+0000', 'yesterday', ''),
  ),
);

export const anyLink = mostly(
  fc.constantFrom('', 'https://a.example/x', 'javascript:alert(1)', 'https://a/\0', 'http:a'),
);
