import { z } from 'zod';
import { nameOf } from './annotation.ts';
import { Duration } from './duration.ts';

/** What a spent budget does to the changes of a service. */
export const BudgetAction = z.enum(['freeze', 'require-approval', 'require-review', 'notify']);
export type BudgetAction = z.infer<typeof BudgetAction>;

/** Why a deployment passes in spite of it: it says so itself, and the audit trail keeps it. */
export const BudgetException = z.enum(['P0', 'security']);
export type BudgetException = z.infer<typeof BudgetException>;

const Condition = z.union([
  z.strictObject({ spentPercent: z.number().min(0).max(1_000).meta({ description: 'More of the budget is used' }) }),
  z.strictObject({
    burnRate: z.number().gt(0).max(1_000_000).meta({ description: 'It burns faster over the window of the rule' }),
  }),
  z.strictObject({
    incidentPercent: z.number().min(0).max(1_000).meta({
      description: "One incident has used more of the budget of the objective's own window; the last one counts",
    }),
  }),
]);

export const BudgetRule = z.strictObject({
  scope: z
    .strictObject({
      services: z.array(nameOf('Service')).max(200).default([]),
      objectives: z.array(nameOf('SLO')).max(200).default([]),
    })
    .prefault({})
    .meta({ description: 'What it is for; what is not said is every one' }),
  window: Duration.optional().meta({ description: "Time that is looked at (default: the objective's own window)" }),
  condition: Condition,
  actions: z.array(BudgetAction).min(1).max(4),
  approval: nameOf('ApprovalPolicy').optional().meta({ description: 'Whose stages `require-approval` adds' }),
  exceptions: z.array(BudgetException).max(2).default([]),
  override: z
    .strictObject({
      role: z
        .enum(['operator', 'approver', 'admin'])
        .default('approver')
        .meta({ description: 'Least role of whoever overrides' }),
      expiry: Duration.default('3d').meta({ description: 'Longest time that an override counts' }),
    })
    .prefault({}),
});
export type BudgetRule = z.infer<typeof BudgetRule>;

/** What follows when an error budget is spent. Of the rules that are for an objective, the first one that holds counts. */
export const ErrorBudgetPolicySpec = z
  .strictObject({
    description: z.string().max(1050).default(''),
    rules: z
      .array(
        BudgetRule.superRefine(({ actions, approval, condition, window }, context) => {
          if ('incidentPercent' in condition && window !== undefined)
            context.addIssue({ code: 'custom', path: ['window'], message: 'does not belong to incidentPercent' });
          if (actions.includes('require-approval') !== (approval !== undefined))
            context.addIssue({
              code: 'custom',
              path: ['approval'],
              message: 'require-approval and approval, the ApprovalPolicy that it asks, belong together',
            });
        }),
      )
      .min(1)
      .max(50),
  })
  .meta({ id: 'ErrorBudgetPolicySpec' });
export type ErrorBudgetPolicySpec = z.infer<typeof ErrorBudgetPolicySpec>;
