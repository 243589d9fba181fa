import { condition } from '@temporalio/workflow';
import type { StatusReport } from '../../domain/operation-plan.ts';
import { statusChased, statusReportOf, statusSent } from '../../domain/operation-plan/progress.rules.ts';
import { isExecuting, isOver } from '../../domain/operation-plan/record.rules.ts';
import { inTime, now } from '../time.ts';
import { type PlanContext, notifyOwner } from './context.ts';

/**
 * While a plan runs, a status report falls due again and again; one that is late is asked for four times a period. Ends
 * with the plan, when what was written is sent.
 */
export async function chaseStatusReports(context: PlanContext): Promise<void> {
  const { plan, timing } = context;
  const every = timing.statusReportEveryMs;
  if (every === undefined) return;
  const isWritten = (): boolean => statusReportOf(plan.current)?.unsent !== undefined;
  for (;;) {
    await condition(
      () => isOver(plan.current) || (isExecuting(plan.current) && plan.current.statusReport !== undefined),
    );
    const due = statusReportOf(plan.current);
    if (!due) return;
    const dueInMs = Date.parse(due.dueAt) - Date.now();
    if (!isOver(plan.current)) await condition(() => isWritten() || isOver(plan.current), Math.max(1, dueInMs));
    const report = statusReportOf(plan.current)!;
    if (report.unsent !== undefined) await send(context, { ...report, unsent: report.unsent }, every);
    else if (isOver(plan.current)) return;
    else await askFor(context, report, every);
  }
}

const send = async (
  context: PlanContext,
  { number, unsent }: StatusReport & { unsent: string[] },
  every: number,
): Promise<void> => {
  const { plan, belongsTo, stored } = context;
  context.isReporting = true;
  try {
    await stored.reportStatus({ belongsTo, number, commands: unsent });
  } finally {
    context.isReporting = false;
  }
  plan.apply(statusSent(plan.current, unsent, inTime(every)), { action: 'plan.status-sent', detail: { number } });
};

const askFor = async (context: PlanContext, { number, chased }: StatusReport, every: number): Promise<void> => {
  const { plan } = context;
  plan.apply(statusChased(plan.current, inTime(every / 4)), {
    action: 'plan.status-chased',
    detail: { number, chased: chased + 1 },
  });
  await notifyOwner(context, `status/${number}/${chased + 1}`, { reason: 'status-report-due' });
};

/** A pause has an owner: whoever answers for the plan hears of it again after each period, until it is resumed. */
export async function remindWhilePaused(context: PlanContext): Promise<void> {
  const { plan, timing, heard } = context;
  let told = 0;
  while (!isOver(plan.current)) {
    await condition(() => plan.current.paused || isOver(plan.current));
    // Nobody asked for this pause.
    if (heard.failures() > told)
      await notifyOwner(context, `failed/${plan.current.pausedAt}`, { reason: 'failure-heard' });
    told = heard.failures();
    // Counted from the pause, so that the next run goes on where this one was.
    const since = Date.parse(plan.current.pausedAt ?? now());
    const passed = Math.max(0, Math.floor((Date.now() - since) / timing.decideWithinMs));
    const dueAt = since + (passed + 1) * timing.decideWithinMs;
    const isBack = await condition(
      () => !plan.current.paused || isOver(plan.current) || heard.failures() > told,
      Math.max(1, dueAt - Date.now()),
    );
    if (isBack) continue;
    await notifyOwner(context, `paused/${dueAt}`, { reason: 'still-paused' });
  }
}
