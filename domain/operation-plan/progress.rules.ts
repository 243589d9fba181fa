import type { OperationPlan } from '../operation-plan.ts';
import type { PlanOutline } from './outline.ts';
import { cancelOpen } from '../task.rules.ts';
import { end, withActivity, withTask } from './record.rules.ts';

type Readiness = NonNullable<OperationPlan['readiness']>;
type Approval = NonNullable<OperationPlan['approval']>;
type StatusReport = NonNullable<OperationPlan['statusReport']>;

/** What the last look said. Until `readyBy` a plan that is not ready may become so; absent, its patience is whole again. */
export const assessed = (
  plan: OperationPlan,
  status: OperationPlan['status'],
  readiness: Readiness,
  readyBy: string | undefined,
): OperationPlan => {
  const { readyBy: _, ...rest } = plan;
  return { ...rest, status, readiness, ...(readyBy === undefined ? {} : { readyBy }) };
};

/** A new revision: whoever accepted a seat that is still there keeps it, and an earlier approval is void. */
export const planned = (plan: OperationPlan, { seats, approval, ...outline }: PlanOutline): OperationPlan => {
  const { approval: before, startAt: _, ...rest } = plan;
  const attempt = before?.attempt ?? 0;
  return {
    ...rest,
    ...outline,
    status: 'staffing',
    assignments: seats.map(
      (seat) =>
        plan.assignments.find((assignment) => assignment.seat === seat.seat) ?? { ...seat, status: 'open', passed: [] },
    ),
    ...('notNeeded' in approval
      ? { approval: { id: '', attempt, status: 'not-needed' as const } }
      : before && before.status !== 'not-needed'
        ? { approval: { id: before.id, attempt, status: 'superseded' as const } }
        : {}),
  };
};

/** The same plan again keeps its approval; changes that were asked for and are not wanted put the question anew. */
export const confirmed = (plan: OperationPlan): OperationPlan => ({
  ...plan,
  ...(plan.approval?.status === 'changes-requested'
    ? { approval: { ...plan.approval, status: 'superseded' as const } }
    : {}),
  status: 'staffing',
});

export const staffed = (plan: OperationPlan): OperationPlan => ({ ...plan, status: 'awaiting-approval' });

/** Where the question stands that people were asked. */
export const asked = (plan: OperationPlan, approval: Approval): OperationPlan => ({ ...plan, approval });

export const approved = (plan: OperationPlan): OperationPlan => ({ ...plan, status: 'approved' });

export const scheduled = (plan: OperationPlan, startAt: string): OperationPlan => ({
  ...plan,
  status: 'scheduled',
  startAt,
});

/** The start went by, in a pause or an outage: another one is looked for. */
export const startMissed = (plan: OperationPlan): OperationPlan => approved(plan);

/** What had to hold until the start does not hold any more. */
export const notReadyAnyMore = (plan: OperationPlan): OperationPlan => ({ ...plan, status: 'assessed' });

/** The last gate did not let the plan pass: people are asked again. */
export const approvalVoid = (plan: OperationPlan): OperationPlan => ({
  ...plan,
  status: 'awaiting-approval',
  approval: { ...plan.approval!, status: 'superseded' },
});

/** The work begins; the gate is open when there are no gaps to close first. */
export const started = (
  plan: OperationPlan,
  { at, statusReport, consumes }: { at: string; statusReport?: StatusReport; consumes: boolean },
): OperationPlan => {
  // Whatever the gate finds, it has all the time to become good again.
  const { readyBy: _, ...rest } = plan;
  return {
    ...rest,
    ...(statusReport ? { statusReport } : {}),
    ...(consumes ? { approval: { ...plan.approval!, status: 'consumed' as const } } : {}),
    status: 'running',
    isGateOpen: !plan.activities.some(({ origin }) => origin === 'gap'),
    startedAt: at,
  };
};

export const gateOpened = (plan: OperationPlan): OperationPlan => ({ ...plan, isGateOpen: true });

/** What was done is undone, for this reason. */
export const undoing = (plan: OperationPlan, outcome: string): OperationPlan => ({
  ...plan,
  status: 'undoing',
  outcome,
});

export const completed = (plan: OperationPlan, at: string): OperationPlan =>
  end(plan, 'completed', 'all activities are done', at);

/** An activity whose task is open ends without it. */
export const activityCancelled = (plan: OperationPlan, name: string, at: string): OperationPlan => {
  const task = plan.tasks.find(({ place, status }) => place.activity === name && status === 'open');
  const cancelled = withActivity(plan, name, { status: 'cancelled', endedAt: at });
  return task ? withTask(cancelled, { ...task, status: 'cancelled', closedAt: at }) : cancelled;
};

/** A plan that is over waits for nobody. */
export const tasksCancelled = (plan: OperationPlan, at: string): OperationPlan => ({
  ...plan,
  tasks: cancelOpen(plan.tasks, at),
});

/** The report `sent` is out and the next one is due; what was written meanwhile is the next one. */
export const statusSent = (plan: OperationPlan, sent: string, dueAt: string): OperationPlan => {
  const { number, unsent = '' } = plan.statusReport!;
  const rest = unsent.slice(sent.length).trim();
  return {
    ...plan,
    statusReport: { dueAt, chased: 0, number: number + 1, ...(rest === '' ? {} : { unsent: rest }) },
  };
};

/** Nobody wrote the report that was due: it is asked for once more. */
export const statusChased = (plan: OperationPlan, dueAt: string): OperationPlan => ({
  ...plan,
  statusReport: { ...plan.statusReport!, dueAt, chased: plan.statusReport!.chased + 1 },
});
