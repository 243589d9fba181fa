import type { Effectiveness } from '../../domain/problem.ts';
import { occurrencesAround } from '../../domain/problem/occurrences.ts';
import { verdictOf } from '../../domain/problem/effectiveness.rules.ts';
import type { ActivityPorts } from '../ports.ts';

/** What the incidents of a problem show of its fix, which is in place since then (ISO 8601); `at` in milliseconds. */
export async function judgeFix(
  { problems }: Pick<ActivityPorts, 'problems'>,
  { number, since, at }: { number: number; since: string; at: number },
): Promise<Effectiveness> {
  const { before, after } = occurrencesAround(await problems.incidentTimes(number), Date.parse(since), at);
  return { ...verdictOf(before, after), before, after, at: new Date(at).toISOString() };
}
