import { computing, computingInTurn } from './activities.ts';
import type { PatternsInput } from './pattern.messages.ts';

/** Finds what keeps happening in a past that somebody has chosen. */
export async function findPatterns({ run }: PatternsInput): Promise<void> {
  await computing.findPatterns({ run, at: Date.now() });
}

/** Finds what kept happening lately, opens problems of it, and looks how well workarounds help; started by a schedule, which waits for no run that cannot end. */
export async function findDailyPatterns(): Promise<void> {
  const run = await computingInTurn.orderDailyPatterns({ at: Date.now() });
  await computingInTurn.findPatterns({ run, at: Date.now() });
  await computingInTurn.reviewKnownErrors();
}
