import { z } from 'zod';
import type { Path } from './location.ts';

type Schema = z.core.$ZodType;

/** Fields that a schema knows at a path; none where any would do. Of several forms, those of each. */
export const fieldsAt = (schema: Schema, path: Path): string[] => [
  ...new Set(formsAt(schema, path).flatMap((form) => Object.keys(shapeOf(form)))),
];

/** The forms that a value at a path may have; none where the schema does not say. */
export const formsAt = (schema: Schema, [part, ...rest]: Path): Schema[] => {
  const forms = formsOf(schema);
  if (part === undefined) return forms;
  return forms.flatMap((form) => {
    const inner = within(form, part);
    return inner ? formsAt(inner, rest) : [];
  });
};

/** The forms that a value of the schema may have: one, unless it is a union. */
export const formsOf = (schema: Schema): Schema[] => {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(formsOf);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  )
    return formsOf(schema.def.innerType);
  return schema instanceof z.ZodLazy ? formsOf(schema.def.getter()) : [schema];
};

/** The schema of a member or an element of such a form. */
export const within = (form: Schema, part: PropertyKey): Schema | undefined => {
  if (form instanceof z.ZodArray) return form.def.element;
  if (form instanceof z.ZodRecord) return form.def.valueType;
  return shapeOf(form)[String(part)];
};

const shapeOf = (form: Schema): Readonly<Record<string, Schema>> => (form instanceof z.ZodObject ? form.shape : {});
