import { DomainError } from '../../domain/errors.ts';
import { planReference } from '../../domain/identifiers.ts';
import type { ApprovalId, PlanId } from '../../domain/id.ts';
import type { PlanContent } from '../../domain/operation-plan/content.ts';
import { mayBePlanned } from '../../domain/readiness.rules.ts';
import { entitledTo } from '../approval/entitled.ts';
import { documentAt } from '../../domain/circumstances.ts';
import type { ActivityPorts } from '../ports.ts';
import { circumstancesOf, openPlan } from './circumstances.ts';
import { budgetHoldOf } from './budget.ts';
import { approvalOf, policiesIn } from './content.ts';
import { freezeOf } from './hold.ts';
import { joinedTo } from './joined.ts';
import { slotOf } from '../../domain/operation-plan/slot.ts';

/**
 * What came of the last gate: `missed` finds another time, `changed` is planned and asked about anew, and what is held is
 * tried again.
 */
export type Start = 'started' | 'missed' | 'changed' | { held: string };

type Ports = Pick<
  ActivityPorts,
  'catalogue' | 'schedules' | 'plans' | 'readiness' | 'objectives' | 'approvals' | 'commands' | 'freezes' | 'clock'
>;

/** A start may be late by as much: the workflow has to come to it. */
const latestMs = 60_000;

/**
 * The last gate. PostgreSQL decides, whatever the plan says of itself: this revision is what was planned, the newest
 * review lets it go on, its window is open for all of the work, and its approval is used up now, by this plan alone;
 * that none is needed follows from the newest review. A second attempt passes again.
 */
export async function startPlan(
  ports: Ports,
  ask: { plan: PlanId; revision: number; digest: string; approval?: ApprovalId | undefined; at: number },
): Promise<Start> {
  const { plan, revision, digest } = ask;
  const { commission, workflowId } = await openPlan(ports.plans, plan);
  const before = await ports.plans.startOf(plan);
  if (before?.digest === digest) return 'started';
  const found = await ports.plans.content(plan, revision);
  const newest = await ports.readiness.newest(plan);
  if (found?.digest !== digest || !newest || !mayBePlanned(newest.review)) return 'changed';
  const latest = await ports.plans.latestRevision(plan);
  // Its workflow may have lost by a reset what people had it change.
  if (latest !== revision)
    throw new DomainError('conflict', `revision ${latest} of plan ${plan} stands, and not ${revision}`);
  const stop = await ports.commands.stopOf(workflowId);
  if (stop) return { held: stop === 'cancel' ? 'it was cancelled' : 'it is paused' };
  const { content } = found;
  const dropped = await ports.commands.dropped(workflowId);
  const back = content.activities.find(({ name }) => dropped.includes(name));
  if (back) throw new DomainError('conflict', `activity ${back.name} was left out of plan ${plan}, and is back`);
  const now = ports.clock(ask.at);
  const frozen = await freezeOf(ports, content, now);
  if (frozen) return { held: frozen.why };
  const circumstances = await circumstancesOf(ports.catalogue, plan, commission);
  const spent = await budgetHoldOf(ports, circumstances, policiesIn(content.approval), now);
  if (spent !== undefined) return { held: spent };
  const slot = await slotOf(ports, content, now - latestMs, content.needMs);
  if ('none' in slot || slot.startAt > now) return 'missed';

  const isPassed =
    'policy' in content.approval
      ? await consume(ports, ask, now)
      : 'notNeeded' in (await derivedApproval(ports, content, commission, newest.review));
  if (!isPassed) return 'changed';
  const kept = await ports.plans.start({ plan, revision, digest, review: newest.id });
  return kept ? 'started' : 'changed';
}

const consume = async (
  ports: Ports,
  { plan, revision, digest, approval }: Parameters<typeof startPlan>[1],
  now: number,
): Promise<boolean> => {
  const { approvals } = ports;
  const asked = approval === undefined ? undefined : await approvals.find(approval);
  if (asked?.belongsTo !== planReference(plan)) return false;
  const how = { digest, by: `start/${plan}/${revision}`, at: new Date(now).toISOString() };
  const joined = await joinedTo(ports, plan, await openPlan(ports.plans, plan));
  return approvals.consume(asked.id, how, await entitledTo(ports, asked, joined, now));
};

const derivedApproval = async (
  { catalogue }: Ports,
  { plan, template: name, catalogueRevision }: PlanContent,
  commission: Parameters<typeof circumstancesOf>[2],
  review: Parameters<typeof approvalOf>[2],
): Promise<PlanContent['approval']> => {
  const template = await documentAt(catalogue, 'PlanTemplate', name, catalogueRevision);
  return approvalOf(await circumstancesOf(catalogue, plan, commission), template, review, catalogue);
};
