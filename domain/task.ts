import { z } from 'zod';
import { Actor } from './actor.ts';
import { Form } from './runbook.ts';

const answers = z.record(z.string(), z.union([z.string().max(5000), z.number(), z.boolean()]));

/** Work that waits for a person: what to do, who, by when. */
export const Task = z.strictObject({
  id: z.string(),
  plan: z.string(),
  /** Workflow that waits for it. */
  workflowId: z.string(),
  activity: z.string(),
  step: z.string().optional(),
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
  closedBy: Actor.optional(),
  closedAt: z.string().optional(),
});
export type Task = z.infer<typeof Task>;

/** A person says that the work is done, or that it could not be done. */
export const CompleteTask = z.strictObject({
  task: z.string(),
  result: z.enum(['done', 'failed']).default('done'),
  answers: answers.default({}),
  reason: z.string().max(1000).default(''),
});
export type CompleteTask = z.infer<typeof CompleteTask>;
