import type { ASTNode } from '@marcbachmann/cel-js';
import { z } from 'zod';
import { fieldsAt, formsAt } from '../catalogue/field.ts';
import type { Path } from '../catalogue/location.ts';
import { hint } from '../catalogue/suggestion.ts';
import { compile, comprehensions, partsOf, RuleFault, refuse, withoutExcerpt } from '../rule.ts';
import { type Scope, variablesOf } from './scope.ts';
import { typedLanguage } from './typed.ts';

/** Refuses a rule that cannot work, or that could take long, before anything relies on it. */
export const checkRule = (text: string, scope: Scope): void => {
  const { ast } = compile(text, variablesOf(scope));
  refuseStrangers(ast, { scope, elements: new Map() });
  const { valid, type, error } = languageOf(scope).parse(text).check();
  if (!valid) throw new RuleFault(withoutExcerpt(error?.message ?? 'the rule is not valid'), error?.range?.start ?? 0);
  if (type !== 'bool' && type !== 'dyn') throw new RuleFault(`a rule yields true or false, this one ${type}`, 0);
};

const languages = new WeakMap<Scope, ReturnType<typeof typedLanguage>>();
const languageOf = (scope: Scope) => {
  const language = languages.get(scope) ?? typedLanguage(scope);
  languages.set(scope, language);
  return language;
};

/** Where in a rule we are: what is seen there, and which elements the variables of comprehensions stand for. */
interface Place {
  scope: Scope;
  elements: ReadonlyMap<string, Path | undefined>;
}

/** Refuses variables and fields that there are not, also in `has()`, and values that an enumeration never has. */
const refuseStrangers = (node: ASTNode, place: Place): void => {
  if (node.op === 'id') return refuseUnknownVariable(node.args, node, place);
  if (node.op === 'rcall' && comprehensions.has(node.args[0])) {
    const [, list, [variable, ...body]] = node.args;
    refuseStrangers(list, place);
    const of = pathOf(list, place);
    const elements = new Map(place.elements);
    if (variable?.op === 'id') elements.set(variable.args, of && [...of, 0]);
    for (const part of body) refuseStrangers(part, { ...place, elements });
    return;
  }
  if (node.op === '.' || node.op === '.?') refuseUnknownField(node.args, node, place);
  if (node.op === '[]' && node.args[1].op === 'value' && typeof node.args[1].args === 'string')
    refuseUnknownField([node.args[0], node.args[1].args], node, place);
  if (node.op === '==' || node.op === '!=') {
    refuseUnknownValue(node.args[0], node.args[1], place);
    refuseUnknownValue(node.args[1], node.args[0], place);
  }
  if (node.op === 'in' && node.args[1].op === 'list')
    for (const value of node.args[1].args) refuseUnknownValue(node.args[0], value, place);
  for (const part of partsOf(node.args)) refuseStrangers(part, place);
};

const refuseUnknownVariable = (name: string, node: ASTNode, { scope, elements }: Place): void => {
  const known = [...variablesOf(scope), ...elements.keys()];
  // Names of types are there as well.
  if (!known.includes(name) && !types.has(name)) refuse(`Unknown variable: ${name}${hint(name, known)}`, node);
};
const types = new Set(['string', 'bool', 'int', 'uint', 'double', 'map', 'list', 'bytes', 'null_type', 'type']);

const refuseUnknownField = ([holder, name]: readonly [ASTNode, string], node: ASTNode, place: Place): void => {
  const path = pathOf(holder, place);
  if (!path || !formsAt(place.scope, path).every((form) => form instanceof z.ZodObject)) return;
  const known = fieldsAt(place.scope, path);
  if (known.length > 0 && !known.includes(name)) refuse(`No such key: ${name}${hint(name, known)}`, node);
};

const refuseUnknownValue = (of: ASTNode, value: ASTNode, place: Place): void => {
  const path = pathOf(of, place);
  if (!path || value.op !== 'value' || typeof value.args !== 'string') return;
  const forms = formsAt(place.scope, path);
  const known = forms.flatMap((form) => (form instanceof z.ZodEnum ? form.options.map(String) : []));
  if (known.length > 0 && forms.length === 1 && !known.includes(value.args))
    refuse(`never "${value.args}"${hint(value.args, known)} (known: ${known.join(', ')})`, value);
};

/** What a part of a rule names, from a variable on; undefined where that is worked out. */
const pathOf = (node: ASTNode, place: Place): Path | undefined => {
  if (node.op === 'id') return place.elements.has(node.args) ? place.elements.get(node.args) : [node.args];
  if (node.op === '.' || node.op === '.?') {
    const path = pathOf(node.args[0], place);
    return path && [...path, node.args[1]];
  }
  if (node.op === '[]') {
    const path = pathOf(node.args[0], place);
    const [, { op, args }] = node.args;
    return path && [...path, op === 'value' && typeof args === 'string' ? args : 0];
  }
  // What is filtered has the same elements.
  return node.op === 'rcall' && node.args[0] === 'filter' ? pathOf(node.args[1], place) : undefined;
};
