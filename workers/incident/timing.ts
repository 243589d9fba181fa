import { usualCorrelation } from '../../domain/correlation-rule.ts';
import { milliseconds } from '../../domain/duration.ts';
import type { IncidentCommission, IncidentTiming } from '../../domain/incident.ts';
import { Severity } from '../../domain/severity.ts';
import { responseOf, usualSeverityPolicy } from '../../domain/severity-policy.ts';
import type { CatalogueStorage } from '../../storage/catalogue.ts';

/** The limits of an incident, by the revision of the catalogue that it keeps. */
export const timingOf = async (
  { team: name, correlationRule, catalogueRevision: revision }: IncidentCommission,
  { catalogue, messagesPerRun }: { catalogue: CatalogueStorage; messagesPerRun: number },
): Promise<IncidentTiming> => {
  const team = await catalogue.find('Team', name, revision);
  const policy = team?.severityPolicy && (await catalogue.find('SeverityPolicy', team.severityPolicy, revision));
  const rule = correlationRule && (await catalogue.find('CorrelationRule', correlationRule, revision));
  const { groupWait, resolveDelay, reopenWindow, resolveOn } = { groupWait: undefined, ...(rule || usualCorrelation) };
  const responses = Object.fromEntries(
    Severity.options.map((severity) => [severity, responseOf(policy || usualSeverityPolicy, severity)]),
  ) as IncidentTiming['responses'];
  return {
    responses,
    priorities: (policy || usualSeverityPolicy).priorities,
    groupWaitMs: groupWait === undefined ? 0 : milliseconds(groupWait),
    resolveDelayMs: resolveOn === 'never' ? undefined : milliseconds(resolveDelay),
    reopenWindowMs: milliseconds(reopenWindow),
    relapseAfterMs: milliseconds('15m'),
    snoozeWithinMs: milliseconds('1d'),
    messagesPerRun,
  };
};
