import { digestOf } from '../../../domain/digest.ts';
import type { Document, Kind, SpecOf } from '../../../domain/document.ts';
import type { CatalogueStore } from '../../../domain/ports.ts';

export interface MemoryCatalogue extends CatalogueStore {
  apply(documents: readonly Document[]): Promise<number>;
}

export const createMemoryCatalogue = (documents: readonly Document[] = []): MemoryCatalogue => {
  const rows: (Document & { at: number })[] = [];
  let last = 0;
  const current = (kind: Kind, revision = last): Document[] => {
    const known = rows.filter((row) => row.kind === kind && row.at <= revision);
    return [...new Map(known.map((row) => [row.name, row])).values()];
  };
  const apply: MemoryCatalogue['apply'] = async (next) => {
    const differing = next.filter(({ kind, name, labels, spec }) => {
      const old = current(kind).find((row) => row.name === name);
      return !old || digestOf([old.labels, old.spec]) !== digestOf([labels, spec]);
    });
    if (differing.length > 0) last += 1;
    rows.push(...differing.map((document) => ({ ...structuredClone(document), at: last })));
    return last;
  };
  void apply(documents);
  return {
    apply,
    revision: async () => last,
    find: async <K extends Kind>(kind: K, name: string, revision?: number) =>
      current(kind, revision).find((row) => row.name === name)?.spec as SpecOf<K> | undefined,
    list: async <K extends Kind>(kind: K, revision?: number) =>
      current(kind, revision)
        .map(({ name, labels, spec }) => ({ kind, name, labels, spec: spec as SpecOf<K> }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
};
