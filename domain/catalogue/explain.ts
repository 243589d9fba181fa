import type { z } from 'zod';
import { hint } from './near.ts';
import { type Path, type Places, type Problem, problemAt } from './place.ts';

type Issue = z.core.$ZodIssue;

/** What the schema has to say about a written value, one problem for each field, in words for who wrote it. */
export const explain = (
  issues: readonly Issue[],
  base: Path,
  document: unknown,
  places: Places,
  fieldsOf: (path: Path) => readonly string[],
): Problem[] =>
  issues.flatMap((issue) => {
    const path = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
    if (issue.code === 'unrecognized_keys') {
      const known = fieldsOf(path);
      return issue.keys.map((key) =>
        problemAt(places.key([...path, key]), [...path, key], `unknown key${hint(key, known)}`),
      );
    }
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      return explain(nearest(issue.errors), path, document, places, fieldsOf);
    }
    if (issue.code === 'invalid_key') return [problemAt(places.key(path), path, saying(issue.issues[0] ?? issue))];
    const isMissing = valueAt(document, path) === undefined;
    return [problemAt(places.value(path), path, isMissing ? `is missing: ${saying(issue)}` : saying(issue))];
  });

const saying = ({ message }: { message: string }): string =>
  message.replace(/^Invalid input: |, received undefined$/g, '');

/** Of several forms that a value may have, the one that was probably meant: right in kind, then with the fewest faults. */
const nearest = (forms: readonly (readonly Issue[])[]): readonly Issue[] => {
  const strangeness = (issues: readonly Issue[]): number =>
    issues.reduce((sum, issue) => sum + faultsOf(issue) + (decides(issue) ? 1000 : 0), 0);
  return forms.toSorted((a, b) => strangeness(a) - strangeness(b))[0] ?? [];
};

const faultsOf = (issue: Issue): number => (issue.code === 'unrecognized_keys' ? issue.keys.length : 1);

/** The value as a whole is of another type, or its `kind` belongs to another form. */
const decides = ({ code, path }: Issue): boolean =>
  (code === 'invalid_type' && path.length === 0) ||
  ((code === 'invalid_value' || code === 'invalid_union') && path.length === 1 && path[0] === 'kind');

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (holder, part) =>
      typeof holder === 'object' && holder !== null && Object.hasOwn(holder, part)
        ? Reflect.get(holder, part)
        : undefined,
    value,
  );
