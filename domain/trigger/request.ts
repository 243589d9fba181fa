import { z } from 'zod';
import { DeploymentFact } from '../deployment.ts';
import { BudgetException } from '../error-budget-policy.ts';
import { Name } from '../name.ts';
import { Parameters } from '../plan-template/parameter.ts';

/** Somebody asks for a plan of a template, with what it has to be told. */
export const PlanRequest = z.strictObject({
  service: Name,
  environment: Name,
  template: Name.meta({ description: 'A PlanTemplate that says by whom it may be requested' }),
  parameters: Parameters.default({}).meta({ description: 'Values of its parameters; those left out are the defaults' }),
  link: DeploymentFact.shape.link,
  note: DeploymentFact.shape.note,
  exception: BudgetException.optional().meta({ description: 'Lets it pass what a spent error budget holds up' }),
});
export type PlanRequest = z.infer<typeof PlanRequest>;
