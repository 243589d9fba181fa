import { patched } from '@temporalio/workflow';
import type { OperationPlan } from '../../domain/operation-plan.ts';
import type { Planned } from '../../activities/operation-plan.ts';
import { looking, stored } from '../activities.ts';
import { now } from '../track.ts';
import { fail, isOvertaken, isStopping, type Story, tellOwner, waitFor } from './story.ts';

/** Looks at the evidence and writes the verdict down. */
export async function look(story: Story, status: OperationPlan['status']): Promise<void> {
  const { plan, timing } = story;
  story.looked = story.heard.readiness;
  const from = plan.current;
  const { rev } = from;
  const looks = looking.assessReadiness({ plan: plan.current.id, rev, at: Date.now() });
  // The first look tells more than the opening, and is saved with it.
  const assessment = await (timing.worksLocally ? plan.briefly(looks) : looks);
  if (isOvertaken(story, from)) return;
  const { review, verdict, blockers, conditions, mayBePlanned, validUntil } = assessment;
  const until = Math.min(validUntil ?? Number.POSITIVE_INFINITY, Date.now() + timing.reassessEveryMs);
  const readiness = { review, verdict, blockers, conditions, mayBePlanned, validUntil: new Date(until).toISOString() };
  const { readyBy: before, ...current } = plan.current;
  // A plan that is ready has all the time again, should it cease to be.
  const isAnew = verdict !== 'not-ready' && timing.worksInTurn === true;
  const readyBy = isAnew ? {} : { readyBy: before ?? new Date(Date.now() + timing.readyWithinMs).toISOString() };
  plan.apply(
    { ...current, status, readiness, ...readyBy },
    { action: 'plan.assessed', detail: { verdict, review, blockers } },
  );
}

/** Something that counted has ended, or there is news that the last look did not know of. */
export const isStale = ({ plan, heard, looked }: Story): boolean => {
  const until = plan.current.readiness?.validUntil;
  if (until !== undefined && Date.parse(until) <= Date.now()) return true;
  // Plans that started before this was looked at go on as they began.
  return heard.readiness !== looked && patched('readiness-news');
};

/** Holds a plan that is not ready until news, the next look, or the end of its patience; looks again then. */
export async function becomeReady(story: Story, status: OperationPlan['status']): Promise<void> {
  const { plan, timing, heard } = story;
  const isStopped = (): boolean => timing.worksInTurn === true && isStopping(story);
  if (isStopped()) return;
  // What came during the last look was not seen by it.
  const before = timing.worksInTurn ? story.looked : heard.readiness;
  const readyBy = Date.parse(plan.current.readyBy!);
  await tellOwner(
    story,
    `not-ready/${plan.current.readyBy}`,
    'not ready',
    `These checks stand in the way:\n${plan.current.readiness!.blockers.join('\n')}`,
  );
  const isAskedFor = (): boolean => heard.readiness !== before || plan.current.status !== status || isStopped();
  const hasNews = await waitFor(story, isAskedFor, Math.min(readyBy, Date.now() + timing.reassessEveryMs));
  if (isStopped()) return;
  if (!hasNews && Date.now() >= readyBy) giveUp(story);
  else if (plan.current.status === status && (isAskedFor() || !hasNews)) await look(story, status);
}

/** Before the start the plan fails; what was done for its gaps is undone first. */
const giveUp = (story: Story): void => {
  const { plan, timing } = story;
  const reason = `not ready by ${plan.current.readyBy}: ${plan.current.readiness!.blockers.join('; ')}`.slice(0, 1000);
  if (plan.current.status === 'running' && timing.worksInTurn)
    plan.apply({ ...plan.current, status: 'undoing', outcome: reason }, { action: 'plan.undoing', reason });
  else fail(story, 'failed', reason);
};

/** Makes the plan's revision; the same plan again keeps its revision, its people and its approval. */
export async function makePlan(story: Story): Promise<void> {
  const { plan } = story;
  const from = plan.current;
  const { readiness, revision, dropped, approval } = from;
  const planned = await plan.briefly(
    stored.planOperation({ plan: plan.current.id, review: readiness!.review, revision: revision + 1, dropped }),
  );
  if (isOvertaken(story, from)) return;
  if (planned.revision === revision) {
    // Changes that were asked for and are not wanted: the question is put anew.
    const again =
      approval?.status === 'changes-requested' ? { approval: { ...approval, status: 'superseded' as const } } : {};
    plan.apply({ ...plan.current, ...again, status: 'staffing' }, { action: 'plan.confirmed', detail: { revision } });
    return;
  }
  if (approval && approval.status !== 'not-needed') {
    await stored.withdrawApproval({ id: approval.id, status: 'superseded', at: Date.now() });
    if (isOvertaken(story, from)) return;
  }
  plan.apply(withPlan(plan.current, planned), {
    action: 'plan.planned',
    at: now(),
    detail: { revision: planned.revision, digest: planned.digest },
  });
}

const withPlan = (current: OperationPlan, planned: Planned): OperationPlan => {
  const { approval: before, startAt: _, ...rest } = current;
  const { revision, digest, activities, criticalPath, criticalPathMs, needMs, hasWindow, approval } = planned;
  const attempt = before?.attempt ?? 0;
  return {
    ...rest,
    status: 'staffing',
    revision,
    digest,
    activities,
    criticalPath,
    criticalPathMs,
    needMs,
    hasWindow,
    // Whoever accepted a seat that is still there keeps it.
    assignments: planned.seats.map(
      (seat) =>
        current.assignments.find((assignment) => assignment.seat === seat.seat) ?? {
          ...seat,
          status: 'open',
          passed: [],
        },
    ),
    ...('notNeeded' in approval
      ? { approval: { id: '', attempt, status: 'not-needed' as const } }
      : before && before.status !== 'not-needed'
        ? { approval: { id: before.id, attempt, status: 'superseded' as const } }
        : {}),
  };
};
