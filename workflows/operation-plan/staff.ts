import type { Assignment } from '../../domain/operation-plan.ts';
import { staffed } from '../../domain/operation-plan/progress.rules.ts';
import { isOver } from '../../domain/operation-plan/record.rules.ts';
import { askFor, exhausted, seatedIn, unanswered } from '../../domain/operation-plan/seat.rules.ts';
import { inTime } from '../time.ts';
import { fail, notify, notifyOwner, type PlanContext, waitFor } from './context.ts';

/**
 * Asks one person after the other for every seat until all have accepted. Nobody left to ask: the owner has a time to
 * name somebody, then the plan fails. Nothing starts half-staffed.
 */
export async function staff(context: PlanContext): Promise<void> {
  const { plan } = context;
  for (const { seat } of plan.current.assignments.filter(({ status }) => status === 'open'))
    await askNext(context, seat);
  if (plan.current.status !== 'staffing') return;
  const waiting = plan.current.assignments.filter(({ status }) => status !== 'accepted');
  // Somebody declined while another was looked for: that seat is asked for again.
  if (waiting.some(({ status }) => status === 'open')) return;
  if (waiting.length === 0) {
    const people = plan.current.assignments.map(({ seat, person }) => `${seat}: ${person}`);
    plan.apply(staffed(plan.current), { action: 'plan.staffed', detail: { people } });
    return;
  }
  const next = Math.min(...waiting.map(({ deadlineAt }) => Date.parse(deadlineAt!)));
  const before = plan.current.assignments;
  const isAnswered = (): boolean => plan.current.assignments !== before || plan.current.status !== 'staffing';
  if (await waitFor(context, isAnswered, next)) return;
  for (const { seat, status, deadlineAt } of plan.current.assignments) {
    if (deadlineAt === undefined || Date.parse(deadlineAt) > Date.now() || isOver(plan.current)) continue;
    if (status === 'exhausted') fail(context, 'failed', `nobody took the seat ${seat}`);
    else plan.apply(unanswered(plan.current, seat), { action: 'seat.unanswered', detail: { seat } });
  }
}

const askNext = async (context: PlanContext, seat: string): Promise<void> => {
  const { plan, timing } = context;
  const assignment = plan.current.assignments.find((candidate) => candidate.seat === seat)!;
  const person = assignment.person ?? (await candidateFor(context, assignment));
  // Somebody may have changed the plan while the candidate was looked for.
  const current = plan.current.assignments.find((candidate) => candidate.seat === seat);
  if (plan.current.status !== 'staffing' || current !== assignment) return;
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
    team,
    role,
    catalogueRevision: plan.current.catalogueRevision,
    passed: [...passed.map(({ person }) => person), ...seatedIn({ assignments: others })],
    at: Date.now(),
  });
};
