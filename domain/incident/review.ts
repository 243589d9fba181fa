import { z } from 'zod';

const text = z.string().max(20_000).default('');
const lines = z.array(z.string().min(1).max(2_000)).max(100).default([]);

/** "Human error" explains nothing: what made it likely does. */
const isCause = (factor: string): boolean => !/^\W*human (?:error|failure|mistake)\W*$/i.test(factor);

/** Something to be done, by whom and by when, and what will show that it has helped. */
export const ReviewAction = z.strictObject({
  text: z.string().min(1).max(2_000),
  owner: z.string().min(1).max(63),
  dueOn: z.iso.date(),
  kind: z.enum(['prevent', 'detect', 'mitigate', 'process']),
  priority: z.enum(['P0', 'P1', 'P2', 'P3']),
  effect: z.string().min(1, 'what will show its effect?').max(1_000),
  reference: z.string().max(500).optional(),
});
export type ReviewAction = z.infer<typeof ReviewAction>;

/** What people write in a review. Its timeline is that of the incident, and needs no writing. */
export const ReviewDocument = z.strictObject({
  owner: z.string().max(63).optional(),
  overview: text,
  happened: text,
  impact: text,
  trigger: text,
  detection: text,
  resolution: text,
  factors: z
    .array(z.string().min(1).max(2_000).refine(isCause, 'human error is no cause: what made it likely?'))
    .max(100)
    .default([]),
  wentWell: lines,
  wentBadly: lines,
  lucky: lines,
  actions: z.array(ReviewAction).max(50).default([]),
});
export type ReviewDocument = z.infer<typeof ReviewDocument>;

/** A review, from its opening to its sign-off, and what became of its actions. */
export const Review = z.strictObject({
  /** Why it is held. */
  because: z.string(),
  dueAt: z.string(),
  /** Counts what was written, so that nobody overwrites what they have not read. */
  version: z.int(),
  status: z.enum(['draft', 'in-review', 'reviewed']),
  document: ReviewDocument.extend({
    actions: z.array(
      ReviewAction.extend({ doneAt: z.string().optional(), note: z.string().optional(), chased: z.int() }),
    ),
  }),
  /** Who wrote in it: somebody else signs it. */
  authors: z.array(z.string()),
  chased: z.int(),
  signedBy: z.string().optional(),
  signedAt: z.string().optional(),
});
export type Review = z.infer<typeof Review>;
