import type { PlanIn } from '../../domain/operation-plan.ts';
import { assessed, confirmed, planned, undoing } from '../../domain/operation-plan/progress.rules.ts';
import { looking } from '../activities.ts';
import { now } from '../time.ts';
import { fail, isStopping, type PlanContext, notify, notifyOwner, unmoved, waitFor } from './context.ts';

/** Looks at the evidence and writes the verdict down. */
export async function look(context: PlanContext): Promise<void> {
  const { plan, timing } = context;
  const seen = context.heard.readiness();
  const from = plan.current;
  const { rev } = from;
  // The first look tells more than the opening, and is saved with it.
  const assessment = await plan.briefly(looking.assessReadiness({ plan: plan.current.id, rev, at: Date.now() }));
  const present = unmoved(context, from);
  if (!present) return;
  context.looked = seen;
  const { review, at, verdict, blockers, conditions, mayBePlanned, validUntil, waiversAsked } = assessment;
  const until = Math.min(validUntil ?? Number.POSITIVE_INFINITY, Date.now() + timing.reassessEveryMs);
  const looked = { review, verdict, blockers, conditions, mayBePlanned, validUntil: new Date(until).toISOString() };
  const readiness = waiversAsked ? { ...looked, waiversAsked } : looked;
  // A plan that is ready has all the time again, should it cease to be.
  const readyBy =
    verdict !== 'not-ready' ? undefined : (present.readyBy ?? new Date(at + timing.readyWithinMs).toISOString());
  plan.apply(assessed(present, readiness, readyBy), {
    action: 'plan.assessed',
    detail: { verdict, review, blockers },
  });
}

/** Something that counted has ended, or there is news that the last look did not know of. */
export const isStale = ({ plan, heard, looked }: PlanContext): boolean => {
  const until = plan.current.readiness?.validUntil;
  if (until !== undefined && Date.parse(until) <= Date.now()) return true;
  return heard.readiness() !== looked;
};

/** Holds a plan that is not ready until news, the next look, or the end of its patience; looks again then. */
export async function becomeReady(context: PlanContext, from: PlanIn<'assessed' | 'running'>): Promise<void> {
  const { plan, timing, heard } = context;
  const isStopped = (): boolean => isStopping(context);
  if (isStopped()) return;
  // What came during the last look was not seen by it.
  const before = context.looked;
  const readyBy = Date.parse(from.readyBy!);
  const { status } = from;
  await notifyOwner(context, `not-ready/${from.readyBy}`, { reason: 'not-ready' });
  for (const waiver of from.readiness.waiversAsked ?? [])
    await notify(
      context,
      `not-ready/${from.readyBy}/waiver/${waiver}`,
      { team: from.team, role: 'approver' },
      { reason: 'waiver-asked', waiver },
    );
  const isAskedFor = (): boolean => heard.readiness() !== before || plan.current.status !== status || isStopped();
  const hasNews = await waitFor(context, isAskedFor, Math.min(readyBy, Date.now() + timing.reassessEveryMs));
  if (isStopped()) return;
  if (!hasNews && Date.now() >= readyBy) giveUp(context, from);
  else if (plan.current.status === status && (isAskedFor() || !hasNews)) await look(context);
}

/** Before the start the plan fails; what was done for its gaps is undone first. */
const giveUp = (context: PlanContext, { readyBy, readiness }: PlanIn<'assessed' | 'running'>): void => {
  const { plan } = context;
  const reason = `not ready by ${readyBy}: ${readiness.blockers.join('; ')}`.slice(0, 1000);
  if (plan.current.status === 'running') plan.apply(undoing(plan.current, reason), { action: 'plan.undoing', reason });
  else fail(context, 'failed', reason);
};

/** Makes the plan's revision; the same plan again keeps its revision, its people and its approval. */
export async function makePlan(context: PlanContext, from: PlanIn<'assessed'>): Promise<void> {
  const { plan, stored } = context;
  const { revision, dropped, approval } = from;
  const outline = await plan.briefly(
    stored.planOperation({ plan: from.id, revision: revision + 1, dropped, at: Date.now() }),
  );
  let present = unmoved(context, from);
  if (!present) return;
  if (outline.revision === revision) {
    plan.apply(confirmed(present, outline.digest), { action: 'plan.confirmed', detail: { revision } });
    return;
  }
  if (approval && 'id' in approval) {
    await stored.withdrawApproval({ id: approval.id, status: 'superseded', at: Date.now() });
    present = unmoved(context, from);
    if (!present) return;
  }
  plan.apply(planned(present, outline), {
    action: 'plan.planned',
    at: now(),
    detail: { revision: outline.revision, digest: outline.digest },
  });
}
