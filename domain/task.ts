import { z } from 'zod';
import { RunId, TaskId } from './id.ts';
import { Actor } from './actor.ts';
import { Reference } from './reference.ts';
import { Form } from './runbook.ts';

const answers = z.record(z.string(), z.union([z.string().max(5000), z.number(), z.boolean()]));

/** Where in its record a task stands: it is an activity by itself, or a step of a run, or the undo of one. */
export const TaskPlace = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('activity'), activity: z.string() }),
  z.strictObject({ of: z.literal('step'), activity: z.string(), run: RunId, step: z.string() }),
]);
export type TaskPlace = z.infer<typeof TaskPlace>;

/** Work that waits for a person: what to do, who, by when. */
export const Task = z.strictObject({
  id: TaskId,
  belongsTo: Reference,
  /** Workflow that waits for it. */
  workflowId: z.string(),
  place: TaskPlace,
  title: z.string(),
  instructions: z.string(),
  form: Form,
  assignee: z.union([z.strictObject({ person: z.string() }), z.strictObject({ team: z.string() })]),
  status: z.enum(['open', 'done', 'failed', 'cancelled', 'skipped']),
  openedAt: z.string(),
  dueAt: z.string(),
  escalated: z.boolean(),
  answers: answers.optional(),
  /** What whoever closed it had to say. */
  reason: z.string().optional(),
  /** Who was to do it before, and why somebody else is; the latest last. */
  reassigned: z
    .array(z.strictObject({ from: z.string(), to: z.string(), by: z.string(), reason: z.string(), at: z.string() }))
    .optional(),
  closedBy: Actor.optional(),
  closedAt: z.string().optional(),
});
export type Task = z.infer<typeof Task>;

/** A person says that the work is done, or that it could not be done. */
export const CompleteTask = z.strictObject({
  task: TaskId,
  result: z.enum(['done', 'failed']).default('done'),
  answers: answers.default({}),
  reason: z.string().max(1000).default(''),
});
export type CompleteTask = z.infer<typeof CompleteTask>;

/** Somebody else is to do it than the person to whom it was given. */
export const ReassignTask = z.strictObject({
  task: TaskId,
  to: z.string().max(63),
  reason: z.string().min(1, 'a reason is needed').max(1000),
});
export type ReassignTask = z.infer<typeof ReassignTask>;
