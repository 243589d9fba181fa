import type { Notice, Recipient, Said } from '../../domain/notice.ts';
import type { Reference } from '../../domain/reference.ts';
import { reaches } from '../../domain/actor.rules.ts';
import { failedTry, triesOf } from '../../domain/step-try.rules.ts';
import { onlyFor, onlyOwnKey } from '../authorization.ts';
import type { ActivityPorts } from '../ports.ts';
import { kindIn } from '../record-kind.ts';
import { approvalInChat } from './approval-in-chat.ts';
import { mailOf } from './mail/index.ts';
import { noticeOf } from './stored.ts';

/** Something of which somebody is notified once: the same key changes nothing. */
export interface Notification {
  key: string;
  belongsTo: Reference;
  to: Recipient;
  notice: Notice;
}

type Ports = Pick<ActivityPorts, 'catalogue' | 'outbox' | 'kinds' | 'publicUrl'>;

/** Notifies each recipient, by mail; whoever may approve by a button gets that, too. Somebody who left the catalogue is not notified, which is no error. */
export async function notify(
  { catalogue, outbox, kinds, publicUrl }: Ports,
  { key, belongsTo, to, notice }: Notification,
): Promise<void> {
  const { kind, id } = kindIn(kinds, belongsTo);
  const audience = 'team' in to ? await kind.audienceOf(id) : undefined;
  const people = (audience ?? (await peopleIn(to, catalogue))).filter((person) => mayAnswer(notice, person));
  if (people.length === 0) return;
  const output = await outputFor(notice, belongsTo, outbox);
  const asked = 'approval' in notice && notice.approval.subject === belongsTo ? notice.approval : undefined;
  const brief = asked ? await kind.briefOf(id, asked.digest) : [];
  const [title, facts] = [await kind.titleOf(id), await kind.factsOf(id)];
  const mail = mailOf(notice, { belongsTo, title, publicUrl, output, brief, facts });
  for (const person of people) {
    const known = await catalogue.find('Person', person);
    const own = 'person' in to ? key : `${key}/${person}`;
    if (!known) continue;
    await outbox.put(own, belongsTo, { kind: 'email', to: known.email, ...mail });
    const asks = await approvalInChat({ person, known, notice }, catalogue);
    if (asks) await outbox.put(`${own}/slack`, belongsTo, { kind: 'slack', ...asks, ...mail });
  }
}

/** What the target of a failed step said, for whoever is to decide what to do about it. */
const outputFor = async (
  notice: Notice,
  belongsTo: Reference,
  outbox: Ports['outbox'],
): Promise<string | undefined> => {
  if (notice.reason !== 'step-failed' && notice.reason !== 'step-undo-failed') return undefined;
  const tries = triesOf(notice.run, notice.step, await outbox.of(belongsTo));
  return failedTry(tries.filter(({ of }) => (of === 'undo') === (notice.reason === 'step-undo-failed')))?.output;
};

const peopleIn = async (to: Recipient, catalogue: Ports['catalogue']): Promise<readonly string[]> => {
  if ('person' in to) return [to.person];
  if ('people' in to) return to.people;
  const { role = 'viewer', others = [] } = to;
  const team = await catalogue.find('Team', to.team);
  const members = team?.members.filter((member) => reaches(member.role, role)) ?? [];
  return [...new Set([...members.map(({ person }) => person), ...others])];
};

/** Whoever asks for a waiver does not grant it. */
const mayAnswer = (notice: Notice, person: string): boolean =>
  notice.reason !== 'waiver-asked' || notice.waiver.requestedBy !== person;

export const createNotificationActivities = (ports: Ports & Pick<ActivityPorts, 'runs' | 'tasks'>) => ({
  /** Notifies each recipient once for each key. */
  async notifyPeople({ said, ...notification }: Omit<Notification, 'notice'> & { said: Said }): Promise<void> {
    const { belongsTo } = notification;
    await onlyFor(ports, belongsTo);
    onlyOwnKey(notification.key, said);
    await notify(ports, { ...notification, notice: await noticeOf(said, belongsTo, ports) });
  },
});
