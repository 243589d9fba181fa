import type { InsightStore } from './ports.ts';
import type { IncidentProfile } from './profile.ts';
import { type Similar, similarTo } from './similarity.rules.ts';

const mostSimilar = 10;

/** Incidents that came before or after and are like this one, the most alike first: those of which `mayName` says that they may be named alone. */
export const similarIncidents = async (
  insight: InsightStore,
  number: number,
  mayName: (found: readonly IncidentProfile[]) => Promise<readonly IncidentProfile[]> | readonly IncidentProfile[],
  most = mostSimilar,
): Promise<Similar[]> => {
  const incident = await insight.compared(number);
  if (!incident) return [];
  const [found, { documents, averageLength, holding }] = await Promise.all([
    insight.candidates(incident),
    insight.corpus(incident.words),
  ]);
  const corpus = { documents, averageLength, holding: (word: string) => holding.get(word) ?? 0 };
  return similarTo(incident, await mayName(found), corpus, most);
};
