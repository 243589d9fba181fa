import { z } from 'zod';
import { Actor } from './actor.ts';

/** One line of the ledger: who did what to which thing, when and why. */
export const LedgerEntry = z.strictObject({
  /** Unique, so that writing the same entry twice writes it once. */
  key: z.string(),
  at: z.string(),
  actor: Actor,
  /** `plan.paused`, `approval.vote-reject`, `effect.sent`: noun and past verb. */
  action: z.string(),
  /** `plan/<id>`, `token/<id>`, `catalogue/<revision>`. */
  subject: z.string(),
  plan: z.string().optional(),
  reason: z.string().optional(),
  detail: z.record(z.string(), z.unknown()).optional(),
  /** Of the record that this left behind, as canonical JSON: a copy of it can be held against the ledger. */
  recordDigest: z.string().optional(),
});
export type LedgerEntry = z.infer<typeof LedgerEntry>;
