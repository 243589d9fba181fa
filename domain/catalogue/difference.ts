import { canonical } from '../digest.ts';
import type { Document, Kind } from '../document.ts';

/** What applying a document would do. */
export interface Difference {
  kind: Kind;
  name: string;
  change: 'added' | 'changed' | 'unchanged' | 'deleted';
  /** `+ path: value`, `- path: value` or `~ path: old -> new`. */
  lines: string[];
}

/** Compares each document that is to be applied with the one in the catalogue, field by field; then what is deleted. */
export const differences = (
  current: readonly Document[],
  next: readonly Document[],
  removed: readonly Document[] = [],
): Difference[] => {
  const known = new Map(current.map((document) => [`${document.kind} ${document.name}`, document]));
  const applied = next.map((document): Difference => {
    const { kind, name } = document;
    const before = known.get(`${kind} ${name}`);
    const lines = compare('', before ? fieldsOf(before) : {}, fieldsOf(document));
    if (!before) return { kind, name, change: 'added', lines };
    return { kind, name, change: lines.length === 0 ? 'unchanged' : 'changed', lines };
  });
  return [...applied, ...removed.map(({ kind, name }): Difference => ({ kind, name, change: 'deleted', lines: [] }))];
};

const fieldsOf = ({ labels, spec }: Document): unknown => ({ labels, spec });

const compare = (path: string, before: unknown, after: unknown): string[] => {
  if (canonical(before) === canonical(after)) return [];
  if (before === undefined && isLeaf(after)) return [`+ ${path}: ${shown(after)}`];
  if (after === undefined) return [`- ${path}: ${shown(before)}`];
  if (Array.isArray(after) && (before === undefined || Array.isArray(before)))
    return compareLists(path, before ?? [], after);
  if (isRecord(after) && (before === undefined || isRecord(before))) {
    return [...new Set([...Object.keys(before ?? {}), ...Object.keys(after)])].flatMap((key) =>
      compare(path === '' ? key : `${path}.${key}`, before?.[key], after[key]),
    );
  }
  return [`~ ${path}: ${shown(before)} -> ${shown(after)}`];
};

/** Things with a name are compared by it, wherever they stand; values by whether they are there at all. */
const compareLists = (path: string, before: readonly unknown[], after: readonly unknown[]): string[] => {
  const [from, to] = [keyed(before), keyed(after)];
  const lines = [...new Set([...from.keys(), ...to.keys()])].flatMap((key) => {
    const place = isLeaf(from.get(key) ?? to.get(key)) ? path : `${path}[${key}]`;
    return compare(place, from.get(key), to.get(key));
  });
  return lines.length > 0 ? lines : [`~ ${path}: order ${[...from.keys()].join(', ')} -> ${[...to.keys()].join(', ')}`];
};

const keyed = (list: readonly unknown[]): Map<string, unknown> => {
  const items = new Map<string, unknown>();
  for (const [at, item] of list.entries()) {
    const key = nameOf(item) ?? String(at);
    items.set(items.has(key) ? `${key} ${at}` : key, item);
  }
  return items;
};

const nameOf = (item: unknown): string | undefined => {
  if (!isRecord(item)) return isLeaf(item) ? String(item) : undefined;
  const name = item['name'] ?? item['id'] ?? item['person'] ?? item['field'];
  return typeof name === 'string' ? name : undefined;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isLeaf = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || Object.keys(value).length === 0;

const shown = (value: unknown): string => {
  const text = typeof value === 'string' && /^[\w./:@-]+$/.test(value) ? value : canonical(value);
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`;
};
