import type { LedgerEntry } from '../../domain/audit.ts';
import { DomainError } from '../../domain/errors.ts';
import { incidentReference } from '../../domain/identifiers.ts';
import { type AlertSituation, Incident, type IncidentCommission } from '../../domain/incident.ts';
import { type ClockFacts, clocksOf, warningsOf } from '../../domain/incident/clock.ts';
import type { DueWarning } from '../../domain/incident/clock.rules.ts';
import { isOver } from '../../domain/incident/record.rules.ts';
import { severityFor } from '../../domain/severity-policy.ts';
import type { SavedBy } from '../../domain/ports.ts';
import { withdrawAll } from '../approval/change.ts';
import { onlyAboutItself, onlyRecord, refuseOtherThan } from '../authorization.ts';
import type { ActivityPorts } from '../ports.ts';
import { tellFollowers } from './follow.ts';
import { clockTerms, policyOf } from '../../domain/incident/policy.ts';
import { knownIncident } from './known.ts';
import { followInPublic } from './publish.ts';
import { pageResponders } from './page.ts';
import { captureEvidence, lookAtRecovery, orderRestoration, suggestRestorations } from './restore.ts';
import { splitIncident } from './split.ts';

type Ports = Pick<
  ActivityPorts,
  | 'catalogue'
  | 'schedules'
  | 'incidents'
  | 'insight'
  | 'problems'
  | 'outbox'
  | 'kinds'
  | 'approvals'
  | 'commands'
  | 'readiness'
  | 'egress'
  | 'secrets'
  | 'publicUrl'
>;

export const createIncidentActivities = (ports: Ports) => ({
  /** Keeps the readable copy and the entries of the ledger, in one transaction; as `savePlan`. */
  async saveIncident(record: Incident, entries: LedgerEntry[], by: SavedBy): Promise<number | undefined> {
    refuseOtherThan(Incident, 'incident', record);
    const belongsTo = incidentReference(record.number);
    onlyRecord(ports, belongsTo);
    onlyAboutItself(record, { belongsTo, subject: belongsTo }, entries, by);
    refuseOther(record, await ports.incidents.openedFor(record.number));
    const lost = await ports.incidents.save(record, entries, by);
    if (lost === undefined) await tellFollowers(ports, record, entries);
    if (lost === undefined) await followInPublic(ports, record, entries);
    if (lost === undefined && isOver(record)) await withdrawAll(ports, belongsTo, by.at);
    if (lost === undefined && record.status === 'cancelled' && record.cancellation.of !== undefined)
      await ports.incidents.merge(record.number, record.cancellation.of);
    return lost;
  },

  /** How its alerts stand, and the severity that the worst of those that fire asks for. */
  async readAlerts({ number }: { number: number }): Promise<AlertSituation> {
    onlyRecord(ports, incidentReference(number));
    const found = await ports.incidents.situationOf(number);
    if (!found) throw new DomainError('not-found', `there is no incident ${number}`);
    const { worst, flapping, startedAt, acknowledgedAt, endedAt, ...counted } = found;
    const { commission } = await knownIncident(ports.incidents, number);
    const policy = await policyOf(ports.catalogue, commission);
    return {
      ...counted,
      ...(flapping === 0 ? {} : { flapping }),
      ...(worst === null ? {} : { worst, severity: severityFor(policy, worst) }),
      ...(startedAt === null ? {} : { startedAt }),
      ...(acknowledgedAt === null ? {} : { acknowledgedAt }),
      ...(endedAt === null || found.firing > 0 ? {} : { endedAt }),
    };
  },

  /** When somebody is to be warned of the clocks of an incident that stands like this. */
  async readClocks({ number, facts, at }: { number: number; facts: ClockFacts; at: number }): Promise<DueWarning[]> {
    onlyRecord(ports, incidentReference(number));
    const commission = await ports.incidents.openedFor(number);
    if (!commission) throw new DomainError('not-found', `there is no incident ${number}`);
    return warningsOf(clocksOf(facts, await clockTerms(ports.catalogue, commission), at));
  },

  /** Makes another incident of the alerts that somebody has split off. */
  async splitIncident(ask: Parameters<typeof splitIncident>[1]) {
    onlyRecord(ports, incidentReference(ask.number));
    return splitIncident(ports, ask);
  },

  /** Writes down that a runbook was ordered, if somebody has, or if it may run by itself. */
  async orderRestoration(ask: Parameters<typeof orderRestoration>[1]) {
    onlyRecord(ports, incidentReference(ask.number));
    return orderRestoration(ports, ask);
  },

  /** Runbooks that fit the incident. */
  async suggestRestorations({ number }: { number: number }) {
    onlyRecord(ports, incidentReference(number));
    return suggestRestorations(ports, number);
  },

  /** Keeps what shows how things were before a runbook changes them. */
  async captureEvidence(ask: Parameters<typeof captureEvidence>[1]) {
    onlyRecord(ports, incidentReference(ask.number));
    return captureEvidence(ports, ask);
  },

  /** Looks whether a runbook has restored service. */
  async lookAtRecovery(ask: Parameters<typeof lookAtRecovery>[1]) {
    onlyRecord(ports, incidentReference(ask.number));
    return lookAtRecovery(ports, ask);
  },

  /** Pages the next level of the escalation, each contact once in this round. */
  async pageResponders(ask: Parameters<typeof pageResponders>[1]) {
    onlyRecord(ports, incidentReference(ask.number));
    return pageResponders(ports, ask);
  },
});

const refuseOther = (
  { number, team, privateTo, correlationKey, detectedBy }: Incident,
  opened: IncidentCommission | undefined,
): void => {
  const isIts =
    team === opened?.team &&
    JSON.stringify(privateTo) === JSON.stringify(opened.privateTo) &&
    correlationKey === opened.correlationKey &&
    JSON.stringify(detectedBy) === JSON.stringify(opened.detectedBy);
  if (!isIts) throw new DomainError('not-allowed', `incident ${number} was opened for something else`);
};
