import { condition } from '@temporalio/workflow';
import { isExecuting, isOver } from '../../domain/operation-plan.rules.ts';
import { stored } from '../activities.ts';
import { now } from '../track.ts';
import { type Story, tellOwner } from './story.ts';

/** While a plan runs, a status report falls due again and again; one that is late is asked for four times a period. */
export async function chaseStatusReports({ plan, timing, ...story }: Story): Promise<void> {
  const every = timing.statusReportEveryMs;
  if (every === undefined) return;
  while (!isOver(plan.current)) {
    await condition(
      () => isOver(plan.current) || (isExecuting(plan.current) && plan.current.statusReport !== undefined),
    );
    const due = plan.current.statusReport;
    if (isOver(plan.current) || !due) return;
    const isWritten = (): boolean => plan.current.statusReport?.unsent !== undefined;
    await condition(() => isWritten() || isOver(plan.current), Math.max(1, Date.parse(due.dueAt) - Date.now()));
    if (isOver(plan.current)) return;
    const { unsent, number, chased } = plan.current.statusReport!;
    if (unsent !== undefined) {
      await stored.reportStatus({ plan: plan.current, number, text: unsent });
      const dueAt = new Date(Date.now() + every).toISOString();
      plan.apply(
        { ...plan.current, statusReport: { dueAt, chased: 0, number: number + 1 } },
        { action: 'plan.status-sent', detail: { number } },
      );
      continue;
    }
    const dueAt = new Date(Date.now() + every / 4).toISOString();
    plan.apply(
      { ...plan.current, statusReport: { ...plan.current.statusReport!, dueAt, chased: chased + 1 } },
      { action: 'plan.status-chased', detail: { number, chased: chased + 1 } },
    );
    await tellOwner(
      { plan, timing, ...story },
      `status/${number}/${chased + 1}`,
      'a status report is due',
      `evenkeel plan report-status ${plan.current.id} "…"`,
    );
  }
}

/** A pause has an owner: whoever answers for the plan hears of it again after each period, until it is resumed. */
export async function remindWhilePaused(story: Story): Promise<void> {
  const { plan, timing } = story;
  while (!isOver(plan.current)) {
    await condition(() => plan.current.paused || isOver(plan.current));
    // Counted from the pause, so that the next run goes on where this one was.
    const since = Date.parse(plan.current.pausedAt ?? now());
    const passed = Math.max(0, Math.floor((Date.now() - since) / timing.decideWithinMs));
    const dueAt = since + (passed + 1) * timing.decideWithinMs;
    const isBack = await condition(() => !plan.current.paused || isOver(plan.current), Math.max(1, dueAt - Date.now()));
    if (isBack) continue;
    await tellOwner(story, `paused/${dueAt}`, 'still paused', 'The plan is paused. Resume or cancel it.');
  }
}
