import { incidentWorkflowIdOf } from '../../domain/identifiers.ts';
import type { IncidentCommission } from '../../domain/incident.ts';
import type { PageFacts } from '../../domain/page.ts';
import type { Reference } from '../../domain/reference.ts';
import { pageMail } from '../notification/mail/page.ts';
import type { ActivityPorts } from '../ports.ts';

/** One turn of an escalation, for whoever is paged in it. */
export interface Page {
  number: number;
  round: number;
  loop: number;
  level: number;
  incident: IncidentCommission;
  belongsTo: Reference;
  /** The state of the incident that asked for it, and when by the workflow's clock, in milliseconds. */
  rev: number;
  at: number;
}

type Ports = Pick<ActivityPorts, 'catalogue' | 'incidents' | 'outbox' | 'publicUrl'>;
type Placed = Page & {
  /** Where in the policy. */
  place: string;
};

/** Pages each person, once for each turn: tried again, it finds what it has written. */
export const sendPage = async (
  { catalogue, incidents, outbox, publicUrl }: Ports,
  { number, round, loop, level, place, incident, belongsTo, rev, at }: Placed,
  people: readonly string[],
): Promise<void> => {
  if (people.length === 0) return;
  const alerts = await incidents.alertTitles(number);
  const mail = pageMail(incident, { level, loop, alerts, publicUrl });
  for (const person of people) {
    const known = await catalogue.find('Person', person);
    const turn = `${incidentWorkflowIdOf(number)}/page/${loop}/${place}/${person}`;
    const page: PageFacts = {
      incident: number,
      rev,
      at: new Date(at).toISOString(),
      severity: incident.severity,
      person,
      turn: `${turn}/${round}`,
      place: 0,
    };
    if (!known) continue;
    const contact = `${person} email ${known.email}`;
    await outbox.put(`${turn}/email/${round}`, belongsTo, {
      kind: 'email',
      to: known.email,
      ...mail,
      page: { ...page, contact },
    });
  }
};

/** Tells a channel where the escalation stands; nobody there is paged. */
export const tellChannel = async (
  { catalogue, incidents, outbox, publicUrl }: Ports,
  { number, round, loop, level, place, incident, belongsTo }: Placed,
  name: string,
  revision: number,
): Promise<void> => {
  const channel = await catalogue.find('NotificationChannel', name, revision);
  const key = `${incidentWorkflowIdOf(number)}/notify/${loop}/${place}/${name}/${round}`;
  if (channel?.type === 'email') {
    const mail = pageMail(incident, { level, loop, alerts: await incidents.alertTitles(number), publicUrl });
    for (const to of channel.to) await outbox.put(`${key}/${to}`, belongsTo, { kind: 'email', to, ...mail });
  } else if (channel) {
    const { title, severity, service, environment, team } = incident;
    const data = {
      incident: number,
      title,
      severity,
      service,
      environment,
      team,
      link: `${publicUrl}/v1/incidents/${number}`,
    };
    await outbox.put(key, belongsTo, { kind: 'webhook', channel: name, type: 'evenkeel.incident.escalated', data });
  }
};
