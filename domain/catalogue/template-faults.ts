import type { Document } from '../document.ts';
import { RuleFault } from '../rule.ts';
import { checkRule } from '../rule/check.ts';
import type { Scope } from '../rule/scope.ts';
import { rulesOf, templatesOf } from './annotated.ts';
import type { Fault } from './location.ts';
import { isOf, type Lookup } from './lookup.ts';
import { isPlaceholder, placeholdersOf, urlFault } from './placeholder.ts';
import { hint } from './suggestion.ts';

/** What texts may name beside what every plan has, by what defines it; none are known while nothing defines any, which may come later. */
export interface Variables {
  environment: readonly string[] | undefined;
  parameter: readonly string[];
}

/** The variables of all environments, and the parameters of all plan templates. */
export const variablesOf = (catalogue: Lookup): Variables => {
  const environments = catalogue.of('Environment');
  const defined = environments.flatMap(({ spec }) => Object.keys(spec.variables));
  const parameters = catalogue.of('PlanTemplate').flatMap(({ spec }) => Object.keys(spec.parameters));
  return {
    environment: environments.length === 0 ? undefined : [...new Set(defined)],
    parameter: [...new Set(parameters)],
  };
};

/** Why nothing defines what `environment.x` or `parameter.x` names; undefined where something does, or may. */
const undefinedFault = (placeholder: string, variables: Variables, document: Document): string | undefined => {
  const [of = '', name = ''] = placeholder.split('.');
  if (of === 'environment') {
    const { environment } = variables;
    if (!environment || placeholder === 'environment.name' || environment.includes(name)) return undefined;
    return `no environment has the variable of {{${placeholder}}}${hint(
      placeholder,
      environment.map((each) => `environment.${each}`),
    )}`;
  }
  if (of !== 'parameter') return undefined;
  const own = isOf(document, 'PlanTemplate') ? Object.keys(document.spec.parameters) : variables.parameter;
  if (own.includes(name)) return undefined;
  const whose = isOf(document, 'PlanTemplate') ? 'the template has no' : 'no plan template has the';
  return `${whose} parameter of {{${placeholder}}}${hint(
    placeholder,
    own.map((each) => `parameter.${each}`),
  )}`;
};

/** What is wrong with rules and with texts that have placeholders. */
export const textFaults = (document: Document, variables: Variables): Fault[] => {
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
          message: `unknown placeholder {{${name}}}${hint(name, known)} (known: ${known.join(', ')}, environment.<variable>, parameter.<name>)`,
        })),
    ),
    ...templates.flatMap(({ text, known, path }) => {
      const unset = placeholdersOf(text)
        .filter((name) => isPlaceholder(name, known))
        .flatMap((name) => undefinedFault(name, variables, document) ?? []);
      const fault = path.at(-1) === 'url' ? urlFault(text) : undefined;
      return [...unset, ...(fault === undefined ? [] : [fault])].map((message) => ({ path, message }));
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
