import type { Reference } from './reference.ts';

/** Every id and every reference is made, and read, here. No id is cut out of another one: who owns what is stored. */

export const referenceTo = (kind: string, id: string): Reference => `${kind}/${id}` as Reference;

export const kindOf = (reference: Reference): string => reference.slice(0, reference.indexOf('/'));

export const idOf = (reference: Reference): string => reference.slice(reference.indexOf('/') + 1);

/** The reference as a part of ids that people see: safe in a URL, since names have no dots. */
const dotted = (reference: Reference): string => reference.replace('/', '.');

/** The id that people see: readable, and safe in a URL, since names have no dots. */
export const planIdOf = (service: string, environment: string, triggerKey: string): string =>
  `${service}.${environment}.${triggerKey}`;

export const planReference = (plan: string): Reference => referenceTo('plan', plan);

/** The workflow that carries the plan, and nobody else. */
export const planWorkflowIdOf = (plan: string): string => `operation-plan/${plan.replaceAll('.', '/')}`;

/** The review that a plan in this state asked for. */
export const reviewIdOf = (plan: string, rev: number): string => `${plan}.review.${rev}`;

/** One run of a runbook: the first, second, … that carries out an activity of a record, or undoes it. */
export interface RunPlace {
  belongsTo: Reference;
  activity: string;
  kind: 'run' | 'undo';
  number: number;
}

export const runIdOf = ({ belongsTo, activity, kind, number }: RunPlace): string =>
  [dotted(belongsTo), kind, activity, number].join('.');

export const runWorkflowIdOf = (owner: string, { activity, kind, number }: Omit<RunPlace, 'belongsTo'>): string =>
  `${owner}/runbook/${activity}/${kind}-${number}`;

/** The step of a run whose task this is, and its round. */
export const taskIdOf = (belongsTo: Reference, ...place: (string | number)[]): string =>
  [dotted(belongsTo), 'task', ...place].join('.');

/** The question about the record as a whole, in its `attempt`th asking. */
export const recordApprovalIdOf = (belongsTo: Reference, attempt: number): string =>
  `${dotted(belongsTo)}.approval.${attempt}`;

/** The question that a step of a run puts, in the `round`th try of the step. */
export const stepApprovalIdOf = (run: string, step: string, round: number): string =>
  `${run}.approval.${step}.${round}`;

/** What an approval of a step is about, in words that do not change. */
export const stepSubjectOf = (run: string, step: string): string => `run/${run}/step/${step}`;

/** The entry of the ledger that a record's revision is saved with. */
export const entryKeyOf = (workflowId: string, rev: number): string => `${workflowId}/${rev}`;

/** The effect of a step, or of its undo: the key that its receiver knows it by. */
export const effectKeyOf = (workflowId: string, step: string, round: number): string =>
  `${workflowId}/${step}/${round}`;
export const undoEffectKeyOf = (workflowId: string, step: string, round: number): string =>
  `${workflowId}/${step}/undo/${round}`;
