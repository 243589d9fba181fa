import { artifactKeyOf } from './key.ts';

/** Git abbreviates to seven digits; a whole hash has 40, or 64. */
const isHash = (key: string): boolean => /^[0-9a-f]{7,64}$/i.test(key);
const isWhole = (key: string): boolean => key.length === 40 || key.length === 64;

/** A number of a build or a day is made of hexadecimal digits as well; a hash without a letter is rare. */
const isSurelyHash = (key: string): boolean => /[a-f]/i.test(key) && /\d/.test(key);

/** What an artifact is found by, see `artifactKeyOf`: hashes in one way of writing. */
export const comparableKeyOf = (artifact: string): string => {
  const key = artifactKeyOf(artifact);
  return isHash(key) && (isWhole(key) || isSurelyHash(key)) ? key.toLowerCase() : key;
};

/** Both name a hash of one commit, of which one may be abbreviated. */
const isSameCommit = (one: string, other: string): boolean => {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  return isHash(short) && isHash(long) && long.startsWith(short) && (isWhole(long) || isSurelyHash(short));
};

/** The name of a package URL and its type; undefined for a bare hash, which can be of any. */
const packageOf = (artifact: string): { type: string; name: string } | undefined => {
  const [, type, name] = /^pkg:([^/]+)\/([^?#]*)@[^@]*$/.exec(artifact.split(/[?#]/, 1)[0]!) ?? [];
  return type === undefined ? undefined : { type: type.toLowerCase(), name: name!.toLowerCase() };
};

/** An artifact of an open plan: as it was told, and the longest key that it was told under. */
export interface Told {
  artifact: string;
  key: string;
}

/**
 * Whether two artifacts of one place are the same: their keys are, or one of them is an abbreviated hash of the other's
 * commit. Hashes of two repositories are never compared so.
 */
export const isSameArtifact = (before: Told, artifact: string): boolean => {
  const key = comparableKeyOf(artifact);
  if (key === before.key) return true;
  const [one, other] = [packageOf(before.artifact), packageOf(artifact)];
  const areOthers = one !== undefined && other?.type === one.type && other.name !== one.name;
  return !areOthers && isSameCommit(before.key, key);
};
