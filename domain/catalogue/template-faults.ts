import type { Document } from '../document.ts';
import { RuleFault } from '../rule.ts';
import { checkRule } from '../rule/check.ts';
import type { Scope } from '../rule/scope.ts';
import { rulesOf, templatesOf } from './annotated.ts';
import type { Fault } from './location.ts';
import type { Lookup } from './lookup.ts';
import { isPlaceholder, placeholdersOf, urlFault } from './placeholder.ts';
import { hint } from './suggestion.ts';

/** The variables of all environments; undefined while there is no environment, which may come later. */
export const variablesOf = (catalogue: Lookup): string[] | undefined => {
  const environments = catalogue.of('Environment');
  const defined = environments.flatMap(({ spec }) => Object.keys(spec.variables).map((name) => `environment.${name}`));
  return environments.length === 0 ? undefined : [...new Set(defined)];
};

/** What is wrong with rules and with texts that have placeholders. */
export const textFaults = (document: Document, variables: readonly string[] | undefined): Fault[] => {
  const templates = templatesOf(document);
  return [
    ...rulesOf(document).flatMap(({ text, scope, path }) => {
      const fault = faultOf(text, scope);
      return fault ? [{ path, message: fault.message, within: { text, offset: fault.offset } }] : [];
    }),
    ...templates.flatMap(({ text, known, path }) =>
      placeholdersOf(text)
        .filter((name) => !isPlaceholder(name, known))
        .map((name) => ({
          path,
          message: `unknown placeholder {{${name}}}${hint(name, known)} (known: ${known.join(', ')}, environment.<variable>)`,
        })),
    ),
    ...templates.flatMap(({ text, known, path }) => {
      const strangers = variables === undefined ? [] : placeholdersOf(text).filter((name) => !variables.includes(name));
      const unset = strangers.filter((name) => !known.includes(name) && isPlaceholder(name, known));
      const fault = path.at(-1) === 'url' ? urlFault(text) : undefined;
      return [
        ...unset.map((name) => `no environment has the variable of {{${name}}}${hint(name, variables ?? [])}`),
        ...(fault === undefined ? [] : [fault]),
      ].map((message) => ({ path, message }));
    }),
  ];
};

const faultOf = (rule: string, scope: Scope): RuleFault | undefined => {
  try {
    checkRule(rule, scope);
    return undefined;
  } catch (error) {
    if (error instanceof RuleFault) return error;
    throw error;
  }
};
