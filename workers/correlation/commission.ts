import { rankOf } from '../../domain/alert/severity.ts';
import { firesSince } from '../../domain/alert/told.ts';
import type { IncidentCommission } from '../../domain/incident.ts';
import { keepable } from '../../domain/text.ts';
import { severityFor } from '../../domain/severity-policy.ts';
import { policyOf } from '../../domain/incident/policy.ts';
import type { CorrelationCatalogue } from './catalogue.ts';
import type { MissingGroup } from './group.ts';

/** What an incident of these alerts is opened for: the worst of them speaks for it. */
export const commissionOf = async (
  { alerts, key, correlation, follows, isStorm }: MissingGroup,
  { number, at }: { number: number; at: string },
  catalogue: CorrelationCatalogue,
): Promise<IncidentCommission> => {
  const worst = alerts.toSorted((a, b) => rankOf(a) - rankOf(b))[0]!;
  const { team, service, environment, source, severity, title } = worst;
  const impactAt = alerts.flatMap((alert) => firesSince(alert) ?? []).toSorted()[0];
  const services = new Set(alerts.map((alert) => alert.service));
  return {
    number,
    kind: 'real',
    title: isStorm
      ? keepable(`Alert storm: ${alerts.length} alerts of ${services.size} services, the worst ${title}`, 300)
      : title,
    team,
    // A storm is about no service in particular.
    ...(service === null || isStorm ? {} : { service }),
    ...(environment === null ? {} : { environment }),
    severity: severityFor(await policyOf(catalogue.store, { team, catalogueRevision: catalogue.revision }), severity),
    detectedBy: { by: 'alert', source },
    correlationKey: key,
    ...(correlation.rule.name === undefined || isStorm ? {} : { correlationRule: correlation.rule.name }),
    catalogueRevision: catalogue.revision,
    detectedAt: at,
    // A clock of a source that runs ahead says nothing of us.
    ...(impactAt !== undefined && impactAt < at ? { impactAt } : {}),
    openedAt: at,
    ...(follows === undefined ? {} : { follows }),
  };
};
