import type { PlanIn } from '../../domain/operation-plan.ts';
import * as progress from '../../domain/operation-plan/progress.rules.ts';
import { deviated } from '../../domain/operation-plan/record.rules.ts';
import { seatedIn } from '../../domain/operation-plan/seat.rules.ts';
import { inTime, now } from '../time.ts';
import { isStale, look } from './assess.ts';
import { fail, isToContinue, notify, type PlanContext, unmoved, waitFor } from './context.ts';

/** Finds the time of the start, in the maintenance window and with time for the undo. */
export async function schedule(context: PlanContext, from: PlanIn<'approved'>): Promise<void> {
  const { plan, stored } = context;
  const { id, revision, hasWindow } = from;
  const slot = hasWindow ? await stored.findStart({ plan: id, revision, at: Date.now() }) : { startAt: Date.now() };
  const approved = unmoved(context, from);
  if (!approved) return;
  if ('none' in slot) return fail(context, 'failed', slot.none);
  plan.apply(progress.scheduled(approved, new Date(slot.startAt).toISOString()), {
    action: 'plan.scheduled',
    detail: { startAt: slot.startAt },
  });
  const people = seatedIn(approved);
  if (hasWindow && people.length > 0 && slot.startAt > Date.now() + toldAheadMs)
    await notify(context, `scheduled/${slot.startAt}`, { people }, { reason: 'scheduled' });
}

/** Who is needed sooner than this is there anyway. */
const toldAheadMs = 60_000;

/** Waits for the start, looks once more at what may have changed meanwhile, and passes the last gate. */
export async function start(context: PlanContext, from: PlanIn<'scheduled'>): Promise<void> {
  const { plan, stored, timing } = context;
  const startAt = Date.parse(from.startAt);
  if (startAt > Date.now()) {
    await waitFor(context, () => plan.current.status !== 'scheduled', startAt);
    if (isToContinue(context) || plan.current.paused) return;
  }
  let scheduled = unmoved(context, from);
  if (!scheduled) return;
  // A start that was missed, by a pause or an outage, needs a new one.
  if (from.hasWindow && Date.now() > startAt + 60_000) return missed(context, scheduled);
  if (isStale(context)) {
    await look(context);
    scheduled = unmoved(context, from);
    if (!scheduled || scheduled.paused) return;
    if (!progress.isReadyAsPlanned(from.readiness, scheduled.readiness)) {
      plan.apply(progress.readinessChanged(scheduled), { action: 'plan.readiness-changed' });
      return;
    }
  }
  const { id, revision, digest } = scheduled;
  const gate = await plan.briefly(
    stored.startPlan({ plan: id, revision, digest, approval: progress.askedIn(scheduled)?.id, at: Date.now() }),
  );
  scheduled = unmoved(context, from);
  if (!scheduled) return;
  if (typeof gate === 'object') return beHeld(context, scheduled, gate.held);
  if (gate === 'missed') return missed(context, scheduled);
  if (gate === 'changed') {
    const asked = progress.askedIn(scheduled);
    if (!asked) return fail(context, 'failed', `revision ${revision} is not what was planned`);
    plan.apply(progress.approvalVoid(scheduled), { action: 'plan.approval-void' });
    await stored.withdrawApproval({ id: asked.id, status: 'superseded', at: Date.now() });
    return;
  }
  const { statusReportEveryMs: every } = timing;
  const statusReport = every === undefined ? undefined : { dueAt: inTime(every), chased: 0, number: 1 };
  plan.apply(progress.started(scheduled, now(), statusReport), { action: 'plan.started' });
}

const missed = ({ plan }: PlanContext, scheduled: PlanIn<'scheduled'>): void => {
  plan.apply(progress.startMissed(scheduled), { action: 'plan.start-missed' });
};

const lookAgainMs = 3_600_000;

/** Nothing begins now; what holds it stands in the report. It is looked at again when it is said to be over. */
const beHeld = async (context: PlanContext, scheduled: PlanIn<'scheduled'>, why: string): Promise<void> => {
  const { plan, heard } = context;
  const before = heard.lifted();
  const reason = `held: ${why}`;
  if (scheduled.deviations.at(-1) !== reason) {
    plan.apply(deviated(scheduled, reason), { action: 'plan.held', reason });
    const to = { team: scheduled.team, others: seatedIn(scheduled) };
    await notify(context, `held/${scheduled.startAt}`, to, { reason: 'start-held' });
  }
  const isOff = (): boolean => heard.lifted() !== before || plan.current.status !== 'scheduled' || plan.current.paused;
  await waitFor(context, isOff, Date.now() + lookAgainMs);
};
