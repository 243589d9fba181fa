import { z } from 'zod';
import { Identification } from '../problem.ts';
import { ProblemRule } from '../problem-policy.ts';
import { line } from '../line.ts';

const name = z.string().max(63);

/** That something may be a problem, by which rule, and what it stands on. */
export const ProblemFinding = z.strictObject({
  /** What it is about: one problem at a time is open for it. */
  pattern: z.string().max(1_000),
  rule: ProblemRule,
  identification: Identification,
  title: line(300),
  team: name,
  service: name.optional(),
  privateTo: z.array(name).min(1).optional(),
  /** The incidents that show it, the first at first. */
  incidents: z.array(z.int().min(1)).max(200),
  /** What shows it, in numbers. */
  why: z.string().max(1_000),
  /** From when on it was found (ISO 8601); what was settled since is not opened again. */
  from: z.string().optional(),
});
export type ProblemFinding = z.infer<typeof ProblemFinding>;
