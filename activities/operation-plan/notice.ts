import { DomainError } from '../../domain/errors.ts';
import type { PlanId } from '../../domain/id.ts';
import type { OperationPlan } from '../../domain/operation-plan.ts';
import { checkOf } from '../../domain/operation-plan/record.rules.ts';
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
  const { record, commission } = await knownPlan(plans, plan);
  const { service, environment } = commission;
  if (said.reason === 'not-ready') {
    const newest = await readiness.newest(plan);
    const found = blockersOf(newest?.review.items ?? []);
    const blockers = found.map(({ check, title, finding }) => keepable(`${check} ${title}: ${finding.detail}`, 500));
    const readyBy = record?.readyBy;
    return { reason: said.reason, blockers, service, environment, checks: blockers.map(checkOf), readyBy };
  }
  if (said.reason === 'waiver-asked') {
    const waiver = (await readiness.waivers(service, environment)).find(({ id }) => id === said.waiver);
    if (!waiver) throw new DomainError('not-found', `plan ${plan} has no waiver ${said.waiver}`);
    return { reason: said.reason, waiver };
  }
  if (said.reason === 'start-held') {
    const why = record?.deviations.findLast((line) => line.startsWith('held: '))?.slice('held: '.length);
    return { reason: said.reason, why: why ?? 'it is held' };
  }
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
  return said.reason === 'seat-asked' || said.reason === 'seat-reassigned' ? ofSeat(said, record!, plan) : said;
}

/** Of a seat that was moved: who had it, who is to have it, and why. */
const ofSeat = (
  { reason, seat }: Extract<OfRecord, { reason: 'seat-asked' | 'seat-reassigned' }>,
  { assignments }: OperationPlan,
  plan: PlanId,
): Notice => {
  const { person, passed } = assignments.find((assignment) => assignment.seat === seat)!;
  const moved = passed.findLast((past) => past.how === 'reassigned');
  // Whoever is asked after somebody declined is asked as usual.
  if (reason === 'seat-asked') return { reason, seat, moved: moved?.to === person ? moved : undefined };
  if (!moved) throw new DomainError('not-found', `seat ${seat} of plan ${plan} was not reassigned`);
  return { reason, seat, moved };
};
