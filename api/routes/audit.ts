import { sign } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { LedgerEntry } from '../../domain/audit.ts';
import { exportText, sha256 as digest } from '../../domain/digest.ts';
import { Reference } from '../../domain/reference.ts';
import type { ArchivedHistory } from '../../storage/history.ts';
import { entriesOf, type LedgerRow } from '../../storage/ledger.ts';
import { checkpointsOf, verifyLedger } from '../../storage/ledger-verify.ts';
import { keptOf } from '../../storage/export.ts';
import type { Context } from '../context.ts';
import { allOf } from '../page.ts';
import { operation, type Untagged } from '../operation.ts';
import type { RecordView } from '../record-view.ts';

const ById = z.strictObject({ id: z.string().max(200) });

const Checkpoint = z.object({
  number: z.int(),
  sequence: z.int(),
  hash: z.string(),
  at: z.string(),
  keyId: z.string(),
  signature: z.string(),
});

const CheckpointList = z.object({ publicKey: z.string(), items: z.array(Checkpoint) });
export type CheckpointList = z.infer<typeof CheckpointList>;

const Verification = z.object({
  ok: z.boolean(),
  verified: z.int(),
  unsealed: z.int(),
  checkpoints: z.int(),
  firstBad: z.object({ sequence: z.int(), entry: z.string().optional(), reason: z.string() }).optional(),
});
export type Verification = z.infer<typeof Verification>;

const Shown = LedgerEntry.extend({ sequence: z.int().nullable(), hash: z.string().nullable() });

/** Its parts are described in the security model; whoever checks it needs the bytes, not their types. */
const Export = z.looseObject({ format: z.literal('evenkeel-export/v1'), exportedAt: z.string(), record: Reference });

const shown = ({ body, sequence, hash }: LedgerRow) => ({
  ...(JSON.parse(body) as Record<string, unknown>),
  sequence,
  hash,
});

/** With everything that a stranger needs to check the row: what was hashed, and the link before. */
const proven = ({ body, sequence, previous, hash }: LedgerRow) => ({ sequence, previous, hash, body });

const archived = ({ gzip, sha256, workflowId, runId, archivedAt }: ArchivedHistory) => {
  const json = gunzipSync(gzip).toString('utf8');
  return {
    workflowId,
    runId,
    archivedAt,
    sha256,
    intact: digest(json) === sha256,
    history: JSON.parse(json) as unknown,
  };
};

export const auditOperations = (context: Context): Untagged[] => {
  const { db, views, signingKey } = context;
  return [
    operation({
      id: 'verifyLedger',
      route: 'GET /v1/audit/verification',
      summary: 'Recomputes the chain and its checkpoints, and names the first bad row',
      role: 'auditor',
      answer: { status: 200, description: 'How far the ledger verifies', schema: Verification },
      handle: async () => ({ body: await verifyLedger(db, signingKey.publicPem) }),
    }),
    operation({
      id: 'listCheckpoints',
      route: 'GET /v1/audit/checkpoints',
      summary: 'Lists the signed checkpoints, and the public key to verify them',
      role: 'auditor',
      answer: {
        status: 200,
        description: 'All checkpoints',
        schema: CheckpointList,
      },
      handle: async () => ({ body: { publicKey: signingKey.publicPem, items: await checkpointsOf(db) } }),
    }),
    ...Object.entries(views).flatMap(([kind, of]) => ofKind(context, kind, of)),
  ];
};

/** Who did what to a record of this kind, and the proof of it. */
const ofKind = (context: Context, kind: string, { name, plural, visible, exported }: RecordView): Untagged[] => {
  const { db, stores, signingKey } = context;
  return [
    operation({
      id: `show${name}Audit`,
      route: `GET /v1/${plural}/{id}/audit`,
      summary: `Shows who did what to one ${kind}, when and why`,
      role: 'viewer',
      params: ById,
      answer: allOf(`The ledger of the ${kind}, oldest first`, Shown),
      async handle({ params, access }) {
        const { reference } = await visible(context, params.id, access);
        return { body: { items: (await entriesOf(db, { belongsTo: reference })).map(shown) } };
      },
    }),
    operation({
      id: `export${name}`,
      route: `GET /v1/${plural}/{id}/export`,
      summary: `Exports one ${kind} with decisions, evidence, effects, ledger slice with proof, and histories that replay`,
      role: 'viewer',
      params: ById,
      answer: { status: 200, description: 'One file for an auditor', schema: Export },
      async handle({ params, access }) {
        const { reference } = await visible(context, params.id, access);
        const kept = await keptOf(db, stores.inbox, reference, (tx) => exported(tx, params.id));
        const { own, entries, proof, histories, ...hanging } = kept;
        const body = {
          format: 'evenkeel-export/v1',
          exportedAt: new Date().toISOString(),
          record: reference,
          ...own,
          ...hanging,
          ledger: entries.map(proven),
          proof: proof ?? null,
          publicKey: signingKey.publicPem,
          histories: histories.map(archived),
        };
        const signature = sign(null, Buffer.from(exportText(body)), signingKey.key).toString('base64');
        return {
          body: { ...body, signature },
          headers: { 'content-disposition': `attachment; filename="${params.id}.json"` },
        };
      },
    }),
  ];
};
