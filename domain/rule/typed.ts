import { Environment, type ObjectSchema } from '@marcbachmann/cel-js';
import { z } from 'zod';
import { formsOf } from '../catalogue/field.ts';
import { settings, withPatterns } from '../rule.ts';
import type { Scope } from './scope.ts';

/** The language with the types of all that a rule in this place sees; it is for checking alone. */
export const typedLanguage = (scope: Scope): Environment => {
  const language = withPatterns(new Environment(settings));
  const elements = new Map<z.core.$ZodType, string>();

  const typeOf = (schema: z.core.$ZodType): string | ObjectSchema => {
    const forms = formsOf(schema);
    const [form] = forms;
    if (!form || forms.length > 1) return 'dyn';
    if (form instanceof z.ZodString || form instanceof z.ZodEnum) return 'string';
    if (form instanceof z.ZodNumber) return 'double';
    if (form instanceof z.ZodBoolean) return 'bool';
    if (form instanceof z.ZodArray) return `list<${elementOf(form.def.element)}>`;
    if (form instanceof z.ZodRecord) return `map<string, ${elementOf(form.def.valueType)}>`;
    if (!(form instanceof z.ZodObject)) return 'dyn';
    return Object.fromEntries(Object.entries(form.shape).map(([name, member]) => [name, typeOf(member)]));
  };

  /** What stands in a list needs a type with a name. */
  const elementOf = (schema: z.core.$ZodType): string => {
    const type = typeOf(schema);
    if (typeof type === 'string') return type;
    const name = elements.get(schema) ?? `Element${elements.size}`;
    if (!elements.has(schema)) language.registerType(name, { schema: type });
    elements.set(schema, name);
    return name;
  };

  for (const [name, schema] of Object.entries(scope.shape)) {
    const type = typeOf(schema);
    language.registerVariable(typeof type === 'string' ? { name, type } : { name, schema: type });
  }
  // Numbers of documents are doubles, those of rules mostly have no fraction; the two compare as one writes them.
  language.registerOperator('double == int', (one: number, other: bigint) => one === Number(other));
  return language;
};
