import { z } from 'zod';

/** Text that people read in mails and tables: a sender adds no line of its own to them. */
export const line = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'expected one line of text');
