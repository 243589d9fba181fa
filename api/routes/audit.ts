import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { LedgerEntry } from '../../domain/audit.ts';
import { entriesOf, type LedgerRow } from '../../storage/ledger.ts';
import { checkpointsOf, proofOf, verifyLedger } from '../../storage/ledger-verify.ts';
import type { Context } from '../context.ts';
import { operation, type Operation } from '../operation.ts';
import { visiblePlan } from '../visibility.ts';

const ById = z.strictObject({ id: z.string().max(200) });

const Checkpoint = z.object({
  sequence: z.int(),
  hash: z.string(),
  at: z.string(),
  keyId: z.string(),
  signature: z.string(),
});

const Verification = z.object({
  ok: z.boolean(),
  verified: z.int(),
  unsealed: z.int(),
  checkpoints: z.int(),
  firstBad: z.object({ sequence: z.int(), entry: z.string().optional(), reason: z.string() }).optional(),
});

const Shown = LedgerEntry.extend({ sequence: z.int().nullable(), hash: z.string().nullable() });

/** Its parts are described in the security model; whoever checks it needs the bytes, not their types. */
const Export = z.looseObject({ format: z.literal('evenkeel-export/v1'), exportedAt: z.string() });

const shown = ({ body, sequence, hash }: LedgerRow) => ({
  ...(JSON.parse(body) as Record<string, unknown>),
  sequence: sequence === null ? null : Number(sequence),
  hash,
});

/** With everything that a stranger needs to check the row: what was hashed, and the link before. */
const proven = ({ body, sequence, previous, hash }: LedgerRow) => ({
  sequence: sequence === null ? null : Number(sequence),
  previous,
  hash,
  body,
});

export const auditOperations = (context: Context): Operation[] => {
  const { db, stores, histories, publicKey } = context;
  return [
    operation({
      id: 'verifyLedger',
      method: 'get',
      path: '/v1/audit/verification',
      summary: 'Recomputes the chain and its checkpoints; names the first bad row',
      tag: 'audit',
      role: 'auditor',
      answer: { status: 200, description: 'How far the ledger verifies', schema: Verification },
      handle: async () => ({ status: 200, body: await verifyLedger(db, publicKey) }),
    }),
    operation({
      id: 'listCheckpoints',
      method: 'get',
      path: '/v1/audit/checkpoints',
      summary: 'Lists the signed checkpoints and the public key that they are checked with',
      tag: 'audit',
      role: 'auditor',
      answer: {
        status: 200,
        description: 'All checkpoints',
        schema: z.object({ publicKey: z.string(), items: z.array(Checkpoint) }),
      },
      handle: async () => ({ status: 200, body: { publicKey, items: await checkpointsOf(db) } }),
    }),
    operation({
      id: 'showPlanAudit',
      method: 'get',
      path: '/v1/operation-plans/{id}/audit',
      summary: 'Shows who did what to a plan, when and why',
      tag: 'audit',
      role: 'viewer',
      params: ById,
      answer: {
        status: 200,
        description: 'The ledger of the plan, oldest first',
        schema: z.object({ items: z.array(Shown) }),
      },
      async handle({ params, access }) {
        const plan = await visiblePlan(context, params.id, access);
        return { status: 200, body: { items: (await entriesOf(db, { plan: plan.id })).map(shown) } };
      },
    }),
    operation({
      id: 'exportPlan',
      method: 'get',
      path: '/v1/operation-plans/{id}/export',
      summary: 'Exports a plan with decisions, evidence, effects, ledger slice with proof, and histories that replay',
      tag: 'audit',
      role: 'viewer',
      params: ById,
      answer: { status: 200, description: 'One file for an auditor', schema: Export },
      async handle({ params, access }) {
        const plan = await visiblePlan(context, params.id, access);
        const archived = await histories.ofPlan(plan.id);
        const review = plan.record?.readiness && (await stores.readiness.review(plan.record.readiness.review));
        const entries = await entriesOf(db, { plan: plan.id });
        const sequences = entries
          .flatMap(({ sequence }) => (sequence === null ? [] : [Number(sequence)]))
          .toSorted((a, b) => a - b);
        const body = {
          format: 'evenkeel-export/v1',
          exportedAt: new Date().toISOString(),
          plan: plan.record,
          content: plan.record && (await stores.plans.content(plan.id, plan.record.revision)),
          readiness: review ?? null,
          approvals: await stores.approvals.ofPlan(plan.id),
          runs: await stores.runs.ofPlan(plan.id),
          effects: await stores.outbox.ofPlan(plan.id),
          reports: await stores.reports.ofPlan(plan.id),
          ledger: entries.map(proven),
          proof: (sequences.length > 0 && (await proofOf(db, sequences[0]!, sequences.at(-1)!))) || null,
          historiesToCome: await histories.missing(plan.id),
          checkpoints: await checkpointsOf(db),
          publicKey,
          histories: archived.map(({ gzip, sha256, workflowId, runId, archivedAt }) => {
            const json = gunzipSync(gzip).toString('utf8');
            return {
              workflowId,
              runId,
              archivedAt,
              sha256,
              intact: createHash('sha256').update(json).digest('hex') === sha256,
              history: JSON.parse(json) as unknown,
            };
          }),
        };
        return { status: 200, body, headers: { 'content-disposition': `attachment; filename="${plan.id}.json"` } };
      },
    }),
  ];
};
