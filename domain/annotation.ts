import { z } from 'zod';
import { Name } from './name.ts';

/** What a text of a document stands for, beside being text. */
export type Annotation =
  /** The name of another document, of this kind. */
  | { is: 'name'; of: string }
  /** A rule in CEL. */
  | { is: 'rule' }
  /** Words in which placeholders are filled in. */
  | { is: 'template' };

/** The annotations of schemas; what is made from a schema, such as its optional form, keeps its annotation. */
export const annotations = z.registry<Annotation>();

/** The name of a document of this kind. */
export const nameOf = (kind: string): typeof Name => Name.meta({}).register(annotations, { is: 'name', of: kind });

/** The text, with `{{placeholders}}` that are filled in where it is used. */
export const template = (text: z.ZodString): z.ZodString => text.register(annotations, { is: 'template' });

/** A rule in CEL, checked when it is applied and evaluated outside workflows. */
export const Rule = z
  .string()
  .min(1)
  .max(2000)
  .register(annotations, { is: 'rule' })
  .meta({ id: 'Rule', description: 'A CEL expression that yields true or false' });
