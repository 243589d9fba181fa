import type { OperationPlan, PlanApproval, PlanIn, PlanQuestion, Readiness, StatusReport } from '../operation-plan.ts';
import type { PlanOutline } from './outline.ts';
import { cancelOpen } from '../task.rules.ts';
import { checkOf, end, unscheduled, withActivity, withTask } from './record.rules.ts';

/**
 * What the last look said; a draft is assessed by it. Until `readyBy` a plan that is not ready may become so; absent, its
 * patience is whole again.
 */
export const assessed = (plan: OperationPlan, readiness: Readiness, readyBy: string | undefined): OperationPlan => {
  const { readyBy: _, ...rest } = plan;
  const next = { ...rest, readiness, ...(readyBy === undefined ? {} : { readyBy }) };
  return next.status === 'draft' ? { ...next, status: 'assessed' } : next;
};

/** A new revision: whoever accepted a seat that is still there keeps it, and an earlier approval is void. */
export const planned = (
  { approval: before, ...plan }: PlanIn<'assessed'>,
  { seats, approval, ...outline }: PlanOutline,
): PlanIn<'staffing'> => ({
  ...plan,
  ...outline,
  ...('notNeeded' in approval
    ? { approval: { attempt: before?.attempt ?? 0, status: 'not-needed' } }
    : putAnew(before)),
  status: 'staffing',
  assignments: seats.map(
    (seat) =>
      plan.assignments.find((assignment) => assignment.seat === seat.seat) ?? { ...seat, status: 'open', passed: [] },
  ),
});

/** What a new question has to know of those before it: their count goes on. */
const putAnew = (before: PlanApproval | undefined): { approval?: PlanApproval } => {
  if (!before || before.attempt === 0) return {};
  const { attempt } = before;
  return {
    approval: 'id' in before ? { id: before.id, attempt, status: 'superseded' } : { attempt, status: 'unasked' },
  };
};

/** The same plan again keeps its approval; changes that were asked for and are not wanted put the question anew. */
export const confirmed = (plan: PlanIn<'assessed'>, digest: string): PlanIn<'staffing'> => ({
  ...plan,
  digest,
  ...(plan.approval?.status === 'changes-requested' ? superseded(plan) : {}),
  status: 'staffing',
});

export const staffed = (plan: PlanIn<'staffing'>): PlanIn<'awaiting-approval'> => ({
  ...plan,
  status: 'awaiting-approval',
});

/** The question that people were asked about the plan, if they were. */
export const askedIn = ({ approval }: OperationPlan): PlanQuestion | undefined =>
  approval && 'id' in approval ? approval : undefined;

const superseded = (plan: OperationPlan): { approval?: PlanQuestion } => {
  const approval = askedIn(plan);
  return approval ? { approval: { ...approval, status: 'superseded' } } : {};
};

/** Where the question stands that people were asked. */
export const asked = (plan: OperationPlan, approval: PlanApproval): OperationPlan => ({ ...plan, approval });

export const approved = (plan: PlanIn<'awaiting-approval'>): PlanIn<'approved'> => ({ ...plan, status: 'approved' });

export const scheduled = (plan: PlanIn<'approved'>, startAt: string): PlanIn<'scheduled'> => ({
  ...plan,
  status: 'scheduled',
  startAt,
});

/** The start went by, in a pause or an outage: another one is looked for. */
export const startMissed = (plan: PlanIn<'scheduled'>): PlanIn<'approved'> => ({
  ...unscheduled(plan),
  status: 'approved',
});

const checksOf = (lines: readonly string[]): string => lines.map(checkOf).join(' ');

/** Whether the last look found what the plan was made, and approved, for: the same verdict, blockers and conditions. */
export const isReadyAsPlanned = (before: Readiness, found: Readiness): boolean =>
  before.verdict === found.verdict &&
  checksOf(before.blockers) === checksOf(found.blockers) &&
  checksOf(before.conditions) === checksOf(found.conditions);

/** The readiness is another one than the plan was made for: it is planned anew. */
export const readinessChanged = (plan: PlanIn<'scheduled'>): PlanIn<'assessed'> => ({
  ...unscheduled(plan),
  status: 'assessed',
});

/** The last gate did not let the plan pass: people are asked again. */
export const approvalVoid = (plan: PlanIn<'scheduled'>): PlanIn<'awaiting-approval'> => ({
  ...unscheduled(plan),
  status: 'awaiting-approval',
  ...superseded(plan),
});

/** The work begins, and the approval is used up; the gate is open when there are no gaps to close first. */
export const started = (
  { approval, ...plan }: PlanIn<'scheduled'>,
  at: string,
  statusReport: StatusReport | undefined,
): PlanIn<'running'> => {
  // Whatever the gate finds, it has all the time to become good again.
  const { readyBy: _, ...rest } = plan;
  return {
    ...rest,
    ...(statusReport ? { statusReport } : {}),
    ...(approval ? { approval: 'id' in approval ? { ...approval, status: 'consumed' } : approval } : {}),
    status: 'running',
    isGateOpen: !plan.activities.some(({ origin }) => origin === 'gap'),
    startedAt: at,
  };
};

export const gateOpened = (plan: PlanIn<'running'>): PlanIn<'running'> => ({ ...plan, isGateOpen: true });

/** What was done is undone, for this reason. */
export const undoing = (plan: PlanIn<'running'>, outcome: string): PlanIn<'undoing'> => ({
  ...plan,
  status: 'undoing',
  outcome,
});

export const completed = (plan: PlanIn<'running'>, at: string): OperationPlan =>
  end(plan, 'completed', 'all activities are done', at);

/** An activity whose task is open ends without it. */
export const activityCancelled = <Plan extends OperationPlan>(plan: Plan, name: string, at: string): Plan => {
  const task = plan.tasks.find(({ place, status }) => place.activity === name && status === 'open');
  const cancelled = withActivity(plan, name, { status: 'cancelled', endedAt: at });
  return task ? withTask(cancelled, { ...task, status: 'cancelled', closedAt: at }) : cancelled;
};

/** A plan that is over waits for nobody. */
export const tasksCancelled = (plan: OperationPlan, at: string): OperationPlan => ({
  ...plan,
  tasks: cancelOpen(plan.tasks, at),
});

/** The report as it stands, of a plan that has started and owes some. */
export const statusReportOf = (plan: OperationPlan): StatusReport | undefined =>
  'statusReport' in plan ? plan.statusReport : undefined;

const withReport = (plan: OperationPlan, change: (report: StatusReport) => StatusReport): OperationPlan =>
  'statusReport' in plan && plan.statusReport ? { ...plan, statusReport: change(plan.statusReport) } : plan;

/** The report `sent` is out and the next one is due; what was written meanwhile is the next one. */
export const statusSent = (plan: OperationPlan, sent: readonly string[], dueAt: string): OperationPlan =>
  withReport(plan, ({ number, unsent = [] }) => {
    const rest = unsent.slice(sent.length);
    return { dueAt, chased: 0, number: number + 1, ...(rest.length === 0 ? {} : { unsent: rest }) };
  });

/** Nobody wrote the report that was due: it is asked for once more. */
export const statusChased = (plan: OperationPlan, dueAt: string): OperationPlan =>
  withReport(plan, (report) => ({ ...report, dueAt, chased: report.chased + 1 }));
