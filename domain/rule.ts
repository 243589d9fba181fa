import { type ASTNode, Environment, EvaluationError, ParseError } from '@marcbachmann/cel-js';
import { LRUCache } from 'lru-cache';
import { DomainError } from './errors.ts';
import {
  isFound,
  largestPatterns,
  longestPattern,
  mostRepeats,
  patternOf,
  repeatsIn,
  sizeOf,
  withinBudget,
} from './rule/pattern.ts';

/** A rule with a mistake, and where in its text that begins. */
export class RuleFault extends DomainError {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super('invalid', message);
    this.offset = offset;
  }
}

export const settings = {
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: 300, maxDepth: 24, maxListElements: 100, maxMapEntries: 100 },
};
const longestList = 1_000;
export const comprehensions = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** Whether the rule holds. What it cannot answer, such as a missing field, is refused: it is never taken for false. */
export const evaluateRule = (text: string, context: Readonly<Record<string, unknown>>): boolean => {
  const evaluate = compile(text, Object.keys(context));
  const answer = attempt((): unknown => withinBudget(() => evaluate(members(context))));
  if (typeof answer !== 'boolean') throw new DomainError('invalid', 'a rule yields true or false');
  return answer;
};

type Program = ReturnType<Environment['parse']>;

/** Refuses what cannot be read, and what could take long. A rule is read once, and evaluated for much that comes. */
export const compile = (text: string, variables: readonly string[]): Program =>
  programs.memo(`${variables.join()}\n${text}`, { context: { text, variables } });

const programs = new LRUCache<string, Program, { text: string; variables: readonly string[] }>({
  max: 1_000,
  memoMethod: (_name, _stale, { context: { text, variables } }) => {
    const program = attempt(() => languages.memo(variables.join(), { context: variables }).parse(text));
    refuseCostly(program.ast);
    refuseLargePatterns(patternsIn(program.ast));
    return program;
  },
});

const attempt = <Result>(work: () => Result): Result => {
  try {
    return work();
  } catch (error) {
    if (error instanceof DomainError || !(error instanceof Error)) throw error;
    const at = error instanceof ParseError || error instanceof EvaluationError ? error.range?.start : undefined;
    throw new RuleFault(withoutExcerpt(error.message), at ?? 0);
  }
};

/** What the language says without the line and the caret below it: it is shown where a text has one line. */
export const withoutExcerpt = (message: string): string => message.split(/\n\n> +\d+ \| /, 1)[0]!;

const languageOf = (variables: readonly string[]): Environment => {
  const language = new Environment(settings);
  for (const name of variables) language.registerVariable(name, 'dyn');
  return withPatterns(language);
};

/** Adds `re()`, which takes no longer for a hostile pattern. */
export const withPatterns = (language: Environment): Environment =>
  language.registerFunction('re(string, string): bool', isFound);

/** Few lists of variables exist; a caller with many must not fill the memory. */
const languages = new LRUCache<string, Environment, readonly string[]>({
  max: 100,
  memoMethod: (_names, _stale, { context }) => languageOf(context),
});

/** Where in the rule we are: inside of a comprehension's body, and how many comprehensions feed on this value. */
interface Surroundings {
  isInside: boolean;
  chained: number;
}

const refuseCostly = (node: ASTNode, where: Surroundings = { isInside: false, chained: 0 }): void => {
  if (node.op === 'rcall') refuseCostlyCall(node.args[0], node, where);
  if (node.op === 'rcall' && comprehensions.has(node.args[0])) {
    const [, list, body] = node.args;
    refuseCostly(list, { ...where, chained: where.chained + 1 });
    for (const part of body) refuseCostly(part, { ...where, isInside: true });
    return;
  }
  for (const part of partsOf(node.args)) refuseCostly(part, where);
};

const refuseCostlyCall = (name: string, node: ASTNode, { isInside, chained }: Surroundings): void => {
  if (name === 'matches') refuse('matches() may take for ever: use re(text, pattern)', node);
  if (name === 'bind') refuse('cel.bind() is not offered', node);
  if (!comprehensions.has(name)) return;
  if (isInside) refuse(`${name}() stands inside of another comprehension`, node);
  if (chained > 1) refuse(`${name}() is one comprehension too many in a chain`, node);
};

/** The patterns of a rule, as they stand in it. */
const patternsIn = (node: ASTNode): ASTNode[] => [
  ...(node.op === 'call' && node.args[0] === 're' ? node.args[1].slice(1) : []),
  ...partsOf(node.args).flatMap(patternsIn),
];

const refuseLargePatterns = (patterns: readonly ASTNode[]): void => {
  let [repeats, size] = [0, 0];
  for (const node of patterns) {
    const { op, args: text } = node;
    if (op !== 'value' || typeof text !== 'string') return refuse('the pattern of re() has to be written out', node);
    repeats += repeatsIn(text);
    if (text.length > longestPattern || repeats > mostRepeats)
      refuse(
        `a pattern is longer than ${longestPattern} characters, or those of the rule repeat more than ${mostRepeats} times`,
        node,
      );
    size += sizeOf(readPattern(text, node));
    if (size > largestPatterns)
      refuse(
        `the patterns of the rule are too large: ${size} steps for each character, at most ${largestPatterns}`,
        node,
      );
  }
};

const readPattern = (text: string, node: ASTNode): ReturnType<typeof patternOf> => {
  try {
    return patternOf(text);
  } catch (error) {
    return refuse(`not a pattern of RE2: ${error instanceof Error ? error.message : String(error)}`, node);
  }
};

const isNode = (value: unknown): value is ASTNode => typeof value === 'object' && value !== null && 'op' in value;

export const partsOf = (value: unknown): ASTNode[] => {
  if (isNode(value)) return [value];
  return Array.isArray(value) ? value.flatMap(partsOf) : [];
};

export const refuse = (message: string, { start }: ASTNode): never => {
  throw new RuleFault(message, start);
};

/** Members that are undefined are not there for `has()`. */
const members = (value: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, plain(member)]),
  );

/** Plain data, in which no list is long enough to cost time. */
const plain = (value: unknown): unknown => {
  if (!Array.isArray(value)) return typeof value === 'object' && value !== null ? members(value) : value;
  if (value.length <= longestList) return value.map(plain);
  throw new DomainError('invalid', `a list of more than ${longestList} elements is too long for a rule`);
};
