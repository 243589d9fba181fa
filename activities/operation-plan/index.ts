import type { PlanId } from '../../domain/id.ts';
import { callOrder } from '../../domain/on-call.ts';
import { digestOf } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { planReference, planWorkflowIdOf } from '../../domain/identifiers.ts';
import { isOver } from '../../domain/operation-plan/record.rules.ts';
import type { LedgerEntry } from '../../domain/audit.ts';
import { OperationPlan, type PlanCommission } from '../../domain/operation-plan.ts';
import { outlineOf, type PlanOutline } from '../../domain/operation-plan/outline.ts';
import type { Reservation, SavedBy } from '../../domain/ports.ts';
import { decidersOf } from '../../domain/approval/stage.rules.ts';
import { holdsIn } from '../../domain/team.rules.ts';
import type { PlanContent } from '../../domain/operation-plan/content.ts';
import type { Staffing } from '../../domain/plan-template.ts';
import { onlyAboutItself, onlyItself, onlyRecord, refuseOtherThan } from '../authorization.ts';
import { withdrawAll } from '../approval/change.ts';
import { planCircumstances } from './circumstances.ts';
import { budgetApprovalsOf } from './budget.ts';
import { planContentOf } from './content.ts';
import type { ActivityPorts } from '../ports.ts';
import { type TaskOrder, taskOrderOf } from '../task-order.ts';
import { openForDeviation } from './deviation.ts';
import { lookAtExit } from './hypercare.ts';
import { answerGate } from './gate.ts';
import { outdate } from './outdate.ts';
import { type Slot, slotOf } from '../../domain/operation-plan/slot.ts';
import { type Start, startPlan } from './start.ts';

type Wish = Omit<Reservation, 'mode' | 'at'> & { at: number };

type Ports = Pick<
  ActivityPorts,
  | 'catalogue'
  | 'incidents'
  | 'schedules'
  | 'plans'
  | 'readiness'
  | 'approvals'
  | 'reservations'
  | 'kinds'
  | 'commands'
  | 'freezes'
  | 'objectives'
  | 'egress'
  | 'secrets'
  | 'clock'
  | 'outbox'
  | 'publicUrl'
>;

