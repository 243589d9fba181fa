import type { IncidentProfile } from './profile.ts';
import type { Compared } from './similarity.rules.ts';

export interface InsightStore {
  /** What is known of an incident: as it was profiled, or else what its title and its alerts say by now. */
  compared(number: number): Promise<Compared | undefined>;
  /** Incidents that have something in common with this one, those with the rarest of it first; without those that somebody has said are not the same. */
  candidates(incident: Compared): Promise<IncidentProfile[]>;
  /** How many incidents there are, how long they are in words, and how many have each of these. */
  corpus(words: readonly string[]): Promise<{ documents: number; averageLength: number; holding: Map<string, number> }>;
}
