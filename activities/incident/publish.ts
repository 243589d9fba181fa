import type { LedgerEntry } from '../../domain/audit.ts';
import { uuidOf } from '../../domain/digest.ts';
import { incidentReference, incidentWorkflowIdOf } from '../../domain/identifiers.ts';
import type { Incident, IncidentCommission } from '../../domain/incident.ts';
import { mayBePublic, publicStatusOf } from '../../domain/incident/public.rules.ts';
import type { Message } from '../../domain/message.ts';
import type { Publication } from '../../domain/ports.ts';
import type { Severity } from '../../domain/severity.ts';
import { componentStateOf } from '../../domain/status-feed.ts';
import { componentOn, type PublicStatus, type StatusPageSpec } from '../../domain/status-page.ts';
import type { ActivityPorts } from '../ports.ts';
import { knownIncident } from './known.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'outbox'>;
type About = Pick<IncidentCommission, 'number' | 'team' | 'service' | 'openedAt'> & { severity: Severity };

/** How the incident stands in public, and what is published of it, if something is. */
interface Standing {
  rev: number;
  status: PublicStatus;
  title: string | undefined;
  update?: { id: string; text: string };
}

/** Publishes what was written, and what it is on Statuspage where a page has one. */
export const publish = async (
  ports: Ports & Pick<ActivityPorts, 'incidents' | 'statusPages'>,
  number: number,
  publication: Publication,
): Promise<void> => {
  const { commission, record } = await knownIncident(ports.incidents, number);
  // The workflow has refused it; so does whoever believes no workflow.
  if (!mayBePublic(commission)) return;
  await ports.statusPages.publish(number, publication);
  const { command: id, rev, status, title, text } = publication;
  const standing = { rev, status, title: title ?? record?.updates.publicTitle, update: { id, text } };
  await mirror(ports, { ...commission, ...record }, standing, `publish/${id}`);
};

const moves: readonly LedgerEntry['action'][] = [
  'incident.mitigating',
  'incident.runbook-started',
  'incident.runbook-done',
  'incident.runbook-failed',
  'incident.held',
  'incident.resumed',
  'incident.restored',
  'incident.recovered',
  'incident.relapsed',
  'incident.resolved',
  'incident.reopened',
  'incident.cancelled',
];

/** Statuspage has the same state, whether anybody says so there or not. */
export const followInPublic = async (
  ports: Ports,
  record: Incident,
  entries: readonly LedgerEntry[],
): Promise<void> => {
  const { rev, updates } = record;
  if (updates.publishedAt === undefined || !entries.some(({ action }) => moves.includes(action))) return;
  const standing = { rev, status: publicStatusOf(record), title: updates.publicTitle };
  await mirror(ports, record, standing, `follow/${rev}`);
};

const mirror = async ({ catalogue, outbox }: Ports, about: About, standing: Standing, step: string): Promise<void> => {
  const { number } = about;
  for (const { name, spec } of await catalogue.list('StatusPage')) {
    const component = componentOn(spec, about);
    if (spec.channel === undefined || !component) continue;
    const key = `${incidentWorkflowIdOf(number)}/${step}/${name}`;
    await outbox.put(key, incidentReference(number), messageOf(spec.channel, component, about, standing));
  }
};

const messageOf = (
  channel: string,
  { name, statuspage }: StatusPageSpec['components'][number],
  { number, openedAt, severity }: About,
  { rev, status, title, update }: Standing,
): Message => ({
  kind: 'statuspage',
  channel,
  // Whoever can read the metadata there learns nothing of ours.
  to: uuidOf(`${incidentWorkflowIdOf(number)}/${openedAt}`),
  rev,
  status,
  ...(title === undefined ? {} : { name: title }),
  neutralName: `Disruption of ${name}`,
  ...(update ? { update } : {}),
  ...(statuspage === undefined ? {} : { component: { id: statuspage, state: componentStateOf({ severity, status }) } }),
});
