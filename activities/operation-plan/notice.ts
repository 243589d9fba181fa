import { DomainError } from '../../domain/errors.ts';
import type { PlanId } from '../../domain/id.ts';
import type { Notice, OfRecord } from '../../domain/notice.ts';
import { blockersOf } from '../../domain/readiness.rules.ts';
import { keepable } from '../../domain/text.ts';
import type { ActivityPorts } from '../ports.ts';
import { knownPlan } from './circumstances.ts';

/** What is said of a plan, as PostgreSQL has it. Refuses what the plan does not have. */
export async function planNotice(
  { plans, readiness }: Pick<ActivityPorts, 'plans' | 'readiness'>,
  plan: PlanId,
  said: OfRecord,
): Promise<Notice> {
  if (said.reason === 'not-ready') {
    const newest = await readiness.newest(plan);
    const blockers = blockersOf(newest?.review.items ?? []);
    return {
      reason: 'not-ready',
      blockers: blockers.map(({ check, title, finding }) => keepable(`${check} ${title}: ${finding.detail}`, 500)),
    };
  }
  const { record } = await knownPlan(plans, plan);
  if (said.reason === 'scheduled') {
    if (!record || !('startAt' in record) || record.startAt === undefined)
      throw new DomainError('conflict', `plan ${plan} has no start`);
    return { reason: said.reason, startAt: record.startAt };
  }
  if (said.reason === 'failure-heard')
    return {
      reason: said.reason,
      why: record?.deviations.findLast((line) => line.endsWith(' failed')) ?? 'it has failed',
    };
  const has = (names: readonly string[], known: readonly string[]): void => {
    const stranger = names.find((name) => !known.includes(name));
    if (stranger !== undefined) throw new DomainError('not-found', `plan ${plan} has no ${stranger}`);
  };
  const seats = record?.assignments.map(({ seat }) => seat) ?? [];
  const activities = record?.activities.map(({ name }) => name) ?? [];
  if ('seat' in said) has([said.seat], seats);
  if ('activity' in said) has([said.activity], activities);
  if ('activities' in said) has(said.activities, activities);
  return said;
}
