import { type Contact, dueOf } from '../../domain/contact.ts';
import { incidentWorkflowIdOf } from '../../domain/identifiers.ts';
import type { IncidentCommission } from '../../domain/incident.ts';
import type { NotificationChannelSpec } from '../../domain/notification.ts';
import { knownErrorsFor } from '../../domain/problem/offer.ts';
import type { PageFacts } from '../../domain/page.ts';
import type { Message } from '../../domain/message.ts';
import type { Reference } from '../../domain/reference.ts';
import type { PersonSpec } from '../../domain/team.ts';
import { messagesTo, type Said } from '../notification/channel-message.ts';
import { pageWords } from '../notification/mail/page.ts';
import type { ActivityPorts } from '../ports.ts';
import { similarForPage } from './similar.ts';

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

type Ports = Pick<ActivityPorts, 'catalogue' | 'incidents' | 'insight' | 'problems' | 'outbox' | 'publicUrl'>;
type PageOfNode = Page & {
  /** Where in the program of the policy. */
  node: string;
};

/**
 * Pages each person by each of their contacts, once for each turn: tried again, it finds what it has written. Gives how long ago
 * the last of them was paged, in milliseconds.
 */
export const sendPage = async (ports: Ports, page: PageOfNode, people: readonly string[]): Promise<number> => {
  if (people.length === 0) return 0;
  const said = await saidOf(ports, page, 'evenkeel.incident.paged');
  const ages: number[] = [];
  for (const person of people) {
    const known = await ports.catalogue.find('Person', person);
    if (known) ages.push(...(await pagePerson(ports, page, said, person, known)));
  }
  return ages.length === 0 ? 0 : Math.min(...ages);
};

/** Gives how long ago each contact was paged, as `put` has it. */
const pagePerson = async (
  { catalogue, outbox }: Ports,
  page: PageOfNode,
  said: Said,
  person: string,
  { email, contacts = [] }: Pick<PersonSpec, 'email' | 'contacts'>,
): Promise<number[]> => {
  const { number, round, loop, node, incident, belongsTo, rev, at } = page;
  const { severity } = incident;
  const turn = `${incidentWorkflowIdOf(number)}/page/${loop}/${node}/${person}`;
  const facts = { incident: number, rev, at: new Date(at).toISOString(), severity, person, turn: `${turn}/${round}` };
  const byMail: Contact = { channel: 'email' };
  // A machine that is told has to know whom it is for.
  const toPerson = { ...said, data: { ...said.data, person } };
  const ways = await Promise.all(contacts.map((contact) => wayOf(contact, email, toPerson, catalogue)));
  const there = ways.flatMap((way) => way ?? []);
  // A page does not get lost with a channel that has left the catalogue.
  const used = there.length > 0 ? there : [(await wayOf(byMail, email, said, catalogue))!];
  const ages: number[] = [];
  for (const [order, { contact, address, message }] of used.entries()) {
    const name = contact.channel;
    const { delayMs, notBefore } = dueOf(contact, severity, at);
    const again = used.slice(0, order).filter(({ contact: before }) => before.channel === name).length;
    const key = `${turn}/${name}${again === 0 ? '' : `.${again + 1}`}/${round}`;
    const pageFacts: PageFacts = {
      ...facts,
      place: order,
      // PagerDuty needs each incident for itself.
      ...(message.kind === 'pagerduty' ? {} : { contact: `${person} ${name} ${address}` }),
      ...(notBefore === undefined ? {} : { notBefore }),
    };
    ages.push(await outbox.put(key, belongsTo, { ...message, page: pageFacts }, delayMs));
  }
  return ages;
};

/** The page in the form of a contact's channel; undefined where that is not there. */
const wayOf = async (
  contact: Contact,
  email: string,
  said: Said,
  catalogue: Ports['catalogue'],
): Promise<{ contact: Contact; address: string; message: Message } | undefined> => {
  const { channel: name, address = email } = contact;
  const channel: NotificationChannelSpec | undefined =
    name === 'email' ? { type: 'email', to: [address] } : await catalogue.find('NotificationChannel', name);
  const [first] = channel ? messagesTo(name, channel, said, contact.address) : [];
  return first && { contact, address, message: first.message };
};

/** Tells a channel where the escalation stands; nobody there is paged. */
export const tellChannel = async (ports: Ports, page: PageOfNode, name: string, revision: number): Promise<void> => {
  const { number, round, loop, node, belongsTo } = page;
  const channel = await ports.catalogue.find('NotificationChannel', name, revision);
  if (!channel) return;
  const key = `${incidentWorkflowIdOf(number)}/notify/${loop}/${node}/${name}/${round}`;
  for (const { suffix, message } of messagesTo(name, channel, await saidOf(ports, page, 'evenkeel.incident.escalated')))
    await ports.outbox.put(`${key}${suffix}`, belongsTo, message);
};

const saidOf = async (
  ports: Ports,
  { number, round, loop, level, node, incident }: PageOfNode,
  event: string,
): Promise<Said> => {
  const { catalogue, incidents, publicUrl } = ports;
  const { title, severity, service, environment, team } = incident;
  const [knownErrors, similar, alerts, owner] = await Promise.all([
    knownErrorsFor(ports, incident),
    similarForPage(ports, incident),
    incidents.alertTitles(number),
    catalogue.find('Team', team),
  ]);
  const texts = owner?.messages?.page;
  const link = `${publicUrl}/v1/incidents/${number}`;
  const data = { incident: number, title, severity, service, environment, team, link };
  return {
    ...pageWords(incident, {
      level: node === 'exhausted' ? undefined : level,
      loop,
      alerts,
      knownErrors,
      similar,
      publicUrl,
      texts,
    }),
    link,
    event,
    data,
    incident: { incident: number, round, severity, source: service ?? 'evenkeel', details: { ...data, alerts } },
  };
};
