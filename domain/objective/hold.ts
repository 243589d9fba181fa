import { z } from 'zod';
import { BudgetAction, BudgetException } from '../error-budget-policy.ts';

const instant = z.iso.datetime({ precision: 3 });

/** What a rule of an ErrorBudgetPolicy does to a service for as long as its condition holds. */
export const BudgetHold = z.strictObject({
  id: z.uuid(),
  policy: z.string(),
  /** Place of the rule in its policy, from 0. */
  rule: z.int(),
  objective: z.string(),
  service: z.string(),
  team: z.string(),
  actions: z.array(BudgetAction),
  approval: z.string().optional().meta({ description: 'ApprovalPolicy that is asked as well' }),
  exceptions: z.array(BudgetException),
  override: z.strictObject({ role: z.enum(['operator', 'approver', 'admin']), expiry: z.string() }),
  why: z.string(),
  incident: z.int().optional().meta({ description: 'That used too much of the budget, unless it is private' }),
  openedAt: instant,
  endedAt: instant.optional(),
  overridden: z
    .strictObject({ by: z.string(), role: z.string(), reason: z.string(), at: instant, until: instant })
    .optional()
    .meta({ description: 'It holds nothing up until then' }),
  reviewed: z
    .strictObject({ by: z.string(), at: instant, text: z.string() })
    .optional()
    .meta({ description: 'Meets `require-review`' }),
});
export type BudgetHold = z.infer<typeof BudgetHold>;
