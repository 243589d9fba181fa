import { z } from 'zod';
import { RunbookRun, StepRun } from './runbook-run.ts';

/** One time that a request was sent or a program ran for a step, with what the target said. */
export const StepTry = z.strictObject({
  at: z.string(),
  of: z.enum(['step', 'undo']),
  /** Absent while nobody knows how it ended. */
  ok: z.boolean().optional(),
  detail: z.string().optional(),
  output: z.string().optional(),
});
export type StepTry = z.infer<typeof StepTry>;

/** What the target of a step said last, for a person whose task comes after it. */
export const StepSaid = z.strictObject({
  step: z.string(),
  ok: z.boolean().optional(),
  detail: z.string(),
  output: z.string(),
});
export type StepSaid = z.infer<typeof StepSaid>;

/** A run with all that was tried for its steps. */
export const RunWithTries = RunbookRun.extend({ steps: z.array(StepRun.extend({ tries: z.array(StepTry) })) });
export type RunWithTries = z.infer<typeof RunWithTries>;
