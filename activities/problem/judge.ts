import { durationVerdict, measureOf } from '../../domain/problem/duration-effect.rules.ts';
import type { Effectiveness } from '../../domain/problem.ts';
import { occurrencesAround } from '../../domain/problem/occurrences.ts';
import { verdictOf } from '../../domain/problem/effectiveness.rules.ts';
import type { ActivityPorts } from '../ports.ts';

/**
 * What the incidents of a problem show of its fix, which is in place since then (ISO 8601); `at` in milliseconds. A fix that detects or
 * mitigates is judged by how long that takes.
 */
export async function judgeFix(
  { problems }: Pick<ActivityPorts, 'problems'>,
  { number, since, at }: { number: number; since: string; at: number },
): Promise<Effectiveness> {
  const [courses, found] = await Promise.all([problems.incidentCourses(number), problems.find(number)]);
  const times = courses.map(({ openedAt }) => openedAt);
  const { before, after } = occurrencesAround(times, Date.parse(since), at);
  const measure = found?.record ? measureOf(found.record) : undefined;
  const verdict = measure === undefined ? verdictOf(before, after) : durationVerdict(measure, courses, since);
  return { ...verdict, before, after, at: new Date(at).toISOString() };
}
