import type { PlanId } from '../../domain/id.ts';
import { planIdOf, planWorkflowIdOf } from '../../domain/identifiers.ts';
import type { Delivered, InboxRow } from '../../domain/inbox.ts';
import type { PlanCommission } from '../../domain/operation-plan.ts';
import { parametersOf } from '../../domain/plan-template/parameter.ts';
import { isOfDeployment } from '../../domain/trigger.ts';
import type { DeploymentFact } from '../../domain/deployment.ts';
import { decide, evidenceOf, judge, type Outcome, type Place, type Situation } from '../../domain/trigger/decision.ts';
import { comparableKeyOf, isSameArtifact } from '../../domain/trigger/commit.ts';
import { triggerKeyOf } from '../../domain/trigger/key.ts';
import type { Opened, PlanRow } from '../../storage/operation-plan.ts';
import type { InboxStore } from '../../storage/inbox.ts';
import { begun, openPlan, type PlanPorts, reached, resumePlan, startPlan, triggeredByOf } from '../operation-plan.ts';
import { placeOf } from './place.ts';
import { tell } from './tell.ts';

export interface DeploymentPorts extends PlanPorts {
  inbox: Pick<InboxStore, 'isOvertaking'>;
}

/** One fact of a row, with the key of its occurrence and the revision of the catalogue that it is looked up in. */
interface Telling {
  row: InboxRow;
  fact: DeploymentFact;
  triggerKey: string;
  revision: number;
}

type Earlier = PlanRow & { isOver: boolean };

/** Takes the deployment facts of one body to their plans, one after the other. */
export async function deliverDeployments(
  row: InboxRow,
  facts: readonly DeploymentFact[],
  ports: DeploymentPorts,
): Promise<Delivered> {
  const outcomes: Outcome[] = [];
  for (const fact of facts) {
    const { change, factKey } = fact;
    const triggerKey = triggerKeyOf(row.source, change === 'rolled-back' ? `${factKey}\nrolled-back` : factKey);
    const telling: Telling = { row, fact, triggerKey, revision: await ports.catalogue.revision() };
    const situation = await lookUp(telling, ports);
    // The plan that has to hear of it may still be on its way.
    if (change !== 'deployed' && !situation.earlier && (await ports.inbox.isOvertaking(row, fact)))
      return { state: 'later', reason: 'an earlier deployment is delivered first', poisoned: false };
    outcomes.push(await route(situation, telling, ports));
  }
  return judge(outcomes);
}

/** Takes the fact to where the decision says. If the plan that should hear of it has ended, decides again without it. */
const route = async (situation: Situation<Earlier>, telling: Telling, ports: DeploymentPorts): Promise<Outcome> => {
  const decision = decide(situation);
  switch (decision.to) {
    case 'gap':
    case 'skipped':
      return decision;
    case 'evidence':
      return evidenceOf(situation.change);
    case 'earlier':
      return resumePlan(decision.plan, telling.row, ports);
    case 'open':
      return open(decision.place, telling, ports);
    case 'attach': {
      const { plan } = decision;
      if (await attach(plan, telling, ports)) return reached(plan);
      // A rollback stays with the plan that was told of it first, though that is over by now.
      if (plan === situation.told) return reached(plan);
      return route({ ...situation, open: situation.open.filter(({ id }) => id !== plan) }, telling, ports);
    }
  }
};

/** What the decision has to know. A deployment whose template is known finds its plan when it opens it. */
const lookUp = async (
  { row, fact, triggerKey, revision }: Telling,
  { catalogue, plans }: DeploymentPorts,
): Promise<Situation<Earlier>> => {
  const { change } = fact;
  const place = await placeOf(row, fact, revision, catalogue);
  if (!('service' in place)) return { change, place, open: [] };
  const { service, environment, template } = place;
  const isToBeKnown = change === 'rolled-back' || (change === 'deployed' && template === undefined);
  const found = isToBeKnown ? await plans.find(planIdOf(service, environment, triggerKey)) : undefined;
  return {
    change,
    place,
    earlier: found && { ...found, isOver: found.closedAt !== null },
    told: change === 'rolled-back' && !found ? await plans.toldOf(triggerKey) : undefined,
    open: change === 'deployed' ? [] : await plans.openFor(service, environment),
  };
};

/**
 * Signals an open plan; false if it has ended. That a rollback goes to it is written down first, so that a retry goes to the
 * same plan.
 */
const attach = async (id: PlanId, telling: Telling, ports: DeploymentPorts): Promise<boolean> => {
  const { row, fact, triggerKey } = telling;
  if (fact.change === 'rolled-back')
    await ports.plans.noteTold(
      triggerKey,
      id,
      await triggeredByOf(row, fact.triggeredBy ?? [], telling.revision, ports),
    );
  const workflowId = planWorkflowIdOf(id);
  if (await tell(workflowId, row, fact, ports)) return true;
  const found = await ports.plans.find(id);
  // Recorded, and not started yet: whoever recorded it may have died before.
  if (found?.record !== null || !(await startPlan(found, row, ports))) return false;
  return tell(workflowId, row, fact, ports);
};

/** Opens the plan, unless one is open for the same artifact in the same place: that one hears of it. */
const open = async (
  { service, environment, owner: team, template }: Place & { template: string },
  telling: Telling,
  ports: DeploymentPorts,
): Promise<Outcome> => {
  const { row, fact, triggerKey, revision } = telling;
  const { change, artifact, link, note, committedAt, exception } = fact;
  const described = await ports.catalogue.find('PlanTemplate', template, revision);
  const commission: PlanCommission = {
    service,
    environment,
    template,
    catalogueRevision: revision,
    // Nobody is there to be asked; that none is needed was checked as the catalogue was applied.
    parameters: parametersOf(described?.parameters ?? {}),
    trigger: {
      type: change === 'rolled-back' ? 'rollback' : 'deployment',
      key: triggerKey,
      artifact,
      source: row.source,
      requester: row.actor.name,
      triggeredBy: await triggeredByOf(row, fact.triggeredBy ?? [], revision, ports),
      link,
      note,
      committedAt,
      exception,
    },
  };
  const opened = await openPlan(row, { team, artifact: comparableKeyOf(artifact), commission }, ports);
  const gap = mismatchOf(opened, { service, environment, artifact });
  if (gap !== undefined) return { gap };
  if (opened.how === 'attached' && !opened.isOver) return begun(opened.id, await attach(opened.id, telling, ports));
  return resumePlan(opened, row, ports);
};

/** What a plan was opened for does not change with what is told of it later. */
const mismatchOf = (
  { id, how, commission }: Opened,
  { service, environment, artifact }: { service: string; environment: string; artifact: string },
): string | undefined => {
  if (commission.service !== service || commission.environment !== environment)
    return `this occurrence is of ${commission.service} in ${commission.environment}, in plan ${id}: another place needs an occurrence of its own`;
  const { trigger } = commission;
  const before = isOfDeployment(trigger) ? trigger.artifact : '';
  return how === 'found' && !isSameArtifact({ artifact: before, key: comparableKeyOf(before) }, artifact)
    ? `this occurrence is of ${before}, in plan ${id}: another artifact needs an occurrence of its own`
    : undefined;
};
