import { policyOf } from '../../domain/incident/policy.ts';
import { usualCorrelation } from '../../domain/correlation-rule.ts';
import { milliseconds } from '../../domain/duration.ts';
import type { IncidentCommission, IncidentTiming } from '../../domain/incident.ts';
import { Severity } from '../../domain/severity.ts';
import { responseOf } from '../../domain/severity-policy.ts';
import type { CatalogueStorage } from '../../storage/catalogue.ts';

/** The limits of an incident, by the revision of the catalogue that it keeps. */
export const timingOf = async (
  commission: IncidentCommission,
  { catalogue, messagesPerRun }: { catalogue: CatalogueStorage; messagesPerRun: number },
): Promise<IncidentTiming> => {
  const policy = await policyOf(catalogue, commission);
  const { correlationRule, catalogueRevision: revision } = commission;
  const rule = correlationRule && (await catalogue.find('CorrelationRule', correlationRule, revision));
  const { groupWait, resolveDelay, reopenWindow, resolveOn } = { groupWait: undefined, ...(rule || usualCorrelation) };
  const responses = Object.fromEntries(
    Severity.options.map((severity) => [severity, responseOf(policy, severity)]),
  ) as IncidentTiming['responses'];
  return {
    responses,
    priorities: policy.priorities,
    groupWaitMs: groupWait === undefined ? 0 : milliseconds(groupWait),
    resolveDelayMs: resolveOn === 'never' ? undefined : milliseconds(resolveDelay),
    reopenWindowMs: milliseconds(reopenWindow),
    relapseAfterMs: milliseconds('15m'),
    snoozeWithinMs: milliseconds('1d'),
    messagesPerRun,
  };
};
