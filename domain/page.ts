import { z } from 'zod';
import { Severity } from './severity.ts';

/** What a page carries beside its words: by this it is judged whether somebody still needs it, and who is tried after it. */
export const PageFacts = z.strictObject({
  incident: z.int(),
  /** The state of the incident in which it was asked for, and when by the workflow's clock. */
  rev: z.int(),
  at: z.string(),
  severity: Severity,
  person: z.string(),
  /** One person in one turn of the escalation, and which of their contacts this is, from 0. */
  turn: z.string(),
  place: z.int(),
  /** Whose budget it comes from; none where each incident has to be sent for itself. */
  contact: z.string().optional(),
  /** Its quiet hours last until then. */
  notBefore: z.string().optional(),
});
export type PageFacts = z.infer<typeof PageFacts>;

/** How a page is tried again, in milliseconds, until the incident needs it no longer. */
export const pageTries = {
  delaysMs: [0, 1_000, 5_000, 15_000, 30_000],
  everyMs: 60_000,
  /** So long; slower after that. */
  forMs: 60 * 60_000,
  laterEveryMs: 5 * 60_000,
  /** Nobody who asks for time gets more. */
  mostRetryAfterMs: 5 * 60_000,
  /** After so long without success the person's next contact is paged as well. */
  nextContactAfterMs: 60_000,
} as const;

/** Pages that one contact gets: so many at once, and as many again in this time. What is more waits and becomes one digest. */
export interface PageBudget {
  most: number;
  withinMs: number;
}
export const pageBudget: PageBudget = { most: 10, withinMs: 5 * 60_000 };
/** PagerDuty takes 120 a minute of one integration: so many at once, and as many again in that minute. */
export const pagerDutyBudget: PageBudget = { most: 60, withinMs: 60_000 };

/** How long until the next try, after so many, the first of which was `sinceMs` ago. */
export const pageDelayMs = (tries: number, sinceMs: number, retryAfterMs = 0): number => {
  const { delaysMs, everyMs, forMs, laterEveryMs, mostRetryAfterMs } = pageTries;
  const usual = delaysMs[tries] ?? (sinceMs < forMs ? everyMs : laterEveryMs);
  return Math.max(usual, Math.min(retryAfterMs, mostRetryAfterMs));
};
