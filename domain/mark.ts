import { z } from 'zod';
import { Name } from './name.ts';

/** What a text of a document stands for, beside being text. */
export type Mark =
  /** The name of another document, of this kind. */
  | { is: 'name'; of: string }
  /** A rule in CEL. */
  | { is: 'rule' }
  /** Words in which placeholders are filled in. */
  | { is: 'template' };

/** The marks of schemas; what is made from a schema, such as its optional form, keeps its mark. */
export const marks = z.registry<Mark>();

/** The name of a document of this kind. */
export const nameOf = (kind: string): typeof Name => Name.meta({}).register(marks, { is: 'name', of: kind });

/** The text, with `{{placeholders}}` that are filled in where it is used. */
export const template = (text: z.ZodString): z.ZodString => text.register(marks, { is: 'template' });

/** A rule in CEL, checked when it is applied and evaluated outside workflows. */
export const Rule = z
  .string()
  .min(1)
  .max(2000)
  .register(marks, { is: 'rule' })
  .meta({ id: 'Rule', description: 'A CEL expression that yields true or false' });
