import { z } from 'zod';
import { line } from '../line.ts';

const name = z.string().min(1).max(63);

/** What an incident has to show to be one of these. Everything that is named has to be there. */
export const ErrorSignature = z
  .strictObject({
    titles: z
      .array(line(300))
      .max(20)
      .default([])
      .meta({ description: 'Titles of alerts or incidents, one of which it has; `*` stands for anything' }),
    services: z.array(name).max(50).default([]).meta({ description: 'One of which it is about' }),
  })
  .refine(({ titles, services }) => titles.length + services.length > 0, 'expected titles, or services');

/** A cause that is known and can be lived with until it is gone: what it looks like, and what helps meanwhile. */
export const KnownErrorDocument = z
  .strictObject({
    signature: ErrorSignature,
    symptom: z.string().min(1).max(2_000),
    cause: z.string().min(1).max(2_000),
    workaround: z.string().max(5_000).default('').meta({ description: 'What a person does' }),
    runbook: name.optional().meta({ description: 'What Evenkeel can do: a runbook that restores' }),
    validity: z.string().max(500).optional().meta({ description: 'Such as versions that have it' }),
  })
  .refine(({ workaround, runbook }) => workaround !== '' || runbook !== undefined, {
    path: ['workaround'],
    error: 'say what helps meanwhile: a workaround, a runbook, or both',
  });
export type KnownErrorDocument = z.infer<typeof KnownErrorDocument>;

export const KnownError = z.strictObject({
  ...KnownErrorDocument.shape,
  /** Counts what was published. */
  version: z.int(),
  publishedBy: z.string(),
  publishedAt: z.string(),
});
export type KnownError = z.infer<typeof KnownError>;
