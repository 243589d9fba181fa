import { computing } from './activities.ts';
import type { PatternsInput } from './pattern.messages.ts';

/** Finds what keeps happening in a past that somebody has chosen. */
export async function findPatterns({ run }: PatternsInput): Promise<void> {
  await computing.findPatterns({ run, at: Date.now() });
}

/** Finds what kept happening lately, and opens problems of it; started by a schedule. */
export async function findDailyPatterns(): Promise<void> {
  const run = await computing.orderDailyPatterns({ at: Date.now() });
  await computing.findPatterns({ run, at: Date.now() });
}
