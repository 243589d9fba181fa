import { z } from 'zod';
import { type Document, type Kind, specs } from '../document.ts';
import { type Mark, marks } from '../mark.ts';
import { approvalVariables, checkVariables } from '../rule.ts';
import type { Path } from './location.ts';
import { checkPlaceholders, stepPlaceholders } from './placeholder.ts';

type Marked = Mark & { text: string; path: Path };

/** One document names another. */
export interface Mention {
  kind: Kind;
  name: string;
  path: Path;
}

/** A rule or a text with placeholders, where it is written and which names it may use. */
export interface Written {
  text: string;
  path: Path;
  known: readonly string[];
}

/** The marked texts of a value, each with its place. */
const markedIn = (schema: z.core.$ZodType, value: unknown, path: Path): Marked[] => {
  const mark = marks.get(schema);
  if (mark) return typeof value === 'string' ? [{ ...mark, text: value, path }] : [];
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return markedIn(schema.def.innerType, value, path);
  if (schema instanceof z.ZodUnion) {
    const form = schema.options.find((option) => z.safeParse(option, value).success);
    return form ? markedIn(form, value, path) : [];
  }
  if (schema instanceof z.ZodArray && Array.isArray(value))
    return value.flatMap((item, at) => markedIn(schema.def.element, item, [...path, at]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const inner = schema instanceof z.ZodRecord ? schema.def.valueType : shapeOf(schema)[key];
    return inner ? markedIn(inner, member, [...path, key]) : [];
  });
};

const shapeOf = (schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> =>
  schema instanceof z.ZodObject ? schema.shape : {};

const markedOf = <Is extends Mark['is']>({ kind, spec }: Document, is: Is): Extract<Marked, { is: Is }>[] =>
  markedIn(specs[kind], spec, ['spec']).filter((found): found is Extract<Marked, { is: Is }> => found.is === is);

/** Every name of another document. */
export const mentionsOf = (document: Document): Mention[] =>
  markedOf(document, 'name').map(({ of, text, path }) => ({ kind: of as Kind, name: text, path }));

/** Every rule in a document. */
export const rulesOf = (document: Document): Written[] => {
  const known = document.kind === 'ApprovalPolicy' ? approvalVariables : checkVariables;
  return markedOf(document, 'rule').map(({ text, path }) => ({ text, path, known }));
};

/** Every text of a document in which placeholders are filled in. */
export const templatesOf = (document: Document): Written[] => {
  const known = document.kind === 'ReadinessChecklist' ? checkPlaceholders : stepPlaceholders;
  return markedOf(document, 'template').map(({ text, path }) => ({ text, path, known }));
};
