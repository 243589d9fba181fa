import type { Logger } from 'pino';
import { reaches } from '../domain/actor.rules.ts';
import { referenceTo } from '../domain/identifiers.ts';
import type { Message } from '../domain/message.ts';
import type { Database } from '../storage/database.ts';
import { type Trouble, troubleIn } from '../storage/inbox-trouble.ts';
import { startLoop } from './loop.ts';
import type { Stores } from './ports.ts';

const lookEveryMs = 60_000;

const meaning: Record<Trouble['state'], string> = {
  gap: 'led to no plan, though it was meant for one',
  dead: 'could not be read',
  parked: 'failed again and again',
};

/** Notifies the operators of the source's team, once a day for each source and kind of trouble. */
export const notifyOfTrouble = async (
  db: Database,
  { catalogue, outbox }: Pick<Stores, 'catalogue' | 'outbox'>,
): Promise<void> => {
  for (const trouble of await troubleIn(db)) {
    const { team, source, state, day } = trouble;
    const members = (await catalogue.find('Team', team))?.members ?? [];
    for (const { person } of members.filter(({ role }) => reaches(role, 'operator'))) {
      const email = (await catalogue.find('Person', person))?.email;
      if (email === undefined) continue;
      const key = `inbox/${day}/${state}/${source}/${person}`;
      await outbox.put(key, referenceTo('inbox', day), { kind: 'email', to: email, ...mailOf(trouble) });
    }
  }
};

const mailOf = ({ source, state, count, reason }: Trouble): Pick<Message & { kind: 'email' }, 'subject' | 'text'> => ({
  subject: `${source}: a delivery ${meaning[state]}`,
  text: `Of what ${source} has sent today, ${count === 1 ? 'one delivery' : `${count} deliveries`} ${meaning[state]}.\n${reason ?? 'No reason is known.'}\n\nLook at them${state === 'dead' ? ', and have the sender mended' : ', mend the cause, and deliver them again'}:\nevenkeel inbox list --state ${state}${state === 'dead' ? '' : '\nevenkeel inbox redeliver ID'}\n\nMore of the same today is not mailed.`,
});

export const startTrouble = (db: Database, stores: Stores, log: Logger): { stop(): Promise<void> } =>
  startLoop('inbox trouble', lookEveryMs, log, async () => {
    await notifyOfTrouble(db, stores);
    return 0;
  });
