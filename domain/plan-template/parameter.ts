import { z } from 'zod';
import { DomainError } from '../errors.ts';
import { line } from '../line.ts';

/** A value of a parameter, as whoever asks for a plan gives it. */
export const ParameterValue = z.union([line(500), z.number(), z.boolean()]);

/** Values by the name of their parameter. */
export const Parameters = z.record(z.string().max(63), ParameterValue);
export type Parameters = z.infer<typeof Parameters>;

/** What a plan may be told when it is asked for. */
export const PlanParameter = z
  .strictObject({
    description: z.string().min(1).max(500),
    type: z.enum(['text', 'number', 'boolean']).default('text'),
    choices: z.array(line(500)).min(1).max(100).optional().meta({ description: 'The texts that are taken' }),
    atLeast: z.number().optional().meta({ description: 'The smallest number that is taken' }),
    atMost: z.number().optional().meta({ description: 'The largest number that is taken' }),
    default: ParameterValue.optional().meta({ description: 'Without one, a value has to be given' }),
  })
  .superRefine((parameter, context) => {
    const { type, choices, atLeast, atMost, default: usual } = parameter;
    if (choices !== undefined && type !== 'text')
      context.addIssue({ code: 'custom', path: ['choices'], message: 'only a text has choices' });
    if ((atLeast !== undefined || atMost !== undefined) && type !== 'number')
      context.addIssue({ code: 'custom', path: ['type'], message: 'only a number has limits' });
    const fault = usual === undefined ? undefined : faultOf(parameter, usual);
    if (fault !== undefined) context.addIssue({ code: 'custom', path: ['default'], message: fault });
  });
export type PlanParameter = z.infer<typeof PlanParameter>;

type Described = Pick<PlanParameter, 'type' | 'choices' | 'atLeast' | 'atMost'>;

const typeNames = { text: 'string', number: 'number', boolean: 'boolean' } as const;

/** Why the value is none of the parameter; undefined when it is one. */
const faultOf = (
  { type, choices, atLeast, atMost }: Described,
  value: string | number | boolean,
): string | undefined => {
  if (typeof value !== typeNames[type]) return `expected a ${type}`;
  if (choices !== undefined && !choices.some((choice) => choice === value))
    return `expected one of ${choices.join(', ')}`;
  if (typeof value !== 'number') return undefined;
  if (atLeast !== undefined && value < atLeast) return `expected at least ${atLeast}`;
  return atMost !== undefined && value > atMost ? `expected at most ${atMost}` : undefined;
};

/** A command line has texts alone, so that a number or a truth value may be written as one. */
const typed = ({ type }: Described, value: string | number | boolean): string | number | boolean => {
  if (typeof value !== 'string') return value;
  if (type === 'number' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  return type === 'boolean' && (value === 'true' || value === 'false') ? value === 'true' : value;
};

/** Names of parameters without which no plan can be made. */
export const neededOf = (parameters: Readonly<Record<string, PlanParameter>>): string[] =>
  Object.entries(parameters).flatMap(([name, { default: usual }]) => (usual === undefined ? [name] : []));

/** The values of a plan: those that were given, and the defaults of the others. Refuses what the template does not take. */
export const parametersOf = (
  parameters: Readonly<Record<string, PlanParameter>>,
  given: Readonly<Parameters> = {},
): Parameters => {
  const stranger = Object.keys(given).find((name) => !Object.hasOwn(parameters, name));
  if (stranger !== undefined) {
    const known = Object.keys(parameters).join(', ') || 'none';
    throw new DomainError('invalid', `the template has no parameter ${stranger} (known: ${known})`, 'parameters');
  }
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => {
      const value = Object.hasOwn(given, name) ? typed(parameter, given[name]!) : parameter.default;
      if (value === undefined)
        throw new DomainError('invalid', `parameter ${name} has to be given: ${parameter.description}`, 'parameters');
      const fault = faultOf(parameter, value);
      if (fault !== undefined) throw new DomainError('invalid', `parameter ${name}: ${fault}`, 'parameters');
      return [name, value];
    }),
  );
};
