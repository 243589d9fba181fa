import type {
  EscalationCondition,
  EscalationDelay,
  EscalationLevel,
  EscalationProgram,
  EscalationTarget,
  ProgramStep,
} from './escalation-policy.ts';
import type { Severity, Priority } from './severity.ts';

/**
 * Where an escalation stands, as plain JSON. The path has the index of a step; inside of an `if`, the index of the `if`,
 * 0 for its `do` or 1 for its `else`, and so on inwards. `loop` counts from 0.
 */
export interface Position {
  path: number[];
  loop: number;
}

/** What an `if` asks about, as it is now. */
export interface Situation {
  severity: Severity;
  priority: Priority;
  isWorkingHours: boolean;
}

/** What an escalation does next, and where it stands then. */
export type EscalationNode =
  | { kind: 'level'; position: Position; level: EscalationLevel }
  | { kind: 'delay'; position: Position; delay: EscalationDelay }
  | { kind: 'notify'; position: Position; channel: string }
  | { kind: 'exhausted'; targets: EscalationTarget[] };

/**
 * The node after a position, or the first. An `if` is decided when it is reached, by the situation of then. A position that
 * the program does not have stands where the program goes on behind it.
 */
export const nextNode = (
  program: EscalationProgram,
  after: Position | undefined,
  situation: Situation,
): EscalationNode => {
  for (let loop = after?.loop ?? 0; loop <= program.repeat; loop += 1) {
    const path = loop === after?.loop ? after.path : [];
    const found = findAfter(program.steps, path, situation);
    if (found) return nodeOf(found.step, { path: found.path, loop });
  }
  return { kind: 'exhausted', targets: program.exhausted };
};

/** The person whose turn it is after `count` pages; undefined when there is nobody. */
export const roundRobin = (people: readonly string[], count: number): string | undefined =>
  people[count % people.length];

type Act = Exclude<ProgramStep, { if: unknown }>;
interface Found {
  step: Act;
  path: number[];
}

/** The first act behind a path; behind none, the first of all. */
const findAfter = (
  steps: readonly ProgramStep[],
  [index, branch, ...rest]: readonly number[],
  situation: Situation,
): Found | undefined => {
  if (index === undefined) return findFrom(steps, 0, situation);
  const step = steps[index];
  const inner = branch !== undefined && step && 'if' in step ? step.branches[branch] : undefined;
  const found = inner && findAfter(inner, rest, situation);
  return found ? under(found, index, branch!) : findFrom(steps, index + 1, situation);
};

const findFrom = (steps: readonly ProgramStep[], start: number, situation: Situation): Found | undefined => {
  for (const [offset, step] of steps.slice(start).entries()) {
    const index = start + offset;
    if (!('if' in step)) return { step, path: [index] };
    const branch = holds(step.if, situation) ? 0 : 1;
    const found = findFrom(step.branches[branch], 0, situation);
    if (found) return under(found, index, branch);
  }
  return undefined;
};

const under = ({ step, path }: Found, index: number, branch: number): Found => ({
  step,
  path: [index, branch, ...path],
});

const holds = (condition: EscalationCondition, { severity, priority, isWorkingHours }: Situation): boolean =>
  (condition.severity?.includes(severity) ?? true) &&
  (condition.priority?.includes(priority) ?? true) &&
  (condition.hours === undefined || (condition.hours === 'working') === isWorkingHours);

const nodeOf = (step: Act, position: Position): EscalationNode => {
  if ('level' in step) return { kind: 'level', position, level: step.level };
  if ('delay' in step) return { kind: 'delay', position, delay: step.delay };
  return { kind: 'notify', position, channel: step.notify };
};
