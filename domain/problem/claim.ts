import { z } from 'zod';

export const Confidence = z.enum(['low', 'medium', 'high']);

export const Evidence = z.strictObject({
  text: z.string().min(1).max(2_000),
  link: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional(),
});

export const ClaimKind = z.enum(['why', 'is', 'is-not', 'event']).meta({
  description:
    '`why`: a cause of the problem, or of the claim that it answers; `is` and `is-not`: where it shows and where it could but does not; `event`: what happened when',
});

/** Something that is said of the problem, what speaks for it, and whether it holds. A `why` may explain another one. */
export const Claim = z.strictObject({
  number: z.int().min(1),
  kind: ClaimKind,
  text: z.string(),
  /** The claim that it explains; the problem itself where none is named. */
  explains: z.int().min(1).optional(),
  happenedAt: z.string().optional(),
  evidence: z.array(Evidence.extend({ by: z.string(), at: z.string() })),
  confidence: Confidence,
  status: z.enum(['open', 'supported', 'refuted']),
  by: z.string(),
  at: z.string(),
});
export type Claim = z.infer<typeof Claim>;
