import { type Evidence, minutesBetween, realOf } from './evidence.ts';
import { type Finding, inconclusive, meanOf, rateOf, shareOf } from './finding.ts';
import type { PlanObservation } from './observation.ts';

const dayMs = 86_400_000;
/** An incident so soon after a deployment is suspected to come from it. */
const suspectedWithinMs = 4 * 60 * 60_000;

const idOf = ({ id }: PlanObservation): string => `plan/${id}`;

/** Deployments to production that began, or of which it is known that they never did. */
const deploymentsOf = ({ plans, productionOf }: Evidence): PlanObservation[] =>
  plans.filter(({ trigger, environment }) => trigger === 'deployment' && productionOf(environment));

export const deploymentFrequency = (evidence: Evidence): Finding => ({
  ...rateOf(
    deploymentsOf(evidence).map((plan) => ({ id: idOf(plan), value: 1 })),
    (evidence.period.until - evidence.period.from) / dayMs,
  ),
  policy: 'deployments to environments with `production: true`',
});

/** From the commit to the deployment; missing where its sender does not say when it was committed. */
export const deploymentLeadTime = (evidence: Evidence): Finding =>
  medianMinutes(
    deploymentsOf(evidence).map((plan) => ({
      id: idOf(plan),
      value: minutesBetween(plan.committedAt, plan.openedAt),
    })),
  );

/** It was undone or failed, was rolled back later, or an incident was opened for it. */
const failedOf = (evidence: Evidence): { plan: PlanObservation; recoveredAt: number | undefined }[] => {
  const rollbacks = rollbacksOf(evidence.plans);
  const incidents = Map.groupBy(realOf(evidence.incidents), ({ plan }) => plan);
  return deploymentsOf(evidence).flatMap((plan) => {
    const rollback = rollbacks.get(plan.id);
    const incident = incidents.get(plan.id)?.[0];
    const hasFailed = plan.status === 'failed' || plan.status === 'undone';
    if (!hasFailed && !rollback && !incident) return [];
    const ends = [
      ...(plan.status === 'undone' ? [plan.endedAt] : []),
      ...(rollback ? [rollback.endedAt] : []),
      ...(incident ? [incident.restoredAt] : []),
    ].filter((at) => at !== undefined);
    return [{ plan, recoveredAt: ends.toSorted((a, b) => a - b)[0] }];
  });
};

/** The rollback that followed a plan in its place, before the next deployment there. */
const rollbacksOf = (plans: readonly PlanObservation[]): Map<string, PlanObservation> => {
  const rollbacks = new Map<string, PlanObservation>();
  const changes = plans.filter(({ trigger }) => trigger === 'deployment' || trigger === 'rollback');
  for (const some of Map.groupBy(changes, ({ service, environment }) => `${service}/${environment}`).values()) {
    const inOrder = some.toSorted((a, b) => a.openedAt - b.openedAt);
    let next: PlanObservation | undefined;
    for (const [at, plan] of inOrder.entries()) {
      // Of plans that were opened at once, none follows another.
      if (next === undefined || next.openedAt <= plan.openedAt)
        next = inOrder.slice(at + 1).find(({ openedAt }) => openedAt > plan.openedAt);
      if (next?.trigger === 'rollback') rollbacks.set(plan.id, next);
    }
  }
  return rollbacks;
};

const rateOfFailures = (evidence: Evidence, failed: ReadonlySet<string>): Finding =>
  shareOf(deploymentsOf(evidence).map((plan) => ({ id: idOf(plan), value: Number(failed.has(plan.id)) })));

/** Deployments that are known to have failed: a rollback before anybody noticed fails the change as well. */
export const confirmedFailureRate = (evidence: Evidence): Finding => ({
  ...rateOfFailures(evidence, new Set(failedOf(evidence).map(({ plan }) => plan.id))),
  policy: 'failed, undone or rolled back, or with an incident that was opened for it',
});

/**
 * Deployments that failed, or that were the last ones of a service, or of what it needs, in the hours before an incident of it: what is
 * suspected, and not known.
 */
export const suspectedFailureRate = (evidence: Evidence): Finding => {
  const failed = new Set(failedOf(evidence).map(({ plan }) => plan.id));
  const deployments = deploymentsOf(evidence)
    .flatMap(({ id, service, environment, startedAt }) =>
      startedAt === undefined ? [] : [{ id, service, environment, startedAt }],
    )
    .toSorted((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? 1 : -1));
  const incidents = realOf(evidence.incidents)
    .flatMap(({ service, environment, impactAt, detectedAt }) =>
      service === undefined ? [] : [{ service, environment, at: impactAt ?? detectedAt }],
    )
    .toSorted((a, b) => a.at - b.at);
  let begun = 0;
  for (const { service, environment, at } of incidents) {
    while (begun < deployments.length && deployments[begun]!.startedAt <= at) begun += 1;
    const services = [service, ...evidence.dependenciesOf(service)];
    for (let last = begun - 1; last >= 0 && at - deployments[last]!.startedAt <= suspectedWithinMs; last -= 1) {
      const plan = deployments[last]!;
      if (!services.includes(plan.service) || ![undefined, plan.environment].includes(environment)) continue;
      failed.add(plan.id);
      break;
    }
  }
  return {
    ...rateOfFailures(evidence, failed),
    policy: `confirmed, or the last deployment of the service or of what it needs in the ${suspectedWithinMs / 3_600_000} h before an incident`,
  };
};

/** From a deployment that failed to the recovery. */
export const failedDeploymentRecovery = (evidence: Evidence): Finding =>
  medianMinutes(
    failedOf(evidence).map(({ plan, recoveredAt }) => ({
      id: idOf(plan),
      value: minutesBetween(plan.startedAt ?? plan.openedAt, recoveredAt),
    })),
  );

/** The median instead of the mean, as is usual for deployments; of fewer than five values they are printed instead. */
const medianMinutes = (cases: readonly { id: string; value: number | undefined }[]): Finding => {
  const inputs = cases.flatMap(({ id, value }) => (value === undefined ? [] : [{ id, value }]));
  const found = meanOf(inputs, cases.length);
  if (found.value === null) return found;
  const { interval: _, numerator: __, denominator: ___, ...rest } = found;
  const middle = found.summary?.median;
  if (middle === null || middle === undefined)
    return {
      ...rest,
      ...inconclusive('fewer than five values: they are printed instead', found.n, found.missing),
      inputs: found.inputs,
    };
  return { ...rest, value: middle };
};
