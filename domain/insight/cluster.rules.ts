import type { IncidentProfile } from './profile.ts';

type Place = Pick<IncidentProfile, 'team' | 'service' | 'isPrivate' | 'number' | 'templates'>;

/**
 * What incidents have in common that are the same again: where it happens, what their title always says, and how it failed: by a change
 * that went wrong, or by itself. A private one is the same as no other.
 */
export const clusterOf = (
  { team, service, isPrivate, number, templates: [first] }: Place,
  isOfChange: boolean,
): string =>
  isPrivate
    ? `incident/${number}`
    : `${service === undefined ? `team/${team}` : `service/${service}`}/template/${first?.id ?? 0}${isOfChange ? '/change' : ''}`;

/** A cluster without what people have said is something else: its name goes on with the incident that it began with. */
const partOf = (base: string, first: number): string => `${base}/from/${first}`;

/** The clusters that one has become, by name; each with an incident that stands for it, and what its incidents are not the same as. */
export interface Part {
  cluster: string;
  /** What the first incident of it is known by. */
  terms: readonly string[];
  incidents: readonly number[];
}

/**
 * The part that an incident belongs to: of those with none of which anybody has said that it is not the same, the one whose first incident
 * is most like it; a new part where there is none.
 */
export const partFor = (
  { base, number, terms }: { base: string; number: number; terms: readonly string[] },
  parts: readonly Part[],
  differs: ReadonlySet<number>,
): string => {
  const fits = parts.filter(({ incidents }) => !incidents.some((other) => other !== number && differs.has(other)));
  const [best] = fits
    .map((part) => ({ part, share: jaccard(part.terms, terms) }))
    .toSorted((a, b) => b.share - a.share || a.part.cluster.length - b.part.cluster.length);
  if (best) return best.part.cluster;
  return parts.length === 0 ? base : partOf(base, number);
};

const jaccard = (one: readonly string[], other: readonly string[]): number => {
  const [a, b] = [new Set(one), new Set(other)];
  const shared = a.intersection(b).size;
  const all = a.size + b.size - shared;
  return all === 0 ? 0 : shared / all;
};
