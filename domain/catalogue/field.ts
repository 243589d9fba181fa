import { z } from 'zod';
import type { Path } from './location.ts';

/** Fields that a schema knows at a path; none where any would do. Of several forms, those of each. */
export const fieldsAt = (schema: z.core.$ZodType, path: Path): string[] => {
  const forms = formsOf(schema);
  const [part, ...rest] = path;
  if (part === undefined) return [...new Set(forms.flatMap((form) => Object.keys(shapeOf(form))))];
  return [...new Set(forms.flatMap((form) => within(form, part).flatMap((inner) => fieldsAt(inner, rest))))];
};

const formsOf = (schema: z.core.$ZodType): z.core.$ZodType[] => {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(formsOf);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return formsOf(schema.def.innerType);
  return [schema];
};

const shapeOf = (schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> =>
  schema instanceof z.ZodObject ? schema.shape : {};

const within = (schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType[] => {
  if (schema instanceof z.ZodArray) return [schema.def.element];
  if (schema instanceof z.ZodRecord) return [schema.def.valueType];
  const field = shapeOf(schema)[String(part)];
  return field ? [field] : [];
};
