import type { Document, Kind, SpecOf } from '../document.ts';

/** For some kinds, what to gather from a spec. */
export type ByKind<Found> = { readonly [K in Kind]?: (spec: SpecOf<K>) => Found[] };

/** What the reader of the document's kind finds; nothing when there is none. */
export const gather = <K extends Kind, Found>(readers: ByKind<Found>, { kind, spec }: Document<K>): Found[] =>
  readers[kind]?.(spec) ?? [];
