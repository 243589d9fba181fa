import { z } from 'zod';

/** What somebody thinks of how an incident was handled. */
export const RatingAsk = z.strictObject({
  score: z.int().min(1).max(5).meta({ description: '1 is poor, 5 is good' }),
  comment: z.string().min(1).max(1000).optional(),
});
export type RatingAsk = z.infer<typeof RatingAsk>;

/** One of each person: a later one replaces it. */
export const Rating = RatingAsk.extend({ person: z.string(), at: z.string() });
export type Rating = z.infer<typeof Rating>;
