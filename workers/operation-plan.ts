import { milliseconds } from '../domain/duration.ts';
import { DomainError } from '../domain/errors.ts';
import { planIdOf, planReference, planWorkflowIdOf } from '../domain/identifiers.ts';
import type { InboxRow } from '../domain/inbox.ts';
import { identified } from '../domain/login.rules.ts';
import type { Login, TriggeredBy } from '../domain/login.ts';
import type { PlanCommission, PlanInput, PlanTiming } from '../domain/operation-plan.ts';
import type { PlanTemplateSpec } from '../domain/plan-template.ts';
import { type Parameters, parametersOf } from '../domain/plan-template/parameter.ts';
import type { ServiceSpec } from '../domain/service.ts';
import type { Trigger } from '../domain/trigger.ts';
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
  { team, artifact, commission }: { team: string; artifact?: string | undefined; commission: PlanCommission },
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

/** What opens a plan: its template, the values of parameters that were given, and its trigger; or why none is opened. */
type Wish = { template: string; given?: Parameters; trigger: Trigger } | { gap: string };

/** Something that sets a plan off in a place of the catalogue, and the people whom it names. */
interface Occurrence {
  service: string;
  environment: string;
  key: string;
  named: readonly Login[];
  /** Another one about the same is heard by the plan that is open for it. */
  artifact?: string;
}

/**
 * Opens the plan of an occurrence in a place of the catalogue, and starts it. An occurrence that has a plan already keeps it, whatever
 * the catalogue says by now. `wishOf` sees the service as the newest revision has it.
 */
export const openPlanAt = async (
  row: InboxRow,
  { service, environment, key, named, artifact }: Occurrence,
  ports: PlanPorts,
  wishOf: (seen: { told: Told; spec: ServiceSpec; revision: number }) => Wish | Promise<Wish>,
): Promise<Outcome> => {
  const earlier = await ports.plans.find(planIdOf(service, environment, key));
  if (earlier) return resumePlan({ ...earlier, isOver: earlier.closedAt !== null }, row, ports);
  const { catalogue } = ports;
  const revision = await catalogue.revision();
  const spec = await catalogue.find('Service', service, revision);
  if (!spec || !(await catalogue.find('Environment', environment, revision)))
    return { gap: `the catalogue has no service ${service} or no environment ${environment}` };
  if (row.team !== undefined && spec.owner !== row.team)
    return { gap: `service ${service} does not belong to team ${row.team}` };
  const triggeredBy = await triggeredByOf(row, named, revision, ports);
  const told = { key, source: row.source, requester: row.actor.name, triggeredBy };
  const wish = await wishOf({ told, spec, revision });
  if ('gap' in wish) return wish;
  const { template, given, trigger } = wish;
  const described = await catalogue.find('PlanTemplate', template, revision);
  if (!described) return { gap: `the catalogue has no plan template ${template}` };
  const values = valuesOf(described, given);
  if ('gap' in values) return values;
  const commission = { service, environment, template, catalogueRevision: revision, ...values, trigger };
  return resumePlan(await openPlan(row, { team: spec.owner, artifact, commission }, ports), row, ports);
};

/** The template may have changed since it was looked at by whoever accepted the values. */
const valuesOf = (
  { parameters }: PlanTemplateSpec,
  given: Parameters | undefined,
): { parameters: Parameters } | { gap: string } => {
  try {
    return { parameters: parametersOf(parameters, given) };
  } catch (error) {
    if (error instanceof DomainError) return { gap: error.message };
    throw error;
  }
};

type Told = Pick<Trigger, 'key' | 'source' | 'requester' | 'triggeredBy'>;

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
