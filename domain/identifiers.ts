import type { ApprovalId, PlanId, RunId, TaskId } from './id.ts';
import type { Reference } from './reference.ts';

/** Every id and every reference is made, and read, here. Who owns what is stored: it is not read out of ids elsewhere. */

export const referenceTo = (kind: string, id: string): Reference => `${kind}/${id}` as Reference;

export const kindOf = (reference: Reference): string => reference.slice(0, reference.indexOf('/'));

export const idOf = (reference: Reference): string => reference.slice(reference.indexOf('/') + 1);

/** The reference as a part of ids that people see: safe in a URL, since names have no dots. */
const dotted = (reference: Reference): string => reference.replace('/', '.');

/** The id that people see: readable, and safe in a URL, since names have no dots. */
export const planIdOf = (service: string, environment: string, triggerKey: string): PlanId =>
  `${service}.${environment}.${triggerKey}` as PlanId;

/** The plan id in its reference. */
export const planIdIn = (reference: Reference): PlanId => idOf(reference) as PlanId;

export const planReference = (plan: PlanId): Reference => referenceTo('plan', plan);

/** The workflow that carries the plan, and nobody else. */
export const planWorkflowIdOf = (plan: PlanId): string => `operation-plan/${plan.replaceAll('.', '/')}`;

/** Incidents are numbered, so that people can say which. */
export const incidentReference = (number: number): Reference => referenceTo('incident', String(number));

/** The workflow that carries the incident, and nobody else. */
export const incidentWorkflowIdOf = (number: number): string => `incident/${number}`;

/** Problems are numbered, too. */
export const problemReference = (number: number): Reference => referenceTo('problem', String(number));

/** The workflow that carries the problem, and nobody else. */
export const problemWorkflowIdOf = (number: number): string => `problem/${number}`;

/** A report of a scope and a period, and the workflow that writes it. */
export const reportReference = (report: string): Reference => referenceTo('performance-report', report);

export const budgetHoldReference = (hold: string): Reference => referenceTo('budget-hold', hold);
/** A run that looks for patterns, and the workflow that does. */
export const patternRunReference = (run: string): Reference => referenceTo('pattern-run', run);

/** A routine of the catalogue: what is written down and told about it. */
export const routineReference = (routine: string): Reference => referenceTo('routine', routine);

export const signalReference = (signal: string): Reference => referenceTo('improvement-signal', signal);

/** The review that a plan in this state asked for. */
export const reviewIdOf = (plan: PlanId, rev: number): string => `${plan}.review.${rev}`;

/** One run of a runbook: the first, second, … that carries out an activity of a record, or undoes it. */
export interface RunPlace {
  belongsTo: Reference;
  activity: string;
  kind: 'run' | 'undo';
  number: number;
}

export const runIdOf = ({ belongsTo, activity, kind, number }: RunPlace): RunId =>
  [dotted(belongsTo), kind, activity, number].join('.') as RunId;

export const runWorkflowIdOf = (owner: string, { activity, kind, number }: Omit<RunPlace, 'belongsTo'>): string =>
  `${owner}/runbook/${activity}/${kind}-${number}`;

/** What the ids of all runs of an activity begin with; its number ends each. */
export const runWorkflowIdsOf = (owner: string, activity: string): string => `${owner}/runbook/${activity}/run-`;

/** The task of an activity or of a step of a run, and its round. */
export const taskIdOf = (belongsTo: Reference, ...place: (string | number)[]): TaskId =>
  [dotted(belongsTo), 'task', ...place].join('.') as TaskId;

/** The question about the record as a whole, in its `attempt`th asking. */
export const recordApprovalIdOf = (belongsTo: Reference, attempt: number): ApprovalId =>
  `${dotted(belongsTo)}.approval.${attempt}` as ApprovalId;

/** The question that a step of a run puts, in the `round`th try of the step. */
export const stepApprovalIdOf = (run: RunId, step: string, round: number): ApprovalId =>
  `${run}.approval.${step}.${round}` as ApprovalId;

/** What an approval of a step is about, in words that do not change. */
export const stepSubjectOf = (run: RunId, step: string): string => `run/${run}/step/${step}`;

/** The entry of the ledger that a record's revision is saved with. */
export const entryKeyOf = (workflowId: string, rev: number): string => `${workflowId}/${rev}`;

/** The effect of a step, or of its undo: the key that its receiver knows it by. */
export const effectKeyOf = (workflowId: string, step: string, round: number): string =>
  `${workflowId}/${step}/${round}`;
export const undoEffectKeyOf = (workflowId: string, step: string, round: number): string =>
  `${workflowId}/${step}/undo/${round}`;

/** What the effect of a key is of, if it is one of this step: the step itself or its undo, at whichever try. */
export const isEffectOf = (key: string, workflowId: string, step: string): 'step' | 'undo' | undefined => {
  const start = `${workflowId}/${step}/`;
  const [, back] = (key.startsWith(start) && /^(undo\/|)\d+(?:\/attempt-\d+)?$/.exec(key.slice(start.length))) || [];
  return back === undefined ? undefined : back === '' ? 'step' : 'undo';
};

/** The variable of the environment that a secret is read from first. */
export const secretVariableOf = (secret: string): string =>
  `EVENKEEL_SECRET_${secret.toUpperCase().replaceAll('-', '_')}`;
