import { condition } from '@temporalio/workflow';
import type { Assignment } from '../../domain/operation-plan.ts';
import { staffed } from '../../domain/operation-plan/progress.rules.ts';
import { isOver } from '../../domain/operation-plan/record.rules.ts';
import {
  askFor,
  exhausted,
  reopened,
  seatedIn,
  seatsToFill,
  unanswered,
} from '../../domain/operation-plan/seat.rules.ts';
import { inTime, now } from '../time.ts';
import { change, fail, isToContinue, notify, notifyOwner, type PlanContext, statusOf, waitFor } from './context.ts';

/** In which people are asked: before the start all at once, and later where a seat was moved. */
type Phase = 'staffing' | 'running';

/**
 * Asks one person after the other for every seat until all have accepted. Nobody left to ask: the owner has a time to
 * name somebody, then the plan fails. Nothing starts half-staffed.
 */
export async function staff(context: PlanContext): Promise<void> {
  const { plan } = context;
  await askForSeats(context, 'staffing');
  if (plan.current.status !== 'staffing') return;
  if (seatsToFill(plan.current).length === 0) {
    const people = plan.current.assignments.map(({ seat, person }) => `${seat}: ${person}`);
    plan.apply(staffed(plan.current), { action: 'plan.staffed', detail: { people } });
    return;
  }
  await awaitAnswers(context, 'staffing', ({ seat }) => fail(context, 'failed', `nobody took the seat ${seat}`));
}

/** While the plan runs, a seat that was moved is filled in the same way; an activity that has not begun waits for it. */
export async function staffWhileRunning(context: PlanContext): Promise<void> {
  const { plan } = context;
  const isAsking = (): boolean => plan.current.status === 'running' && seatsToFill(plan.current).length > 0;
  for (;;) {
    await condition(() => isOver(plan.current) || (isAsking() && !isToContinue(context)));
    if (isOver(plan.current)) return;
    context.isStaffing = true;
    try {
      await askForSeats(context, 'running');
    } finally {
      context.isStaffing = false;
    }
    await awaitAnswers(context, 'running', (assignment) => goWithout(context, assignment));
  }
}

const askForSeats = async (context: PlanContext, phase: Phase): Promise<void> => {
  for (const { seat, status } of seatsToFill(context.plan.current))
    if (status === 'open') await askNext(context, seat, phase);
};

/** Waits for an answer, at most until the first deadline; what is over by then is passed on. */
const awaitAnswers = async (
  context: PlanContext,
  phase: Phase,
  giveUp: (assignment: Assignment) => void,
): Promise<void> => {
  const { plan } = context;
  const waiting = seatsToFill(plan.current);
  // Somebody declined while another was looked for: that seat is asked for again.
  if (plan.current.status !== phase || waiting.length === 0 || waiting.some(({ status }) => status === 'open')) return;
  const next = Math.min(...waiting.map(({ deadlineAt }) => Date.parse(deadlineAt!)));
  const before = plan.current.assignments;
  const isAnswered = (): boolean => plan.current.assignments !== before || plan.current.status !== phase;
  if (await waitFor(context, isAnswered, next)) return;
  for (const assignment of seatsToFill(plan.current)) {
    const { seat, status, deadlineAt } = assignment;
    if (deadlineAt === undefined || Date.parse(deadlineAt) > Date.now() || isOver(plan.current)) continue;
    if (status === 'exhausted') giveUp(assignment);
    else plan.apply(unanswered(plan.current, seat), { action: 'seat.unanswered', detail: { seat } });
  }
};

/** What has not begun does not begin; what is under way ends without, and people are looked for meanwhile. */
const goWithout = (context: PlanContext, { seat, activity }: Assignment): void => {
  const { plan } = context;
  if (['planned', 'waiting'].includes(statusOf(context, activity)))
    change(context, activity, { status: 'undone', detail: `nobody took the seat ${seat}`, endedAt: now() });
  else plan.apply(reopened(plan.current, seat), { action: 'seat.unanswered', detail: { seat } });
};

const askNext = async (context: PlanContext, seat: string, phase: Phase): Promise<void> => {
  const { plan, timing } = context;
  const assignment = plan.current.assignments.find((candidate) => candidate.seat === seat)!;
  const person = assignment.person ?? (await candidateFor(context, assignment));
  // Somebody may have changed the plan while the candidate was looked for.
  const current = plan.current.assignments.find((candidate) => candidate.seat === seat);
  if (plan.current.status !== phase || current !== assignment) return;
  if (person === undefined) {
    const unfilled = exhausted(plan.current, seat, inTime(timing.staffWithinMs));
    plan.apply(unfilled, { action: 'seat.exhausted', detail: { seat } });
    await notifyOwner(context, `staff/${seat}/exhausted/${plan.current.rev}`, { reason: 'seat-exhausted', seat });
    return;
  }
  const asked = askFor(plan.current, seat, person, inTime(timing.confirmWithinMs));
  plan.apply(asked, { action: 'seat.asked', detail: { seat, person } });
  // By the revision of the record: who passed before may be named and asked again.
  const key = `staff/${seat}/${plan.current.rev}/${person}`;
  await notify(context, key, { person }, { reason: 'seat-asked', seat });
  const moved = assignment.passed.at(-1);
  if (moved?.how === 'reassigned' && moved.to === person)
    await notify(context, `${key}/instead`, { person: moved.person }, { reason: 'seat-reassigned', seat });
};

const candidateFor = (
  { plan, stored }: PlanContext,
  { team, role, activity, seat, passed }: Assignment,
): Promise<string | undefined> => {
  // One person takes one seat of an activity.
  const others = plan.current.assignments.filter(
    (other) => other.activity === activity && other.seat !== seat && other.status !== 'exhausted',
  );
  return stored.findPerson({
    plan: plan.current.id,
    team,
    role,
    catalogueRevision: plan.current.catalogueRevision,
    passed: [...passed.map(({ person }) => person), ...seatedIn({ assignments: others })],
    at: Date.now(),
  });
};
