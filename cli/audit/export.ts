import { z } from 'zod';
import { CommandFailure } from '../failure.ts';

// Only what the check looks at: whatever else a part holds is covered by its digest.
const text = z.string();

const Link = z.looseObject({
  sequence: z.int().nullable(),
  previous: text.nullable(),
  hash: text.nullable(),
  body: text,
});

const Checkpoint = z.looseObject({
  number: z.int(),
  sequence: z.int(),
  hash: text,
  at: text,
  keyId: text,
  signature: text,
});

/** The chain from the first entry to the checkpoint behind the last, as digests of bodies. */
const Proof = z.looseObject({ previous: text, first: z.int(), bodyHashes: z.array(text) });

const History = z.looseObject({
  workflowId: text,
  runId: text,
  sha256: text,
  history: z.looseObject({ events: z.array(z.looseObject({})).optional() }),
});

const Plan = z.looseObject({
  id: text,
  workflowId: text,
  rev: z.int(),
  revision: z.int(),
  status: text,
  endedAt: text.optional(),
  readiness: z.looseObject({ review: text }).optional(),
});

const Incident = z.looseObject({ number: z.int(), workflowId: text, rev: z.int(), status: text, team: text });

const Vote = z.looseObject({ seat: text, voter: text, decision: text, reason: text, digest: text, at: text });

const Run = z.looseObject({
  id: text,
  workflowId: text,
  rev: z.int(),
  purpose: text,
  steps: z.array(z.looseObject({ name: text, kind: text, status: text })),
});

const Effect = z.looseObject({
  key: text,
  kind: text,
  state: text,
  result: z.looseObject({ detail: text }).nullable(),
});

const Export = z.looseObject({
  format: z.literal('evenkeel-export/v1'),
  record: text,
  ledger: z.array(Link),
  checkpoints: z.array(Checkpoint),
  publicKey: text,
  signature: text,
  proof: Proof.nullish(),
  histories: z.array(History),
  plan: Plan.nullish(),
  incident: Incident.nullish(),
  alerts: z.array(z.looseObject({ fingerprint: text })).optional(),
  publicUpdates: z.array(z.looseObject({ id: text })).optional(),
  ratings: z.array(z.looseObject({ person: text })).optional(),
  state: z.looseObject({ workflowId: text, rev: z.int() }).nullish(),
  content: z.looseObject({ digest: text, content: z.looseObject({ revision: z.int() }) }).nullish(),
  readiness: z.looseObject({ verdict: text }).nullish(),
  approvals: z.array(z.looseObject({ id: text, votes: z.array(Vote) })).optional(),
  runs: z.array(Run).optional(),
  effects: z.array(Effect).optional(),
  reports: z.array(z.looseObject({ kind: text, number: z.int() })).optional(),
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
  throw new CommandFailure(1, `this is not a file from evenkeel audit export: ${faults.join('; ')}`);
}
