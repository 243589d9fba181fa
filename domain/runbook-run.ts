import { z } from 'zod';
import { RunId } from './id.ts';
import { Reference } from './reference.ts';
import type { SingleStep, Undo } from './runbook.ts';
import { CompleteTask, ReassignTask, Task } from './task.ts';

/** What the workflow has to know of a step; all else is loaded from the plan in PostgreSQL where it runs. */
export interface StepOutline extends Pick<SingleStep, 'name' | 'kind' | 'onFailure'> {
  attempts: number;
  everyMs: number;
  timeoutMs: number;
  /** `wait` and `check`: how long. */
  forMs?: number | undefined;
  checkEveryMs?: number | undefined;
  undo?: Pick<Undo, 'kind'> | undefined;
}

export const StepStatus = z.enum([
  'planned',
  'running',
  'done',
  'failed',
  'skipped',
  'undoing',
  'undone',
  'undo-failed',
  'left',
]);
export type StepStatus = z.infer<typeof StepStatus>;

/** Why somebody had a step tried again, and what the try before had come to. */
const StepRetry = z.strictObject({ by: z.string(), reason: z.string(), at: z.string(), failed: z.string().optional() });

export const StepRun = z.strictObject({
  name: z.string(),
  kind: z.string(),
  status: StepStatus,
  hasUndo: z.boolean(),
  /** Grows with each retry that a person orders; part of the effect's key. */
  round: z.int(),
  undoRound: z.int(),
  detail: z.string().optional(),
  /** Why it did not begin at once. */
  held: z.string().optional(),
  /** Retries that people have ordered, of the step or of its undo; the last twenty. */
  retries: z.array(StepRetry).optional(),
  /** Failed before anything reached the target, in every attempt. */
  neverSent: z.literal(true).optional(),
  /** A person is asked what to do about its failure. */
  asks: z.literal(true).optional(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
});
export type StepRun = z.infer<typeof StepRun>;

/** One execution of a runbook for an activity of a record. */
export const RunbookRun = z.strictObject({
  id: RunId,
  workflowId: z.string(),
  belongsTo: Reference,
  /** Of the record, as it was decided on. */
  revision: z.int(),
  activity: z.string(),
  runbook: z.string(),
  purpose: z.enum(['run', 'undo', 'undo-steps']),
  status: z.enum(['running', 'asking', 'undoing', 'done', 'undone', 'failed']),
  rev: z.int(),
  paused: z.boolean(),
  isCancelling: z.boolean(),
  steps: z.array(StepRun),
  tasks: z.array(Task),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  outcome: z.string().optional(),
});
export type RunbookRun = z.infer<typeof RunbookRun>;

const reason = z.string().min(1, 'a reason is needed').max(1000);

export const RunAsk = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('retry-step'), step: z.string().max(63), reason }),
  z.strictObject({ type: z.literal('skip-step'), step: z.string().max(63), reason }),
  CompleteTask.extend({ type: z.literal('complete-task') }),
  ReassignTask.extend({ type: z.literal('reassign-task') }),
]);
export type RunAsk = z.infer<typeof RunAsk>;
export type RunAskOf<Type extends RunAsk['type']> = Extract<RunAsk, { type: Type }>;

/** What a run is for, which does not change. */
type RunPurpose = Pick<RunbookRun, 'id' | 'workflowId' | 'belongsTo' | 'revision' | 'activity' | 'runbook' | 'purpose'>;

/** What starts a run. */
export interface RunInput extends RunPurpose {
  team: string;
  executors: string[];
  round: number;
  /** For `undo-steps`: the steps that were done, in the order in which they were done. */
  done: RunEnd['done'];
  /** In their order; those that stand side by side are one group. */
  outline: StepOutline[][];
  decideWithinMs: number;
  messagesPerRun: number;
}

/** How a run ended; `done` are the steps that stay done, in order, for a later undo. */
export interface RunEnd {
  status: 'done' | 'undone' | 'failed';
  outcome: string;
  done: { name: string; round: number }[];
}
