import { z } from 'zod';
import { line } from './line.ts';

/** What operations have learnt, and somebody else has to answer. */
export const SignalKind = z.enum([
  'repeated-failure-mode',
  'change-caused-incidents',
  'late-readiness-gap',
  'supplier-below-sla',
  'objective-unmet',
  'objective-unused',
  'detection',
  'toil',
  'friction',
]);
export type SignalKind = z.infer<typeof SignalKind>;

/** Where in the life of a product something is to be improved. */
export const TargetStage = z.enum(['discover', 'design', 'acquire', 'build', 'transition', 'support']);
export type TargetStage = z.infer<typeof TargetStage>;

/** A condition that holds, before anybody was told. */
export const Condition = z.strictObject({
  kind: SignalKind,
  service: z.string().optional(),
  /** What it is about, so that the same is raised once: a problem, a key of alerts, a check. */
  cluster: z.string().max(300),
  targetStages: z.array(TargetStage).min(1),
  severity: z.enum(['high', 'medium', 'low']),
  action: line(300),
  why: line(500),
  /** References of what it stands on. */
  evidence: z.array(z.string()).max(200),
});
export type Condition = z.infer<typeof Condition>;

export const SignalStatus = z.enum(['open', 'accepted', 'rejected', 'done']);

/** An improvement signal, from the day it was raised until it is done or rejected. */
export const ImprovementSignal = Condition.extend({
  id: z.string(),
  team: z.string().meta({ description: 'Who has to answer: the team of the service' }),
  status: SignalStatus,
  raisedAt: z.string(),
  /** When an answer is due, or what was accepted is to be done. */
  dueAt: z.string(),
  seenAt: z.string().meta({ description: 'When the condition held last' }),
  answers: z.array(
    z.strictObject({
      answer: z.enum(['accepted', 'rejected', 'done']),
      by: z.string(),
      at: z.string(),
      reason: z.string(),
      effect: z.string().optional(),
    }),
  ),
  chased: z.int(),
});
export type ImprovementSignal = z.infer<typeof ImprovementSignal>;

export const SignalAnswer = z.strictObject({
  answer: z.enum(['accepted', 'rejected', 'done']),
  reason: z.string().min(1, 'a reason is needed').max(1000),
  effect: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: 'What was measured afterwards; needed where it is done' }),
  doneBy: z.iso.date().optional().meta({ description: 'Until when what is accepted is done; 90 days unless said' }),
});
export type SignalAnswer = z.infer<typeof SignalAnswer>;
