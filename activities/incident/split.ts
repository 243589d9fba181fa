import type { Alert } from '../../domain/alert.ts';
import { splitKeyOf } from '../../domain/alert/correlation.ts';
import { rankOf } from '../../domain/alert/severity.ts';
import { firesSince } from '../../domain/alert/told.ts';
import { DomainError } from '../../domain/errors.ts';
import { incidentWorkflowIdOf } from '../../domain/identifiers.ts';
import type { IncidentCommission } from '../../domain/incident.ts';
import { acceptedEntry } from '../../domain/incident/accepted.ts';
import { severityFor } from '../../domain/severity-policy.ts';
import type { ActivityPorts } from '../ports.ts';
import { policyOf } from '../../domain/incident/policy.ts';
import { knownIncident } from './known.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'incidents' | 'commands'>;

/**
 * Makes another incident of the alerts that somebody has split off, by a command that was accepted; the same command opens one.
 * Nothing where none of them belongs to it any more, or none would stay.
 */
export async function splitIncident(
  { catalogue, incidents, commands }: Ports,
  { number, command }: { number: number; command: string },
): Promise<{ into?: number }> {
  const asked = await commands.splitAsked(incidentWorkflowIdOf(number), command);
  if (!asked) throw new DomainError('not-allowed', `nobody has split incident ${number} so`);
  const { commission, record } = await knownIncident(incidents, number);
  const { kind, team, privateTo, correlationRule } = commission;
  const catalogueRevision = await catalogue.revision();
  const policy = await policyOf(catalogue, { ...commission, catalogueRevision });
  const { title, reason, by, alerts: fingerprints } = asked;
  const into = await incidents.split({
    number,
    fingerprints,
    triggerKey: `split/${command}`,
    opening: (next, alerts) => {
      const worst = worstOf(alerts);
      const openedAt = new Date().toISOString();
      const detectedAt = alerts.map(({ changedAt }) => changedAt).toSorted()[0]!;
      const impactAt = alerts.flatMap((alert) => firesSince(alert) ?? []).toSorted()[0];
      const { service, environment } = { ...commission, ...record };
      const opened: IncidentCommission = {
        number: next,
        kind,
        title,
        team,
        ...(privateTo === undefined ? {} : { privateTo }),
        ...placed('service', worst.service ?? service),
        ...placed('environment', worst.environment ?? environment),
        severity: severityFor(policy, worst.severity),
        detectedBy: { by: 'alert', source: worst.source },
        correlationKey: splitKeyOf(next),
        ...(correlationRule === undefined ? {} : { correlationRule }),
        catalogueRevision,
        detectedAt,
        ...(impactAt !== undefined && impactAt < openedAt ? { impactAt } : {}),
        openedAt,
        splitFrom: number,
      };
      return { commission: opened, entry: { ...acceptedEntry(opened, by), reason } };
    },
  });
  return into === undefined ? {} : { into };
}

/** What fires first, then what is worst: it speaks for the others. */
const worstOf = (alerts: readonly Alert[]): Alert =>
  alerts.toSorted((one, other) => Number(other.isFiring) - Number(one.isFiring) || rankOf(one) - rankOf(other))[0]!;

const placed = (field: 'service' | 'environment', name: string | undefined) =>
  name === undefined ? {} : { [field]: name };
