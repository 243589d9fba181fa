import { milliseconds } from '../domain/duration.ts';
import { planIdOf, planReference, planWorkflowIdOf } from '../domain/identifiers.ts';
import type { InboxRow } from '../domain/inbox.ts';
import { identified } from '../domain/login.rules.ts';
import type { Login, TriggeredBy } from '../domain/login.ts';
import type { PlanCommission, PlanInput, PlanTiming } from '../domain/operation-plan.ts';
import type { PlanTemplateSpec } from '../domain/plan-template.ts';
import { aboutOf } from '../domain/trigger/about.ts';
import type { Outcome } from '../domain/trigger/decision.ts';
import type { CatalogueStorage } from '../storage/catalogue.ts';
import type { Opened, PlanRow, PlanStorage } from '../storage/operation-plan.ts';
import { planWorkflowType } from '../workflows/operation-plan.messages.ts';
import { startOnce, type StartPorts } from './start-once.ts';

export interface PlanPorts extends StartPorts {
  catalogue: CatalogueStorage;
  plans: PlanStorage;
  /** Messages after which a plan continues as new. */
  messagesPerRun: number;
}

/** Records a plan for what was accepted, or finds the one that is there for it. It is not started yet. */
export const openPlan = (
  row: InboxRow,
  { team, artifact, commission }: { team: string; artifact?: string; commission: PlanCommission },
  { plans }: Pick<PlanPorts, 'plans'>,
): Promise<Opened> => {
  const { service, environment, trigger, parameters } = commission;
  const id = planIdOf(service, environment, trigger.key);
  const belongsTo = planReference(id);
  return plans.open({
    id,
    workflowId: planWorkflowIdOf(id),
    triggerKey: trigger.key,
    service,
    environment,
    team,
    artifact,
    commission,
    entry: {
      key: `${belongsTo}/accepted`,
      at: row.receivedAt,
      actor: row.actor,
      action: 'plan.accepted',
      subject: belongsTo,
      belongsTo,
      detail: { inbox: row.id, bodyHash: row.bodyHash, trigger, parameters },
    },
  });
};

/** Starts a plan that is recorded and has not ended: whoever recorded it may have died before they started it. */
export const resumePlan = async (
  plan: Pick<PlanRow, 'id' | 'workflowId' | 'team' | 'commission'> & { isOver: boolean },
  row: InboxRow,
  ports: PlanPorts,
): Promise<Outcome> => (plan.isOver ? reached(plan.id) : begun(plan.id, await startPlan(plan, row, ports)));

/** Starts the workflow of a plan, or finds it running; false when it has ended. It is built from what was recorded: the catalogue may have changed since. */
export const startPlan = async (
  { id, workflowId, team, commission }: Pick<PlanRow, 'id' | 'workflowId' | 'team' | 'commission'>,
  { receivedAt: at }: InboxRow,
  ports: PlanPorts,
): Promise<boolean> => {
  const { service, environment, template: name, catalogueRevision, trigger } = commission;
  const template = await ports.catalogue.find('PlanTemplate', name, catalogueRevision);
  const input: PlanInput = {
    ...commission,
    id,
    workflowId,
    team,
    at,
    timing: timingOf(template!, ports.messagesPerRun),
  };
  const staticSummary = `${service} in ${environment}: ${aboutOf(trigger)}`.slice(0, 180);
  return startOnce(ports, { type: planWorkflowType, belongsTo: planReference(id), input, staticSummary });
};

/** Whoever told it, whoever lent them the token, and whoever the sender names. */
export const triggeredByOf = async (
  { actor }: Pick<InboxRow, 'actor'>,
  named: readonly Login[],
  revision: number,
  { catalogue }: Pick<PlanPorts, 'catalogue'>,
): Promise<TriggeredBy[]> => {
  const own = [
    ...(actor.type === 'person' ? [actor.name] : []),
    ...(actor.type !== 'system' && actor.lentBy !== undefined ? [actor.lentBy] : []),
  ].map((login) => ({ system: 'evenkeel', login }) as const);
  return identified([...own, ...named], await catalogue.list('Person', revision));
};

export const reached = (plan: PlanRow['id']): Outcome => ({ record: planReference(plan) });

export const begun = (id: PlanRow['id'], isRunning: boolean): Outcome =>
  isRunning
    ? reached(id)
    : {
        gap: `plan ${id} is open for it, but its workflow has ended: deliver it again once the plan has failed, within ten minutes`,
      };

const reassessEveryMs = 15 * 60_000;

const timingOf = ({ statusReportEvery: every, ...template }: PlanTemplateSpec, messagesPerRun: number): PlanTiming => ({
  readyWithinMs: milliseconds(template.readyWithin),
  reassessEveryMs,
  confirmWithinMs: milliseconds(template.confirmWithin),
  staffWithinMs: milliseconds(template.staffWithin),
  decideWithinMs: milliseconds(template.decideWithin),
  reserveWithinMs: milliseconds(template.reserveWithin),
  statusReportEveryMs: every === undefined ? undefined : milliseconds(every),
  messagesPerRun,
});
