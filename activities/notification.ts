import { onlyPlanOrItsRuns } from './authorization.ts';
import type { ActivityPorts } from './ports.ts';

export interface PersonalMessage {
  /** Business key: the same key is sent once. */
  key: string;
  plan: string;
  person: string;
  subject: string;
  text: string;
}

type Ports = Pick<ActivityPorts, 'catalogue' | 'outbox'>;

/** Writes a mail to one person into the outbox. Somebody who left the catalogue is not told, which is no error. */
export async function tellPerson(
  { catalogue, outbox }: Ports,
  { key, plan, person, subject, text }: PersonalMessage,
): Promise<void> {
  const to = await catalogue.find('Person', person);
  if (to) await outbox.put(key, plan, { kind: 'email', to: to.email, subject: oneLine(subject), text });
}

/** Writes to everybody in a team. */
export async function tellTeam(ports: Ports, team: string, message: Omit<PersonalMessage, 'person'>): Promise<void> {
  const spec = await ports.catalogue.find('Team', team);
  for (const { person } of spec?.members ?? []) {
    await tellPerson(ports, { ...message, key: `${message.key}/${person}`, person });
  }
}

/** A subject is one header line, whatever was put into it. */
const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ').slice(0, 200);

export const createNotificationActivities = (ports: Ports) => ({
  /** Tells a person, or everybody in a team, once for each key. */
  async notifyPeople({
    to,
    ...message
  }: Omit<PersonalMessage, 'person'> & { to: { person: string } | { team: string } }): Promise<void> {
    onlyPlanOrItsRuns(message.plan);
    if ('person' in to) await tellPerson(ports, { ...message, person: to.person });
    else await tellTeam(ports, to.team, message);
  },
});
