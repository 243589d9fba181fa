import { sha256 } from '../digest.ts';

/** Sixteen hexadecimal digits that stand for one occurrence of a trigger: its source and the sender's fact key. */
export const triggerKeyOf = (source: string, factKey: string): string => sha256(`${source}\n${factKey}`).slice(0, 16);

/**
 * What two senders have in common when they tell of one artifact: the version behind the last `@` of a package URL,
 * without qualifiers, else the text itself.
 */
export const artifactKeyOf = (artifact: string): string => {
  const [bare = artifact] = artifact.split(/[?#]/);
  const version = bare.slice(bare.lastIndexOf('@') + 1);
  return bare.includes('@') && version.length >= 7 ? decoded(version) : artifact;
};

/** A sender may write a percent sign that encodes nothing. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
