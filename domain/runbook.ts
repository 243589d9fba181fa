import { z } from 'zod';
import { Duration, milliseconds } from './duration.ts';
import { Authority, Evidence } from './evidence.ts';
import { Headers, TargetUrl } from './http-target.ts';
import { nameOf, template } from './annotation.ts';
import { Name } from './name.ts';
import { Restores } from './restoration.ts';
import { TeamOrOwner } from './owner.ts';

/** The type that an answer has to have, so that it can be the one that fails. */
const typeIn = (failsWhen: unknown): unknown => {
  if (typeof failsWhen === 'object') return 'number';
  return typeof failsWhen === 'string' ? 'text' : typeof failsWhen;
};

export const Form = z
  .array(
    z
      .strictObject({
        field: z.string().regex(/^[a-z][a-zA-Z0-9]*$/),
        label: z.string().min(1).max(200),
        type: z.enum(['text', 'number', 'boolean']).default('text'),
        required: z.boolean().default(true),
        failsWhen: z
          .union([
            z.boolean(),
            z.number(),
            z.string().max(200),
            z.strictObject({ below: z.number() }),
            z.strictObject({ above: z.number() }),
          ])
          .optional()
          .meta({
            description: 'The task fails with this answer, or with a number beyond `{ below: 1 }` or `{ above: 9 }`',
          }),
      })
      .refine(({ type, failsWhen }) => failsWhen === undefined || typeIn(failsWhen) === type, {
        path: ['failsWhen'],
        error: 'is of another type than the answer',
      }),
  )
  .max(30)
  .meta({ id: 'Form' });
export type Form = z.infer<typeof Form>;

/** Work for a person: what to do, what to write down, by when. */
export const HumanTask = z.strictObject({
  title: template(z.string().min(1).max(300)),
  instructions: template(z.string().max(10_000)).default(''),
  form: Form.default([]),
  assignee: z.strictObject({ person: nameOf('Person') }).or(z.strictObject({ team: TeamOrOwner })),
  dueWithin: Duration.default('4h').meta({
    description: 'Then the team is notified; after as long again the task fails',
  }),
  remindBefore: Duration.default('30m').meta({ description: 'Before it is due' }),
});
export type HumanTask = z.infer<typeof HumanTask>;

const http = z.strictObject({
  kind: z.literal('http'),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('POST'),
  url: TargetUrl,
  headers: Headers,
  body: template(z.string().max(32_000)).optional(),
  status: z.array(z.int().min(100).max(599)).min(1).default([200, 201, 202, 204]),
  authority: Authority.optional(),
});

/** The longest that a program may take to clean up. */
const mostGraceMs = 10 * 60_000;

const command = z.strictObject({
  kind: z.literal('command'),
  program: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/, 'expected the name of a program in the programs folder'),
  arguments: z
    .array(template(z.string().max(2000)))
    .max(100)
    .default([]),
  repeatable: z.boolean().default(false).meta({ description: 'Safe to run again if it is unknown how it ended' }),
  grace: Duration.refine((text) => milliseconds(text) <= mostGraceMs, 'expected at most 10m')
    .default('10s')
    .meta({ description: 'Time between SIGTERM and SIGKILL, on timeout or cancellation; at most 10m' }),
});
const task = HumanTask.extend({ kind: z.literal('task') });

/** What undoes a step. It has to be safe to run twice and to accept that there is nothing to undo. */
export const Undo = z.discriminatedUnion('kind', [http, command, task]).meta({ id: 'Undo' });
export type Undo = z.infer<typeof Undo>;

const common = {
  name: Name,
  retry: z
    .strictObject({ attempts: z.int().min(1).max(20), every: Duration.default('1s') })
    .default({ attempts: 1, every: '1s' }),
  timeout: Duration.default('30s'),
  onFailure: z
    .enum(['undo', 'ask'])
    .default('undo')
    .meta({ description: 'undo: undo what was done. ask: wait for a person to retry, skip or cancel' }),
  undo: Undo.optional(),
};

/** A step that does one thing. */
export const SingleStep = z.discriminatedUnion('kind', [
  http.extend(common),
  command.extend(common),
  task.extend(common),
  z.strictObject({
    kind: z.literal('check'),
    ...common,
    evidence: Evidence,
    every: Duration.default('5s').meta({ description: 'At least a 2,000th of within' }),
    within: Duration.default('5m').meta({ description: 'The evidence has to pass by then, or the step fails' }),
  }),
  z.strictObject({ kind: z.literal('wait'), ...common, for: Duration }),
  z.strictObject({
    kind: z.literal('approval'),
    ...common,
    policy: nameOf('ApprovalPolicy'),
    question: template(z.string().min(1).max(1000)),
  }),
]);
export type SingleStep = z.infer<typeof SingleStep>;

export const Step = z
  .discriminatedUnion('kind', [
    SingleStep,
    z.strictObject({ kind: z.literal('parallel'), name: Name, steps: z.array(SingleStep).min(1).max(20) }),
  ])
  .meta({ id: 'Step' });
export type Step = z.infer<typeof Step>;

/** The steps in their order; those that stand side by side are one group. */
export const groupsOf = (steps: readonly Step[]): SingleStep[][] =>
  steps.map((step) => (step.kind === 'parallel' ? step.steps : [step]));

/** Steps written once and versioned. */
export const RunbookSpec = z
  .strictObject({
    description: z.string().max(1050).default(''),
    restores: Restores.optional().meta({ description: 'It restores service in an incident, and what lets it run' }),
    steps: z.array(Step).min(1).max(100),
  })
  .meta({ id: 'RunbookSpec' });
export type RunbookSpec = z.infer<typeof RunbookSpec>;
