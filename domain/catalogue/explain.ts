import type { z } from 'zod';
import { choicesOf, choiceText, faultText, saying } from './issue-text.ts';
import { hint } from './suggestion.ts';
import { type Locations, type Path, type Problem, problemAt } from './location.ts';

type Issue = z.core.$ZodIssue;

/** What the schema has to say about a written value, one problem for each field, in words for who wrote it. */
export const explain = (
  issues: readonly Issue[],
  base: Path,
  document: unknown,
  locations: Locations,
  fieldsOf: (path: Path) => readonly string[],
): Problem[] =>
  issues.flatMap((issue) => {
    const path = [...base, ...pathOf(issue.path)];
    if (issue.code === 'unrecognized_keys') {
      const known = fieldsOf(path);
      const others = withoutKeys(valueAt(document, path), issue.keys);
      return issue.keys.map((key) => {
        const message = known.includes(key) ? strayKey(others) : unknownKey(key, known);
        return problemAt(locations.key([...path, key]), [...path, key], message);
      });
    }
    const value = valueAt(document, path);
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const words = wordsOf(issue.errors);
      const meant = withoutOtherForms(nearest(issue.errors), value);
      if (words.length === 0 || !meant.every(isOfWhole)) return explain(meant, path, document, locations, fieldsOf);
      const forms = fieldsOf(path).map((field) => `{ ${field} }`);
      return [locations.problem({ path, message: choiceText([...words, ...forms], value, words) })];
    }
    if (issue.code === 'invalid_key') return [problemAt(locations.key(path), path, saying(issue.issues[0] ?? issue))];
    return [locations.problem({ path, message: faultText(issue, value) })];
  });

/** With the key that was probably meant, or with all where there are few. */
const unknownKey = (key: string, known: readonly string[]): string => {
  const near = hint(key, known);
  const all = near === '' && known.length > 0 && known.length <= fewKeys ? ` (known: ${known.join(', ')})` : '';
  return `unknown key${near}${all}`;
};
const fewKeys = 4;

const withoutKeys = (value: unknown, keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value ?? {}).filter(([key]) => !keys.includes(key)));

/** A key of another form than the one that was meant. */
const strayKey = ({ kind, ...others }: Record<string, unknown>): string =>
  typeof kind === 'string'
    ? `does not belong to the kind ${kind}`
    : `cannot be combined with ${Object.keys(others).join(', ')}`;

/** Of several forms that a value may have, the one that was probably meant: right in kind, then with the fewest faults. */
const nearest = (forms: readonly (readonly Issue[])[]): readonly Issue[] => {
  const strangeness = (issues: readonly Issue[]): number =>
    issues.reduce((sum, issue) => sum + faultsOf(issue) + (decides(issue) ? 1000 : 0), 0);
  return forms.toSorted((a, b) => strangeness(a) - strangeness(b))[0] ?? [];
};

/** Where a key is written that no form has, only that is said: what the nearest form lacks was probably meant by it. */
const withoutOtherForms = (meant: readonly Issue[], value: unknown): readonly Issue[] => {
  const isStrange = meant.some(({ code, path }) => code === 'unrecognized_keys' && path.length === 0);
  return isStrange
    ? meant.filter(({ path }) => path.length === 0 || valueAt(value, pathOf(path)) !== undefined)
    : meant;
};

const pathOf = (path: readonly PropertyKey[]): Path =>
  path.map((part) => (typeof part === 'symbol' ? String(part) : part));

const faultsOf = (issue: Issue): number => (issue.code === 'unrecognized_keys' ? issue.keys.length : 1);

/** The words that would do where an object would do too. */
const wordsOf = (forms: readonly (readonly Issue[])[]): string[] =>
  forms.flat().flatMap((issue) => (issue.path.length === 0 ? choicesOf(issue) : []));

/** The fault is not within the value. */
const isOfWhole = ({ code, path }: Issue): boolean =>
  path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');

/** The value as a whole is of another type, or its `kind` belongs to another form. */
const decides = (issue: Issue): boolean => isOfWhole(issue) || isOfOtherKind(issue);

const isOfOtherKind = ({ code, path }: Issue): boolean =>
  (code === 'invalid_value' || code === 'invalid_union') && path.length === 1 && path[0] === 'kind';

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (holder, part) =>
      typeof holder === 'object' && holder !== null && Object.hasOwn(holder, part)
        ? Reflect.get(holder, part)
        : undefined,
    value,
  );
