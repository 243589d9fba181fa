import { z } from 'zod';
import { ApprovalStatus } from '../../domain/approval.ts';
import type { Command } from '../../domain/operation-plan.ts';
import { Task } from '../../domain/task.ts';

declare module '../../domain/audit.ts' {
  interface LedgerActions {
    drill: 'accepted' | 'opened' | 'asked' | 'noted' | 'cancelled' | 'rejected' | 'completed';
  }
}

/** A drill of a team: somebody else agrees to it, its runbook is executed, and it is over. */
export const Drill = z.strictObject({
  id: z.string(),
  workflowId: z.string(),
  service: z.string(),
  environment: z.string(),
  team: z.string(),
  requester: z.string(),
  catalogueRevision: z.int(),
  status: z.enum(['planned', 'completed', 'rejected', 'cancelled']),
  rev: z.int(),
  approval: z.strictObject({ id: z.string(), status: ApprovalStatus }).optional(),
  notes: z.array(z.string()),
  tasks: z.array(Task),
});
export type Drill = z.infer<typeof Drill>;

export const DrillAsk = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('note'), text: z.string().min(1).max(200) }),
  z.strictObject({ type: z.literal('cancel'), reason: z.string().min(1).max(200) }),
]);
export type DrillAsk = z.infer<typeof DrillAsk>;
export type DrillCommand = Command<DrillAsk>;

/** What starts the workflow of a drill. */
export type DrillInput = Omit<Drill, 'status' | 'rev' | 'notes' | 'tasks' | 'approval'>;
