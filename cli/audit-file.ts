import { z } from 'zod';
import { CommandFailure } from './failure.ts';

// Only what the check looks at: whatever else a part holds is covered by its digest.

const Link = z.looseObject({
  sequence: z.int().nullable(),
  previous: z.string().nullable(),
  hash: z.string().nullable(),
  body: z.string(),
});

const Checkpoint = z.looseObject({
  sequence: z.int(),
  hash: z.string(),
  at: z.string(),
  keyId: z.string(),
  signature: z.string(),
});

/** The chain from the first entry to the checkpoint behind the last, as digests of bodies. */
const Proof = z.looseObject({ previous: z.string(), first: z.int(), bodyHashes: z.array(z.string()) });

const History = z.looseObject({
  workflowId: z.string(),
  runId: z.string(),
  sha256: z.string(),
  history: z.looseObject({ events: z.array(z.looseObject({})).optional() }),
});

const Plan = z.looseObject({
  id: z.string(),
  workflowId: z.string(),
  rev: z.int(),
  revision: z.int(),
  status: z.string(),
  endedAt: z.string().optional(),
  readiness: z.looseObject({ review: z.string() }).optional(),
});

const Vote = z.looseObject({
  seat: z.string(),
  voter: z.string(),
  decision: z.string(),
  reason: z.string(),
  digest: z.string(),
  at: z.string(),
});

const Run = z.looseObject({
  id: z.string(),
  workflowId: z.string(),
  rev: z.int(),
  steps: z.array(z.looseObject({ name: z.string(), status: z.string() })),
});

const Effect = z.looseObject({
  key: z.string(),
  kind: z.string(),
  state: z.string(),
  result: z.looseObject({ detail: z.string() }).nullable(),
});

const Export = z.looseObject({
  format: z.literal('evenkeel-export/v1'),
  record: z.string(),
  ledger: z.array(Link),
  checkpoints: z.array(Checkpoint),
  publicKey: z.string(),
  proof: Proof.nullish(),
  histories: z.array(History),
  plan: Plan.nullish(),
  state: z.looseObject({ workflowId: z.string(), rev: z.int() }).nullish(),
  content: z.looseObject({ digest: z.string(), content: z.looseObject({ revision: z.int() }) }).nullish(),
  readiness: z.looseObject({ verdict: z.string() }).nullish(),
  approvals: z.array(z.looseObject({ id: z.string(), votes: z.array(Vote) })).optional(),
  runs: z.array(Run).optional(),
  effects: z.array(Effect).optional(),
  reports: z.array(z.looseObject({ kind: z.string(), number: z.int() })).optional(),
});

export type Link = z.infer<typeof Link>;
export type Checkpoint = z.infer<typeof Checkpoint>;
export type Proof = z.infer<typeof Proof>;
export type History = z.infer<typeof History>;
export type Vote = z.infer<typeof Vote>;
export type Export = z.infer<typeof Export>;

/** The file as it is, when every part has its shape: a copy might leave out what a digest covers. */
export function exportOf(file: unknown): Export {
  const read = Export.safeParse(file);
  if (read.success) return file as Export;
  const faults = read.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new CommandFailure(1, `this is no file of evenkeel audit export: ${faults.join('; ')}`);
}
