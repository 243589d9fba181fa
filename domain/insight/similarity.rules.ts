import { bm25, type Corpus } from './bm25.rules.ts';
import { fused, ranked } from './fusion.rules.ts';
import type { IncidentProfile } from './profile.ts';

/** What one incident is compared by. */
export type Compared = Pick<
  IncidentProfile,
  'number' | 'at' | 'service' | 'words' | 'templates' | 'alerts' | 'objectives'
>;

export interface Similar {
  number: number;
  /** Of the fused rankings: says which is more alike, and nothing else. */
  score: number;
  why: string[];
}

const weights = { alerts: 0.4, templates: 0.3, service: 0.2, objectives: 0.1 };
/** Words alone make incidents similar where a document says so much of what it would say of itself. */
const leastWords = 0.35;

/**
 * Incidents that are like this one, the most alike first: by words (BM25), by what both have (alerts, templates, service, objectives) and by
 * how lately they came, fused by rank. One that has nothing but its service or a few common words with it is not like it.
 */
export const similarTo = (incident: Compared, others: readonly Compared[], corpus: Corpus, most: number): Similar[] => {
  const asked = [...new Set(incident.words)];
  const self = bm25(asked, incident.words, corpus);
  const compared = others
    .filter(({ number }) => number !== incident.number)
    .map((other) => ({ other, words: bm25(asked, other.words, corpus), shared: sharedOf(incident, other) }))
    .filter(
      ({ words, shared: { alerts, templates, objectives } }) =>
        (self > 0 && words / self >= leastWords) || alerts.length + templates.length + objectives.length > 0,
    );
  const rankings = [
    ranked(compared, ({ words }) => (words > 0 ? words : undefined)),
    ranked(compared, ({ shared }) => structuredOf(shared) || undefined),
    ranked(compared, ({ other }) => Date.parse(other.at)),
  ];
  return compared
    .map((each) => ({ number: each.other.number, score: fused(each, rankings), why: whyOf(each, asked) }))
    .toSorted((a, b) => b.score - a.score || b.number - a.number)
    .slice(0, most);
};

interface Shared {
  alerts: string[];
  templates: string[];
  objectives: string[];
  service: string | undefined;
}

const sharedOf = (one: Compared, other: Compared): Shared => ({
  alerts: both(one.alerts, other.alerts),
  templates: one.templates.filter(({ id }) => other.templates.some((known) => known.id === id)).map(({ text }) => text),
  objectives: both(one.objectives, other.objectives),
  service: one.service !== undefined && one.service === other.service ? one.service : undefined,
});

const both = (one: readonly string[], other: readonly string[]): string[] => {
  const known = new Set(other);
  return one.filter((value) => known.has(value));
};

const structuredOf = ({ alerts, templates, objectives, service }: Shared): number =>
  (alerts.length > 0 ? weights.alerts : 0) +
  (templates.length > 0 ? weights.templates : 0) +
  (objectives.length > 0 ? weights.objectives : 0) +
  (service === undefined ? 0 : weights.service);

const whyOf = (
  { other, shared: { alerts, templates, objectives, service } }: { other: Compared; shared: Shared },
  asked: readonly string[],
): string[] => {
  const words = both(asked, other.words);
  return [
    ...(alerts.length === 0 ? [] : [alerts.length === 1 ? 'the same alert' : `${alerts.length} of the same alerts`]),
    ...(templates[0] === undefined ? [] : [`the same template: ${templates[0]}`]),
    ...(objectives.length === 0 ? [] : [`the same objective: ${objectives.join(', ')}`]),
    ...(service === undefined ? [] : [`the same service: ${service}`]),
    ...(templates.length > 0 || words.length === 0 ? [] : [`the same words: ${words.slice(0, 8).join(', ')}`]),
  ];
};
