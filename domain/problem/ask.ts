import { z } from 'zod';
import { PlanId } from '../id.ts';
import type { Command } from '../operation-plan.ts';
import { Rank } from '../severity.ts';
import { PlannedAction } from './action.ts';
import { ClaimKind, Confidence, Evidence } from './claim.ts';
import { KnownErrorDocument } from './known-error.ts';

const name = z.string().min(1).max(63);
const instant = z.iso.datetime({ offset: true });
const number = z.int().min(1);
const reason = z.string().min(1, 'a reason is needed').max(1_000);
const text = z.string().min(1).max(2_000);

/** What may be asked of a problem. */
export const ProblemAsk = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('assess'), impact: Rank, urgency: Rank, reason: reason.optional() }),
  z.strictObject({ type: z.literal('assign'), to: name, reason: reason.optional() }),
  z.strictObject({
    type: z.literal('link'),
    incident: number,
    isSameCause: z.boolean().optional().meta({ description: 'After a fix: it has not helped' }),
    reason: reason.optional(),
  }),
  z.strictObject({ type: z.literal('unlink'), incident: number, reason }),
  z.strictObject({
    type: z.literal('claim'),
    kind: ClaimKind.default('why'),
    text,
    explains: number.optional().meta({ description: 'The claim that it is a cause of' }),
    happenedAt: instant.optional(),
    evidence: z.array(Evidence).max(20).default([]),
    confidence: Confidence.default('low'),
  }),
  z.strictObject({
    type: z.literal('judge-claim'),
    claim: number,
    status: z.enum(['open', 'supported', 'refuted']),
    confidence: Confidence.optional(),
    evidence: z.array(Evidence).max(20).default([]),
    reason,
  }),
  z.strictObject({ type: z.literal('publish-known-error'), document: KnownErrorDocument }),
  z.strictObject({ type: z.literal('add-action'), action: PlannedAction }),
  z.strictObject({ type: z.literal('start-action'), action: number, plan: PlanId.optional() }),
  z.strictObject({ type: z.literal('complete-action'), action: number, note: text }),
  z.strictObject({ type: z.literal('drop-action'), action: number, reason }),
  z.strictObject({ type: z.literal('accept-risk'), until: instant, reason }),
  z.strictObject({
    type: z.literal('close'),
    resolution: z.enum(['duplicate', 'cannot-reproduce']),
    duplicateOf: number.optional().meta({ description: 'The problem that it is the same as' }),
    reason,
  }),
  z.strictObject({ type: z.literal('note'), text: z.string().min(1).max(5_000) }),
]);
export type ProblemAsk = z.infer<typeof ProblemAsk>;

/** What was asked, by whom and when, under the id of the command. */
export type ProblemCommand<Type extends ProblemAsk['type'] = ProblemAsk['type']> = Command<
  Extract<ProblemAsk, { type: Type }>
>;
