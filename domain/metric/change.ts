import { type Evidence, minutesBetween, realOf } from './evidence.ts';
import { type Finding, inconclusive, meanOf, rateOf, shareOf } from './finding.ts';
import type { PlanObservation } from './observation.ts';

const dayMs = 86_400_000;
/** An incident so soon after a deployment is suspected to come from it. */
const suspectedWithinMs = 4 * 60 * 60_000;

const idOf = ({ id }: PlanObservation): string => `plan/${id}`;

/** Deployments to production that began, or of which it is known that they never did. */
const deploymentsOf = ({ plans, productionOf }: Evidence): PlanObservation[] =>
  plans.filter(({ change, environment }) => change === 'deployed' && productionOf(environment));

export const deploymentFrequency = (evidence: Evidence): Finding => ({
  ...rateOf(
    deploymentsOf(evidence).map((plan) => ({ id: idOf(plan) })),
    (evidence.period.until - evidence.period.from) / dayMs,
  ),
  policy: 'deployments to environments with `production: true`',
});

/** From the commit to the deployment; missing where its sender does not say when it was committed. */
export const deploymentLeadTime = (evidence: Evidence): Finding =>
  medianOf(
    meanOf(
      deploymentsOf(evidence).map((plan) => ({
        id: idOf(plan),
        value: minutesBetween(plan.committedAt, plan.openedAt),
      })),
    ),
  );

/** It was undone or failed, was rolled back later, or an incident was opened for it. */
const failedOf = (evidence: Evidence): { plan: PlanObservation; recoveredAt: number | undefined }[] => {
  const deployments = deploymentsOf(evidence);
  return deployments.flatMap((plan) => {
    const rollback = rollbackOf(plan, evidence.plans);
    const incident = realOf(evidence.incidents).find((one) => one.plan === plan.id);
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

/** The rollback that followed a deployment in its place, before the next deployment there. */
const rollbackOf = (plan: PlanObservation, plans: readonly PlanObservation[]): PlanObservation | undefined => {
  const next = plans
    .filter(
      ({ service, environment, openedAt }) =>
        service === plan.service && environment === plan.environment && openedAt > plan.openedAt,
    )
    .toSorted((a, b) => a.openedAt - b.openedAt)[0];
  return next?.change === 'rolled-back' ? next : undefined;
};

/** Deployments that are known to have failed: a rollback before anybody noticed fails the change as well. */
export const confirmedFailureRate = (evidence: Evidence): Finding => {
  const failed = new Set(failedOf(evidence).map(({ plan }) => plan.id));
  return {
    ...shareOf(deploymentsOf(evidence).map((plan) => ({ id: idOf(plan), hit: failed.has(plan.id) }))),
    policy: 'failed, undone or rolled back, or with an incident that was opened for it',
  };
};

/**
 * Deployments that failed, or that were the last ones of a service, or of what it needs, in the hours before an incident of it: what is
 * suspected, and not known.
 */
export const suspectedFailureRate = (evidence: Evidence): Finding => {
  const failed = new Set(failedOf(evidence).map(({ plan }) => plan.id));
  const deployments = deploymentsOf(evidence).filter(({ startedAt }) => startedAt !== undefined);
  for (const { service, environment, impactAt, detectedAt } of realOf(evidence.incidents)) {
    if (service === undefined) continue;
    const at = impactAt ?? detectedAt;
    const services = [service, ...evidence.dependenciesOf(service)];
    const last = deployments
      .filter((plan) => {
        const sinceMs = at - plan.startedAt!;
        const isThere = environment === undefined || plan.environment === environment;
        return isThere && services.includes(plan.service) && sinceMs >= 0 && sinceMs <= suspectedWithinMs;
      })
      .toSorted((a, b) => b.startedAt! - a.startedAt!)[0];
    if (last) failed.add(last.id);
  }
  return {
    ...shareOf(deploymentsOf(evidence).map((plan) => ({ id: idOf(plan), hit: failed.has(plan.id) }))),
    policy: `confirmed, or the last deployment of the service or of what it needs in the ${suspectedWithinMs / 3_600_000} h before an incident`,
  };
};

/** From a deployment that failed to the recovery. */
export const failedDeploymentRecovery = (evidence: Evidence): Finding =>
  medianOf(
    meanOf(
      failedOf(evidence).map(({ plan, recoveredAt }) => ({
        id: idOf(plan),
        value: minutesBetween(plan.startedAt ?? plan.openedAt, recoveredAt),
      })),
    ),
  );

/** The median instead of the mean, as is usual for deployments; of fewer than five values they are printed instead. */
const medianOf = (found: Finding): Finding => {
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
