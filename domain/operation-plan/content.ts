import { z } from 'zod';
import { PlanId } from '../id.ts';
import { Parameters } from '../plan-template/parameter.ts';
import { Staffing } from '../plan-template.ts';
import { Hypercare } from '../plan-template/hypercare.ts';
import { HumanTask, Step } from '../runbook.ts';

const PlannedRunbook = z.strictObject({ name: z.string(), steps: z.array(Step) });

export const PlannedActivity = z.strictObject({
  name: z.string(),
  origin: z.enum(['template', 'gap']),
  after: z.array(z.string()),
  runbook: PlannedRunbook.optional(),
  task: HumanTask.optional(),
  hypercare: Hypercare.optional(),
  undo: PlannedRunbook.optional(),
  durationMs: z.number(),
  undoMs: z.number(),
  people: z.array(Staffing),
  environment: z.enum(['exclusive', 'shared', 'none']),
});
export type PlannedActivity = z.infer<typeof PlannedActivity>;

/**
 * The plan as it was decided: what a person approves and an executor runs, whole. Its digest binds approvals to it;
 * executors trust this row and nothing that a message says.
 */
export const PlanContent = z.strictObject({
  plan: PlanId,
  revision: z.int(),
  service: z.string(),
  environment: z.string(),
  team: z.string(),
  /** What it is about, in the words that are shown beside its place. */
  about: z.string(),
  parameters: Parameters,
  template: z.string(),
  catalogueRevision: z.int(),
  activities: z.array(PlannedActivity),
  criticalPath: z.array(z.string()),
  criticalPathMs: z.number(),
  /** Milliseconds of work and undoing that have to fit into the window. */
  needMs: z.number(),
  window: z.string().optional(),
  approval: z.union([
    z.strictObject({
      policy: z.string(),
      also: z
        .array(z.string())
        .optional()
        .meta({ description: 'Policies whose stages follow, for the sake of an error budget' }),
    }),
    z.strictObject({ notNeeded: z.string().meta({ description: 'Why' }) }),
  ]),
  dropped: z.array(z.string()),
});
export type PlanContent = z.infer<typeof PlanContent>;
