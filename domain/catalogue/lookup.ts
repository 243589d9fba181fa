import type { Document, Kind, SpecOf } from '../document.ts';

/** The documents of a catalogue, found by kind and name. */
export interface Lookup {
  of<K extends Kind>(kind: K): Document<K>[];
  find<K extends Kind>(kind: K, name?: string): SpecOf<K> | undefined;
}

/** Of several documents with one kind and name, the last one counts. */
export const lookupIn = (documents: readonly Document[]): Lookup => {
  const known = new Map(documents.map((document) => [`${document.kind} ${document.name}`, document]));
  const all = [...known.values()];
  return {
    of: <K extends Kind>(kind: K) => all.filter((document) => isOf(document, kind)),
    find: <K extends Kind>(kind: K, name = '') => known.get(`${kind} ${name}`)?.spec as SpecOf<K> | undefined,
  };
};

export const isOf = <K extends Kind>(document: Document, kind: K): document is Document<K> => document.kind === kind;
