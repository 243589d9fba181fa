import type { ApprovalId, PlanId } from '../../domain/id.ts';
import { callOrder, nextSlot } from '../../domain/calendar.ts';
import { digestOf } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { planReference, planWorkflowIdOf } from '../../domain/identifiers.ts';
import { isOver } from '../../domain/operation-plan/record.rules.ts';
import type { LedgerEntry } from '../../domain/audit.ts';
import type { OperationPlan } from '../../domain/operation-plan.ts';
import { outlineOf, type PlanOutline } from '../../domain/operation-plan/outline.ts';
import type { Reservation, SavedBy } from '../../domain/ports.ts';
import { reaches } from '../../domain/actor.rules.ts';
import type { PlanContent } from '../../domain/operation-plan/content.ts';
import type { Staffing } from '../../domain/plan-template.ts';
import { onlyAboutItself, onlyItself, onlyRecord } from '../authorization.ts';
import { withdrawAll } from '../approval/change.ts';
import { entitledTo } from '../approval/entitled.ts';
import { planCircumstances } from './circumstances.ts';
import { planContentOf } from './content.ts';
import type { ActivityPorts } from '../ports.ts';
import { type TaskOrder, taskOrderOf } from '../task-order.ts';

export type Start = { startAt: number } | { none: string };

type Wish = Omit<Reservation, 'mode' | 'at'> & { at: number };

type Ports = Pick<ActivityPorts, 'catalogue' | 'plans' | 'readiness' | 'approvals' | 'reservations' | 'kinds'>;

export const createPlanActivities = (ports: Ports) => ({
  /**
   * Keeps the readable copy and the entries of the ledger, in one transaction; newer revisions win. Where a lost worker has saved these revisions otherwise, it keeps nothing and says up to which.
   */
  async savePlan(record: OperationPlan, entries: LedgerEntry[], by: SavedBy): Promise<number | undefined> {
    const belongsTo = planReference(record.id);
    onlyItself(planWorkflowIdOf(record.id));
    onlyAboutItself(record, { belongsTo, subject: belongsTo }, entries, by);
    const lost = await ports.plans.save(record, entries, by);
    // Nobody is asked about a plan that is over, whoever had put the question.
    if (lost === undefined && isOver(record)) await withdrawAll(ports, belongsTo, by.at);
    return lost;
  },

  /** Makes the plan's next revision from its template, its gaps and what was dropped. */
  async planOperation(
    ask: Pick<PlanContent, 'plan' | 'revision' | 'dropped'> & { review: string },
  ): Promise<PlanOutline> {
    onlyItself(planWorkflowIdOf(ask.plan));
    const circumstances = await planCircumstances(ports, ask.plan);
    const isOwn = ask.review.startsWith(`${ask.plan}.review.`);
    const review = isOwn ? await ports.readiness.review(ask.review) : undefined;
    if (!review) throw new DomainError('not-found', `there is no review ${ask.review}`);
    const made = await planContentOf(circumstances, { ...ask, review }, ports.catalogue);
    const current = ask.revision > 1 ? await ports.plans.content(ask.plan, ask.revision - 1) : undefined;
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
    ask: Pick<Staffing, 'team' | 'role'> & { catalogueRevision: number; passed: string[]; at: number },
  ): Promise<string | undefined> {
    const team = await ports.catalogue.find('Team', ask.team, ask.catalogueRevision);
    if (!team) return undefined;
    const schedule = team.schedule && (await ports.catalogue.find('Schedule', team.schedule, ask.catalogueRevision));
    const order = [...(schedule ? callOrder(schedule, ask.at) : []), ...team.members.map(({ person }) => person)];
    const may = (person: string): boolean =>
      team.members.some((member) => member.person === person && reaches(member.role, ask.role));
    return order.find((person) => may(person) && !ask.passed.includes(person));
  },

  /** When the work may start: inside the window, with time for the undo. Instants in milliseconds. */
  async findStart({ plan, revision, at }: { plan: PlanId; revision: number; at: number }): Promise<Start> {
    const { content } = (await ports.plans.content(plan, revision))!;
    if (content.window === undefined) return { startAt: at };
    const window = await ports.catalogue.find('MaintenanceWindow', content.window, content.catalogueRevision);
    if (!window) return { none: `there is no maintenance window ${content.window}` };
    const startAt = nextSlot(window, at, content.needMs);
    return startAt !== undefined
      ? { startAt }
      : { none: `${content.window} has no opening of ${Math.ceil(content.needMs / 60_000)} min in 90 days` };
  },

  /**
   * The last gate: the revision is the one that was approved, and its approval is used up now, by this plan alone.
   * A second attempt with the same plan passes again.
   */
  async startPlan(
    ask: Pick<PlanContent, 'plan' | 'revision'> & { digest: string; approval?: ApprovalId | undefined; at: number },
  ): Promise<boolean> {
    const { plan, revision, digest, approval, at } = ask;
    onlyItself(planWorkflowIdOf(plan));
    const found = await ports.plans.content(plan, revision);
    if (!found || found.digest !== digest) return false;
    if ('notNeeded' in found.content.approval) return true;
    const asked = approval === undefined ? undefined : await ports.approvals.find(approval);
    if (asked?.belongsTo !== planReference(plan)) return false;
    const how = { digest, by: `start/${plan}/${revision}`, at: new Date(at).toISOString() };
    return ports.approvals.consume(asked.id, how, await entitledTo(ports.catalogue, asked, at));
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

  /** The task that an activity of the plan is. */
  async orderActivityTask(ask: { plan: PlanId; revision: number; activity: string }): Promise<TaskOrder> {
    const found = await ports.plans.content(ask.plan, ask.revision);
    const task = found?.content.activities.find(({ name }) => name === ask.activity)?.task;
    if (!task) throw new DomainError('not-found', `the plan has no task ${ask.activity}`);
    // Its words were filled in when the plan was made.
    return taskOrderOf(task);
  },
});