export const createPlanActivities = (ports: Ports) => ({
  /**
   * Keeps the readable copy and the entries of the ledger, in one transaction; newer revisions win. Where a lost worker has saved these revisions otherwise, it keeps nothing and says up to which.
   */
  async savePlan(record: OperationPlan, entries: LedgerEntry[], by: SavedBy): Promise<number | undefined> {
    refuseOtherThan(OperationPlan, 'plan', record);
    const belongsTo = planReference(record.id);
    onlyItself(planWorkflowIdOf(record.id));
    onlyAboutItself(record, { belongsTo, subject: belongsTo }, entries, by);
    const opened = await ports.plans.openedFor(record.id);
    refuseOther(record, opened);
    const lost = await ports.plans.save(record, entries, by);
    // Nobody is asked about a plan that is over, whoever had put the question.
    if (lost === undefined && isOver(record)) await withdrawAll(ports, belongsTo, by.at);
    if (lost === undefined) await answerGate(ports, record, opened);
    if (lost === undefined && record.status === 'completed') await outdate(ports, record);
    if (lost === undefined) await openForDeviation(ports, record, entries);
    return lost;
  },

  /** Makes the plan's next revision from its template, its gaps and what was dropped. */
  async planOperation(ask: Pick<PlanContent, 'plan' | 'revision' | 'dropped'> & { at: number }): Promise<PlanOutline> {
    onlyItself(planWorkflowIdOf(ask.plan));
    const circumstances = await planCircumstances(ports, ask.plan);
    // An older review would make another plan, and may need another approval.
    const newest = await ports.readiness.newest(ask.plan);
    if (!newest) throw new DomainError('not-found', `plan ${ask.plan} has no review`);
    const { at, ...wanted } = ask;
    const budgetApprovals = await budgetApprovalsOf(ports, circumstances, ports.clock(at));
    const basis = { ...wanted, review: newest.review, budgetApprovals };
    const made = await planContentOf(circumstances, basis, ports.catalogue);
    const current = ask.revision > 1 ? await ports.plans.content(ask.plan, ask.revision - 1) : undefined;
    // Work that never fits is said before anybody is asked.
    const slot = await slotOf(ports, made, ports.clock(at), made.needMs);
    if ('none' in slot) throw new DomainError('conflict', slot.none);
    // The same plan again is the same revision, so what was approved stays approved.
    if (current && current.digest === digestOf({ ...made, revision: ask.revision - 1 })) return outlineOf(current);
    // A second attempt finds what the first one kept; what a lost worker kept otherwise is left as a revision of its own.
    for (let revision = ask.revision; ; revision += 1) {
      const next = { ...made, revision };
      const digest = digestOf(next);
      await ports.plans.saveContent(ask.plan, revision, digest, next);
      const kept = (await ports.plans.content(ask.plan, revision))!;
      if (kept.digest === digest) return outlineOf(kept);
    }
  },

  /** Somebody who may take the seat and was not asked before; undefined when nobody is left. */
  async findPerson(
    ask: Pick<Staffing, 'team' | 'role'> & { plan: PlanId; catalogueRevision: number; passed: string[]; at: number },
  ): Promise<string | undefined> {
    const team = await ports.catalogue.find('Team', ask.team, ask.catalogueRevision);
    if (!team) return undefined;
    const schedule = team.schedule && (await ports.schedules.find(team.schedule, ask.catalogueRevision));
    const order = [...(schedule ? callOrder(schedule, ask.at) : []), ...team.members.map(({ person }) => person)];
    // Whoever has approved it does not execute it.
    const passed = [...ask.passed, ...decidersOf(await ports.approvals.of(planReference(ask.plan)))];
    return order.find((person) => holdsIn(team, person, ask.role) && !passed.includes(person));
  },

  /** When the work may start: inside the window, with time for the undo. Instants in milliseconds. */
  async findStart({ plan, revision, at }: { plan: PlanId; revision: number; at: number }): Promise<Slot> {
    const { content } = (await ports.plans.content(plan, revision))!;
    return slotOf(ports, content, at, content.needMs);
  },

  /** The last gate before the work. */
  async startPlan(ask: Parameters<typeof startPlan>[1]): Promise<Start> {
    onlyItself(planWorkflowIdOf(ask.plan));
    return startPlan(ports, ask);
  },

  /** True when the activity holds the environment now. `at` in milliseconds. */
  async reserveEnvironment({ at, ...wish }: Wish & Pick<Reservation, 'mode'>): Promise<boolean> {
    onlyRecord(ports, wish.belongsTo);
    return ports.reservations.reserve({ ...wish, at: new Date(at).toISOString() });
  },

  async releaseEnvironment({ at, ...wish }: Wish): Promise<void> {
    onlyRecord(ports, wish.belongsTo);
    await ports.reservations.release({ ...wish, at: new Date(at).toISOString() });
  },

  /** What is found of the exit criteria of a hypercare; it changes nothing. `at` in milliseconds. */
  lookAtExit: (ask: Parameters<typeof lookAtExit>[1]) => lookAtExit(ports, ask),

  /** The task that an activity of the plan is. */
  async orderActivityTask(ask: { plan: PlanId; revision: number; activity: string }): Promise<TaskOrder> {
    const found = await ports.plans.content(ask.plan, ask.revision);
    const task = found?.content.activities.find(({ name }) => name === ask.activity)?.task;
    if (!task) throw new DomainError('not-found', `the plan has no task ${ask.activity}`);
    // Its words were filled in when the plan was made.
    return taskOrderOf(task);
  },
});

const refuseOther = (
  { id, service, environment, trigger }: OperationPlan,
  opened: PlanCommission | undefined,
): void => {
  if (service !== opened?.service || environment !== opened.environment || trigger.key !== opened.trigger.key)
    throw new DomainError('not-allowed', `plan ${id} was opened for something else`);
};
