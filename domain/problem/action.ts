import { z } from 'zod';
import { PlanId } from '../id.ts';
import { line } from '../line.ts';

export const ActionKind = z.enum(['prevent', 'detect', 'mitigate', 'process']);

export const ActionStrength = z.enum(['eliminate', 'automate', 'detect', 'document']).meta({
  description: 'The stronger, the less it depends on people: from making it impossible to writing it down',
});

/** What somebody is to do about a problem, by when, and what will show that it has helped. */
export const PlannedAction = z.strictObject({
  text: line(500),
  kind: ActionKind.default('prevent'),
  strength: ActionStrength,
  owner: z.string().min(1).max(63),
  dueOn: z.iso.date(),
  reference: z.string().max(500).optional().meta({ description: 'Where it is tracked, such as a ticket' }),
  plan: PlanId.optional().meta({ description: 'The operation plan that brings it to live' }),
});

export const CorrectiveAction = PlannedAction.extend({
  number: z.int().min(1),
  status: z.enum(['open', 'in-progress', 'done', 'verified', 'ineffective', 'dropped']),
  addedBy: z.string(),
  doneAt: z.string().optional(),
  note: z.string().optional(),
  /** Reminders since it was due. */
  chased: z.int(),
});
export type CorrectiveAction = z.infer<typeof CorrectiveAction>;
