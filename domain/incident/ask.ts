import { z } from 'zod';
import { CancellationCode, IncidentRole, ResolutionCode } from '../incident.ts';
import type { Command } from '../operation-plan.ts';
import { Rank, Severity } from '../severity.ts';
import { Strategy } from '../strategy.ts';
import { CompleteTask, ReassignTask } from '../task.ts';
import { line } from '../line.ts';
import { HoldReason } from './hold.ts';
import { ReviewDocument } from './review.ts';

const name = z.string().max(63);
const instant = z.iso.datetime({ offset: true });
const number = z.int().min(1);
const version = z.int().min(1).meta({ description: 'Of the review that it was made from' });
const reason = z.string().min(1, 'a reason is needed').max(1000);
const text = z.string().min(1).max(5000);

/** What may be asked of an incident. */
export const IncidentAsk = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('acknowledge') }),
  z.strictObject({ type: z.literal('unacknowledge'), reason }),
  z.strictObject({ type: z.literal('assign'), to: name, reason: reason.optional() }),
  z.strictObject({ type: z.literal('escalate'), reason }),
  z.strictObject({ type: z.literal('snooze'), until: instant, reason }),
  z.strictObject({ type: z.literal('triage'), service: name, environment: name.optional() }),
  z.strictObject({ type: z.literal('set-severity'), severity: Severity, reason }),
  z.strictObject({
    type: z.literal('prioritize'),
    impact: Rank,
    urgency: Rank,
    users: z
      .int()
      .min(0)
      .max(10_000_000_000)
      .optional()
      .meta({ description: 'How many users feel it, as far as is known' }),
    reason: reason.optional(),
  }),
  z.strictObject({
    type: z.literal('set-role'),
    role: IncidentRole,
    person: name,
    note: z.string().max(1000).optional(),
  }),
  z.strictObject({ type: z.literal('mitigate'), strategy: Strategy, note: z.string().max(1000).optional() }),
  z.strictObject({ type: z.literal('start-runbook'), runbook: name, reason }),
  z.strictObject({ type: z.literal('hold'), why: HoldReason, until: instant, reason }),
  z.strictObject({ type: z.literal('resume'), reason }),
  z.strictObject({ type: z.literal('restore'), restoredAt: instant.optional(), note: z.string().max(1000).optional() }),
  z.strictObject({
    type: z.literal('resolve'),
    solution: text,
    code: ResolutionCode.exclude(['self-healed']).default('fixed'),
    strategy: Strategy.optional(),
    restoredAt: instant.optional(),
  }),
  z.strictObject({ type: z.literal('reopen'), reason }),
  z.strictObject({
    type: z.literal('cancel'),
    code: CancellationCode.extract(['false-positive', 'not-an-incident']),
    reason,
  }),
  z.strictObject({ type: z.literal('merge'), into: number, reason }),
  z.strictObject({
    type: z.literal('split'),
    alerts: z
      .array(z.string().regex(/^[0-9a-f]{32}$/, 'expected the fingerprint of an alert'))
      .min(1)
      .max(100)
      .meta({ description: 'Fingerprints of the alerts that the other incident takes' }),
    title: line(300),
    reason,
  }),
  z.strictObject({ type: z.literal('link'), parent: number, reason: reason.optional() }),
  z.strictObject({ type: z.literal('unlink'), reason: reason.optional() }),
  z.strictObject({ type: z.literal('close'), reason }),
  z.strictObject({ type: z.literal('request-review'), reason }),
  z.strictObject({ type: z.literal('write-review'), version, document: ReviewDocument }),
  z.strictObject({ type: z.literal('sign-review') }),
  z.strictObject({
    type: z.literal('complete-action'),
    action: z.int().min(1).max(50),
    note: z.string().min(1).max(1000),
  }),
  z.strictObject({
    type: z.literal('workaround'),
    problem: number.meta({ description: 'The problem whose known error it is of' }),
    restored: z.boolean().default(true).meta({ description: 'Whether it has restored service' }),
    note: z.string().max(1000).optional(),
  }),
  z.strictObject({ type: z.literal('note'), text, happenedAt: instant.optional() }),
  z.strictObject({
    type: z.literal('report-status'),
    text,
    public: z
      .boolean()
      .optional()
      .meta({ description: 'Publishes the text on the status pages of the service as well' }),
    publicTitle: line(200).optional().meta({ description: 'What the public calls the incident from now on' }),
  }),
  CompleteTask.extend({ type: z.literal('complete-task') }),
  ReassignTask.extend({ type: z.literal('reassign-task') }),
]);
export type IncidentAsk = z.infer<typeof IncidentAsk>;
export type IncidentCommand<Type extends IncidentAsk['type'] = IncidentAsk['type']> = Command<
  Extract<IncidentAsk, { type: Type }>
>;
