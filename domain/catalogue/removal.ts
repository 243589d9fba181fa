import type { Document, Kind } from '../document.ts';
import { mentionsOf } from './annotated.ts';

type Named = Pick<Document, 'kind' | 'name'>;

const keyOf = ({ kind, name }: Named): string => `${kind} ${name}`;

/** The catalogue without some documents, and with others in the place of those of their kind and name. */
export const catalogueAfter = (
  existing: readonly Document[],
  { applied = [], removed = [] }: { applied?: readonly Document[]; removed?: readonly Named[] },
): Document[] => {
  const gone = new Set([...applied, ...removed].map(keyOf));
  return [...existing.filter((document) => !gone.has(keyOf(document))), ...applied];
};

/** Who among the remaining documents still names one that is to be removed: what has to be changed first. */
export const stillNamed = (removed: readonly Named[], remaining: readonly Document[]): string[] => {
  const gone = new Set(removed.map(keyOf));
  return remaining.flatMap((document) =>
    mentionsOf(document)
      .filter((mention: { kind: Kind; name: string }) => gone.has(keyOf(mention)))
      .map((mention) => `${keyOf(mention)} is still used by ${keyOf(document)} (${mention.path.join('.')})`),
  );
};

/** The documents that carry all of the labels and are not among those that are applied. */
export const prunedBy = (
  labels: Readonly<Record<string, string>>,
  existing: readonly Document[],
  applied: readonly Named[],
): Document[] => {
  const kept = new Set(applied.map(keyOf));
  return existing.filter(
    (document) =>
      !kept.has(keyOf(document)) && Object.entries(labels).every(([label, value]) => document.labels[label] === value),
  );
};
