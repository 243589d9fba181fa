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

/** The workflow that carries the plan, and nobody else. */
export const planWorkflowIdOf = (plan: string): string => `operation-plan/${plan.replaceAll('.', '/')}`;

export const planApprovalId = (plan: string, attempt: number): string => `${plan}.approval.${attempt}`;

/** Each run of an activity asks for itself; the first, which most plans have alone, needs no name. */
const runsApart = (workflowId: string): string[] => {
  const run = workflowId.slice(workflowId.lastIndexOf('/') + 1);
  return run === 'run-1' ? [] : [run];
};

/** A step as an approval names it, with the workflow that runs it. */
export interface StepPlace {
  plan: string;
  activity: string;
  step: string;
  workflowId: string;
}

export const stepApprovalId = ({ plan, activity, step, workflowId }: StepPlace, round: number): string =>
  [plan, 'approval', activity, step, ...runsApart(workflowId), round].join('.');

/** What an approval is about, in words that do not change. */
export const planSubject = (plan: string): string => `plan/${plan}`;
export const stepSubject = ({ plan, activity, step, workflowId }: StepPlace): string =>
  ['plan', plan, 'activity', activity, 'step', step, ...runsApart(workflowId)].join('/');

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
