import { sha256 } from './digest.ts';

/** Sixteen hexadecimal digits that stand for one occurrence of a trigger: its source and the sender's fact key. */
export const triggerKeyOf = (source: string, factKey: string): string => sha256(`${source}\n${factKey}`).slice(0, 16);

/** The id that people see: readable, and safe in a URL, since names have no dots. */
export const planIdOf = (service: string, environment: string, triggerKey: string): string =>
  `${service}.${environment}.${triggerKey}`;

/** A UUID that is the same for the same request of the same sender, so that a repeat finds what the first one made. */
export const requestIdOf = (sender: string, operation: string, idempotencyKey: string): string =>
  sha256(`${sender}\n${operation}\n${idempotencyKey}`).replace(
    /^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/,
    '$1-$2-8$3-8$4-$5',
  );

export const planApprovalId = (plan: string, attempt: number): string => `${plan}.approval.${attempt}`;

export const stepApprovalId = (plan: string, activity: string, step: string, round: number): string =>
  `${plan}.approval.${activity}.${step}.${round}`;

/** What an approval is about, in words that do not change. */
export const planSubject = (plan: string): string => `plan/${plan}`;
export const stepSubject = (plan: string, activity: string, step: string): string =>
  `plan/${plan}/activity/${activity}/step/${step}`;

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
