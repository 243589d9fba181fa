import { z } from 'zod';
import { Role } from './actor.ts';
import { Duration, milliseconds } from './duration.ts';
import { nameOf, Rule } from './annotation.ts';
import { Name } from './name.ts';
import { Hypercare } from './plan-template/hypercare.ts';
import { PlanParameter } from './plan-template/parameter.ts';
import { TeamOrOwner } from './owner.ts';
import { HumanTask } from './runbook.ts';

/** People that an activity needs; each is asked and has to accept before anything starts. */
export const Staffing = z.strictObject({
  team: TeamOrOwner,
  role: Role.default('responder').meta({ description: 'At least this role in the team' }),
  count: z.int().min(1).max(20).default(1),
});
export type Staffing = z.infer<typeof Staffing>;

export const TemplateActivity = z
  .strictObject({
    name: Name.refine(
      (name) => !/^close-[a-z][a-z0-9]*-[0-9]+$/.test(name),
      'close-… is for activities that close a gap',
    ),
    after: z.array(Name).max(50).default([]),
    when: Rule.optional(),
    runbook: nameOf('Runbook').optional(),
    task: HumanTask.optional(),
    hypercare: Hypercare.optional().meta({ description: 'Closer attention for weeks, with exit criteria' }),
    duration: Duration.default('15m').meta({ description: 'Expected duration, for the schedule; not a limit' }),
    undo: nameOf('Runbook').optional().meta({ description: 'Runbook that undoes the whole activity' }),
    undoDuration: Duration.optional(),
    people: z.array(Staffing).max(10).default([]),
    environment: z.enum(['exclusive', 'shared', 'none']).default('none'),
  })
  .refine(
    ({ runbook, task, hypercare }) => [runbook, task, hypercare].filter((work) => work !== undefined).length === 1,
    'expected one of runbook, task and hypercare',
  )
  .refine(({ undo, hypercare }) => undo === undefined || hypercare === undefined, {
    path: ['undo'],
    message: 'a hypercare does nothing that could be undone',
  });
export type TemplateActivity = z.infer<typeof TemplateActivity>;

/** How long the activity is expected to take (milliseconds). */
export const workMsOf = ({ hypercare, duration }: TemplateActivity): number =>
  milliseconds(hypercare?.lasts ?? duration);

/** How much of it has to fit into a window: nothing is done to the service while it is in hypercare. */
export const windowMsOf = (activity: TemplateActivity): number => (activity.hypercare ? 0 : workMsOf(activity));

/** How long undoing the activity takes: as long as doing it, unless said. */
export const undoMsOf = ({ undo, undoDuration, duration }: TemplateActivity): number => {
  if (undoDuration !== undefined) return milliseconds(undoDuration);
  return undo === undefined ? 0 : milliseconds(duration);
};

const checklist = nameOf('ReadinessChecklist').optional();

/** What is to be done when a service goes live: activities, people, window, approval, reports. */
export const PlanTemplateSpec = z
  .strictObject({
    description: z.string().max(1050).default(''),
    checklists: z
      .strictObject({ A: checklist, B: checklist, C: checklist })
      .refine(
        ({ A, B, C }) => C !== undefined || (A === undefined && B === undefined),
        'expected a checklist for C too: every service meets level C, or leave it as {} for no check at all',
      )
      .meta({
        description:
          'ReadinessChecklist for each service level: A includes B and C, B includes C. With {} nothing is checked',
      }),
    parameters: z
      .record(z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]*$/), PlanParameter)
      .default({})
      .meta({ description: 'Values for steps and rules: {{parameter.<name>}}' }),
    requestableBy: Role.exclude(['viewer']).optional().meta({
      description: "Who may request such a plan: at least this role in the service's team. Unless said, nobody may",
    }),
    approvalPolicy: nameOf('ApprovalPolicy').optional(),
    window: nameOf('MaintenanceWindow')
      .optional()
      .meta({ description: 'MaintenanceWindow in which the work starts and ends' }),
    whenOutdated: z.enum(['tell', 'supersede']).default('tell').meta({
      description:
        'When a newer deployment to the same place is completed before this plan starts: `tell` those who decide, or `supersede` (cancel) the plan',
    }),
    readyWithin: Duration.default('7d').meta({ description: 'How long a plan waits to become ready' }),
    confirmWithin: Duration.default('1h').meta({ description: 'How long each person has to accept a seat' }),
    staffWithin: Duration.default('1d').meta({
      description: 'How long the owner has to name somebody when nobody is left to ask',
    }),
    decideWithin: Duration.default('2d').meta({ description: 'How long a failed step or task waits for a decision' }),
    reserveWithin: Duration.default('1d').meta({ description: 'How long to wait for the environment' }),
    statusReportEvery: Duration.optional(),
    activities: z.array(TemplateActivity).min(1).max(100),
  })
  .meta({ id: 'PlanTemplateSpec' });
export type PlanTemplateSpec = z.infer<typeof PlanTemplateSpec>;
