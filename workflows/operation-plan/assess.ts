import type { OperationPlan } from '../../domain/operation-plan.ts';
import { assessed, confirmed, planned, undoing } from '../../domain/operation-plan/progress.rules.ts';
import { looking } from '../activities.ts';
import { inTime, now } from '../track.ts';
import { fail, isOvertaken, isStopping, type PlanContext, notifyOwner, waitFor } from './context.ts';

/** Looks at the evidence and writes the verdict down. */
export async function look(context: PlanContext, status: OperationPlan['status']): Promise<void> {
  const { plan, timing } = context;
  context.looked = context.heard.readiness;
  const from = plan.current;
  const { rev } = from;
  // The first look tells more than the opening, and is saved with it.
  const assessment = await plan.briefly(looking.assessReadiness({ plan: plan.current.id, rev, at: Date.now() }));
  if (isOvertaken(context, from)) return;
  const { review, verdict, blockers, conditions, mayBePlanned, validUntil } = assessment;
  const until = Math.min(validUntil ?? Number.POSITIVE_INFINITY, Date.now() + timing.reassessEveryMs);
  const readiness = { review, verdict, blockers, conditions, mayBePlanned, validUntil: new Date(until).toISOString() };
  // A plan that is ready has all the time again, should it cease to be.
  const readyBy = verdict !== 'not-ready' ? undefined : (plan.current.readyBy ?? inTime(timing.readyWithinMs));
  plan.apply(assessed(plan.current, status, readiness, readyBy), {
    action: 'plan.assessed',
    detail: { verdict, review, blockers },
  });
}

/** Something that counted has ended, or there is news that the last look did not know of. */
export const isStale = ({ plan, heard, looked }: PlanContext): boolean => {
  const until = plan.current.readiness?.validUntil;
  if (until !== undefined && Date.parse(until) <= Date.now()) return true;
  return heard.readiness !== looked;
};

/** Holds a plan that is not ready until news, the next look, or the end of its patience; looks again then. */
export async function becomeReady(context: PlanContext, status: OperationPlan['status']): Promise<void> {
  const { plan, timing, heard } = context;
  const isStopped = (): boolean => isStopping(context);
  if (isStopped()) return;
  // What came during the last look was not seen by it.
  const before = context.looked;
  const readyBy = Date.parse(plan.current.readyBy!);
  const { blockers } = plan.current.readiness!;
  await notifyOwner(context, `not-ready/${plan.current.readyBy}`, { reason: 'not-ready', blockers });
  const isAskedFor = (): boolean => heard.readiness !== before || plan.current.status !== status || isStopped();
  const hasNews = await waitFor(context, isAskedFor, Math.min(readyBy, Date.now() + timing.reassessEveryMs));
  if (isStopped()) return;
  if (!hasNews && Date.now() >= readyBy) giveUp(context);
  else if (plan.current.status === status && (isAskedFor() || !hasNews)) await look(context, status);
}

/** Before the start the plan fails; what was done for its gaps is undone first. */
const giveUp = (context: PlanContext): void => {
  const { plan } = context;
  const reason = `not ready by ${plan.current.readyBy}: ${plan.current.readiness!.blockers.join('; ')}`.slice(0, 1000);
  if (plan.current.status === 'running') plan.apply(undoing(plan.current, reason), { action: 'plan.undoing', reason });
  else fail(context, 'failed', reason);
};

/** Makes the plan's revision; the same plan again keeps its revision, its people and its approval. */
export async function makePlan(context: PlanContext): Promise<void> {
  const { plan, stored } = context;
  const from = plan.current;
  const { readiness, revision, dropped, approval } = from;
  const outline = await plan.briefly(
    stored.planOperation({ plan: plan.current.id, review: readiness!.review, revision: revision + 1, dropped }),
  );
  if (isOvertaken(context, from)) return;
  if (outline.revision === revision) {
    plan.apply(confirmed(plan.current), { action: 'plan.confirmed', detail: { revision } });
    return;
  }
  if (approval && approval.status !== 'not-needed') {
    await stored.withdrawApproval({ id: approval.id, status: 'superseded', at: Date.now() });
    if (isOvertaken(context, from)) return;
  }
  plan.apply(planned(plan.current, outline), {
    action: 'plan.planned',
    at: now(),
    detail: { revision: outline.revision, digest: outline.digest },
  });
}
