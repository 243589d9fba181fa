import { z } from 'zod';
import { Role } from './actor.ts';
import { nameOf } from './annotation.ts';
import { Duration, milliseconds } from './duration.ts';
import { Severity, Priority } from './severity.ts';

/** Who is paged: whoever is on call, a person, or those of a team who have at least a role. */
export const EscalationTarget = z.union([
  z.strictObject({ schedule: nameOf('Schedule').meta({ description: 'Whoever is on call then' }) }),
  z.strictObject({ person: nameOf('Person') }),
  z.strictObject({
    team: nameOf('Team'),
    role: Role.optional().meta({ description: 'Only members with at least this role' }),
  }),
]);
export type EscalationTarget = z.infer<typeof EscalationTarget>;

const targets = z.array(EscalationTarget).min(1).max(20);

const level = {
  targets,
  mode: z
    .enum(['everyone', 'round-robin'])
    .default('everyone')
    .meta({ description: 'Whom of the targets each page goes to: all of them, or the next one' }),
  acknowledgements: z.int().min(1).max(10).default(1).meta({ description: 'How many have to acknowledge' }),
};

const Level = z.strictObject({
  level: z.strictObject({
    ...level,
    timeout: Duration.optional().meta({
      description: 'When the next step comes without them; unless said, as the severity has it',
    }),
  }),
});

const Delay = z.strictObject({
  delay: z.union([z.strictObject({ for: Duration }), z.strictObject({ until: z.literal('working-hours') })]),
});

const Notify = z.strictObject({
  notify: nameOf('NotificationChannel').meta({ description: 'NotificationChannel that is told, without a page' }),
});

const Condition = z
  .strictObject({
    severity: z.array(Severity).min(1).optional(),
    priority: z.array(Priority).min(1).optional(),
    hours: z.enum(['working', 'outside']).optional().meta({ description: 'Working hours of the team' }),
  })
  .refine((condition) => Object.values(condition).some((part) => part !== undefined), {
    error: 'expected severity, priority or hours',
  })
  .meta({ description: 'All that is said has to hold' });
export type EscalationCondition = z.infer<typeof Condition>;

type Leaf = z.infer<typeof Level> | z.infer<typeof Delay> | z.infer<typeof Notify>;
type LeafInput = z.input<typeof Level> | z.input<typeof Delay> | z.input<typeof Notify>;
interface If<Step> {
  if: EscalationCondition;
  do: Step[];
  else?: Step[] | undefined;
}
export type EscalationStep = Leaf | If<EscalationStep>;
type StepInput = LeafInput | If<StepInput>;

const nested: z.ZodType<EscalationStep[], StepInput[]> = z.lazy(() => z.array(EscalationStep).max(50));

/** One step of an escalation: page a level, wait, notify a channel, or choose. */
export const EscalationStep: z.ZodType<EscalationStep, StepInput> = z
  .union([Level, Delay, Notify, z.strictObject({ if: Condition, do: nested, else: nested.optional() })])
  .meta({ id: 'EscalationStep', description: 'One of `level`, `delay`, `notify` and `if`' });

const deepest = 5;

const depthOf = (steps: readonly EscalationStep[]): number =>
  Math.max(0, ...steps.map((step) => ('if' in step ? 1 + Math.max(depthOf(step.do), depthOf(step.else ?? [])) : 0)));

/** Who is paged one after the other until somebody acknowledges. */
export const EscalationPolicySpec = z
  .strictObject({
    steps: z
      .array(EscalationStep)
      .max(50)
      .refine((steps) => depthOf(steps) <= deepest, { error: `expected at most ${deepest} ifs inside each other` }),
    repeat: z.int().min(0).max(5).default(0).meta({ description: 'How often the steps are gone through again' }),
    exhausted: targets.optional().meta({
      description: 'Paged when nobody has acknowledged after all of it, such as the major-incident manager',
    }),
  })
  .meta({ id: 'EscalationPolicySpec' });
export type EscalationPolicySpec = z.infer<typeof EscalationPolicySpec>;

/** A level as a workflow takes it. */
export interface EscalationLevel {
  targets: EscalationTarget[];
  mode: 'everyone' | 'round-robin';
  acknowledgements: number;
  timeoutMs?: number;
}

export type EscalationDelay = { forMs: number } | { until: 'working-hours' };

export type ProgramStep =
  | { level: EscalationLevel }
  | { delay: EscalationDelay }
  | { notify: string }
  /** The first branch when the condition holds, else the second. */
  | { if: EscalationCondition; branches: [ProgramStep[], ProgramStep[]] };

/** A policy as a workflow takes it: a snapshot with its durations in milliseconds. */
export interface EscalationProgram {
  steps: ProgramStep[];
  repeat: number;
  exhausted: EscalationTarget[];
}

export const programOf = ({ steps, repeat, exhausted = [] }: EscalationPolicySpec): EscalationProgram => ({
  steps: steps.map(stepOf),
  repeat,
  exhausted,
});

const stepOf = (step: EscalationStep): ProgramStep => {
  if ('level' in step) {
    const { timeout, ...rest } = step.level;
    return { level: timeout === undefined ? rest : { ...rest, timeoutMs: milliseconds(timeout) } };
  }
  if ('delay' in step) return { delay: 'for' in step.delay ? { forMs: milliseconds(step.delay.for) } : step.delay };
  if ('notify' in step) return step;
  return { if: step.if, branches: [step.do.map(stepOf), (step.else ?? []).map(stepOf)] };
};
