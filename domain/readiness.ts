import { z } from 'zod';
import { Duration } from './duration.ts';
import { Evidence, Finding } from './evidence.ts';
import { nameOf, Rule } from './annotation.ts';

import { Level } from './service.ts';

export const Severity = z.enum(['blocker', 'major', 'minor']);
export type Severity = z.infer<typeof Severity>;

/** What is looked at without being in any checklist: whether secrets, programs and variables are there. */
export const resourceCheckId = 'EVENKEEL-1';

/** The same of what a spent error budget holds up. */
export const budgetCheckId = 'EVENKEEL-2';

export const ReadinessCheck = z.strictObject({
  id: z
    .string()
    .regex(
      /^(?!EVENKEEL-)[A-Z][A-Z0-9]*-[0-9]+$/,
      'expected an id such as OBS-5; EVENKEEL-… is for what is always looked at',
    ),
  title: z.string().min(1).max(300),
  level: Level.meta({ description: 'Required from this level on' }),
  severity: Severity,
  appliesIf: Rule.optional(),
  evidence: Evidence,
  freshness: Duration.optional().meta({
    description: 'How long a plan relies on an attestation before it looks again',
  }),
  remediation: nameOf('Runbook')
    .optional()
    .meta({ description: 'Runbook that closes the gap; it becomes an activity of the plan' }),
});
export type ReadinessCheck = z.infer<typeof ReadinessCheck>;

export const ReadinessChecklistSpec = z
  .strictObject({ description: z.string().max(1050).default(''), checks: z.array(ReadinessCheck).min(1).max(300) })
  .meta({ id: 'ReadinessChecklistSpec' });
export type ReadinessChecklistSpec = z.infer<typeof ReadinessChecklistSpec>;

export const Waiver = z.strictObject({
  id: z.string(),
  service: z.string(),
  environment: z.string(),
  check: z.string(),
  reason: z.string(),
  requestedBy: z.string(),
  approvedBy: z.string().optional(),
  expiresAt: z.string(),
  /** From then on it counts for nothing. */
  withdrawnBy: z.string().optional(),
});
export type Waiver = z.infer<typeof Waiver>;

export const ReadinessItem = z.strictObject({
  check: z.string(),
  title: z.string(),
  level: Level,
  severity: Severity,
  result: z.enum(['pass', 'fail', 'stale', 'unknown', 'not-applicable', 'waived']),
  finding: Finding,
  waiver: z.strictObject({ reason: z.string(), approvedBy: z.string(), expiresAt: z.string() }).optional(),
  remediation: z.string().optional(),
});
export type ReadinessItem = z.infer<typeof ReadinessItem>;

export const ReadinessVerdict = z.enum(['ready', 'ready-with-conditions', 'not-ready']);
export type ReadinessVerdict = z.infer<typeof ReadinessVerdict>;

/** One look at all checks that apply, signed by who looked. */
export const ReadinessReview = z.strictObject({
  checklist: z.string(),
  checklistRevision: z.number(),
  level: Level,
  levelReached: Level.nullable(),
  items: z.array(ReadinessItem),
  verdict: ReadinessVerdict,
  conditions: z.array(z.string()),
  signature: z.strictObject({ by: z.string(), at: z.string(), evidenceDigest: z.string() }),
});
export type ReadinessReview = z.infer<typeof ReadinessReview>;
