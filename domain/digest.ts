import { createHash, hash } from 'node:crypto';

/** JSON with sorted keys, so that equal values have equal text. Undefined members are left out. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : member,
  );

/** SHA-256 in lower-case hex, of bytes or text as they are. */
export const sha256 = (bytes: string | Uint8Array): string => hash('sha256', bytes);

/** The same of text that comes in pieces, too long to be held at once. */
export const sha256Of = (pieces: Iterable<string>): string => {
  const digest = createHash('sha256');
  let some = '';
  for (const piece of pieces) {
    some += piece;
    if (some.length < 65_536) continue;
    digest.update(some);
    some = '';
  }
  return digest.update(some).digest('hex');
};

/** The digest of a value: SHA-256 of its canonical JSON. */
export const digestOf = (value: unknown): string => sha256(canonical(value));

/** A UUID that is the same for the same text. */
export const uuidOf = (text: string): string =>
  sha256(text).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');

/** Sixteen digits of a public key's digest. */
export const keyIdOf = (publicPem: string): string => sha256(publicPem).slice(0, 16);

/** What the signature of an export covers: all of the file as it is before it is signed. */
export const exportText = (file: object): string => `evenkeel export\n${digestOf(file)}`;
