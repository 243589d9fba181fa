import { z } from 'zod';
import { type Document, type Kind, specs } from '../document.ts';
import { type Annotation, annotations } from '../annotation.ts';
import { alertScope, approvalScope, checkScope, mappingScope, type Scope } from '../rule/scope.ts';
import { formsOf, within } from './field.ts';
import type { Path } from './location.ts';
import { checkPlaceholders, stepPlaceholders } from './placeholder.ts';

type Annotated = Annotation & { text: string; path: Path };

/** A text with placeholders, where it is written and which names it may use. */
export interface Written {
  text: string;
  path: Path;
  known: readonly string[];
}

/** A rule, where it is written and what it may speak of. */
export interface WrittenRule extends Omit<Written, 'known'> {
  scope: Scope;
}

/** The annotated texts of a value, each with its place. */
const annotatedIn = (schema: z.core.$ZodType, value: unknown, path: Path): Annotated[] => {
  const forms = formsOf(schema);
  const form = forms.length === 1 ? forms[0] : forms.find((each) => z.safeParse(each, value).success);
  const annotation = form && annotations.get(form);
  if (annotation && typeof value === 'string') return [{ ...annotation, text: value, path }];
  if (!form || typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const inner = within(form, key);
    return inner ? annotatedIn(inner, member, [...path, key]) : [];
  });
};

type Specified = Pick<Document, 'kind' | 'spec'>;

const annotatedOf = <Is extends Annotation['is']>(
  { kind, spec }: Specified,
  is: Is,
): Extract<Annotated, { is: Is }>[] =>
  annotatedIn(specs[kind], spec, ['spec']).filter((found): found is Extract<Annotated, { is: Is }> => found.is === is);

/** Every name of another document. */
export const mentionsOf = (document: Specified): { kind: Kind; name: string; path: Path }[] =>
  annotatedOf(document, 'name').map(({ of, text, path }) => ({ kind: of as Kind, name: text, path }));

const scopeOf = (kind: Kind): Scope => {
  if (kind === 'Source') return mappingScope;
  if (kind === 'CorrelationRule') return alertScope;
  return kind === 'ApprovalPolicy' ? approvalScope : checkScope;
};

/** Every rule in a document. */
export const rulesOf = (document: Specified): WrittenRule[] => {
  const scope = scopeOf(document.kind);
  return annotatedOf(document, 'rule').map(({ text, path }) => ({ text, path, scope }));
};

/** Every text of a document in which placeholders are filled in. */
export const templatesOf = (document: Specified): Written[] => {
  const known = document.kind === 'ReadinessChecklist' ? checkPlaceholders : stepPlaceholders;
  return annotatedOf(document, 'template').map(({ text, path }) => ({ text, path, known }));
};
