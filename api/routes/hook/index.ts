import type { z } from 'zod';
import { sha256 } from '../../../domain/digest.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { Arrival } from '../../../domain/inbox.ts';
import type { SourceSpec } from '../../../domain/source.ts';
import { keepable } from '../../../domain/text.ts';
import { UnsupportedMediaType } from '../../../domain/trigger/cloudevents.ts';
import type { AlertArrival } from '../../../storage/alert-inbox.ts';
import type { Context } from '../../context.ts';
import { HttpError } from '../../errors.ts';
import { type Answer, operation, type Untagged } from '../../operation.ts';
import { alertFormats } from './alerts.ts';
import { cloudevents, consentToCloudEvents } from './cloudevents.ts';
import { BySource, type Delivery, type Format, type Reading, Receipt, type Told } from './format.ts';
import { github } from './github.ts';
import { receiveSlack } from './slack.ts';
import { secretsOf, sourceOf } from './source.ts';

/** Every format in which a source tells facts. */
const formats: Record<Exclude<SourceSpec['format'], 'slack'>, Format> = { github, cloudevents, ...alertFormats };

const tenMegabytes = 10 * 1024 * 1024;

/** Where machines tell us facts. Each body is committed before it is answered; none of them approves or executes. */
export const hookOperations = (context: Context): Untagged[] => [
  ...Object.entries(formats).map(([name, format]) => {
    const { description, ...described } = format.operation;
    return operation({
      ...described,
      route: `POST /v1/hooks/${name}/{source}${name === 'prometheus' ? '/api/v2/alerts' : ''}`,
      role: 'sender',
      params: BySource,
      limit: tenMegabytes,
      answer: { status: 202, description, schema: Receipt },
      async handle({ params, body, headers }) {
        const source = await sourceOf(params.source, name, context);
        return receive({ source, body: body as Buffer, headers }, format, context);
      },
    });
  }),
  consentToCloudEvents(context),
  receiveSlack(context),
];

const receive = async (
  delivery: Delivery,
  format: Format,
  { commands, stores, secrets, log }: Context,
): Promise<Answer> => {
  const { source, body } = delivery;
  format.verify(delivery, await secretsOf(source, { secrets, log }));

  let reading: Reading;
  try {
    reading = format.read(delivery);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    // The sender is known and the body hopeless: it is kept with the reason, then answered with it.
    const { name, key } = format.label?.(delivery) ?? { name: source.format, key: sha256(body) };
    const dead = { name, key: keepable(`dead/${key}`, 500), body, facts: [] };
    await commands.accept({ ...arrivalOf(source, dead), deadBecause: error.message });
    throw error instanceof UnsupportedMediaType ? error : new HttpError(400, error.message);
  }

  const accepted = await Promise.all(
    reading.told.flatMap((told): Promise<Kept>[] => [
      ...(told.alerts === undefined ? [] : [stores.alertInbox.accept(alertsOf(source, told, told.alerts))]),
      ...(told.alerts === undefined || told.facts.length > 0 ? [commands.accept(arrivalOf(source, told))] : []),
    ]),
  );
  const others = accepted.filter(({ isSameBody = true }) => !isSameBody).map(({ id }) => id);
  if (others.length > 0) log.warn({ source: source.name, inbox: others }, 'told again with another body');
  const { status, isSilent, notes } = reading;
  return isSilent ? { status } : { status, body: receiptOf(accepted, notes) };
};

const arrivalOf = (source: Delivery['source'], { name, key, body, facts }: Told): Arrival => ({
  kind: 'fact',
  source: source.name,
  dedupKey: key,
  name,
  team: source.team,
  actor: { type: 'service', name: `source/${source.name}` },
  body,
  bodyHash: sha256(body),
  content: { family: 'deployment', facts },
});

const alertsOf = (
  { name: source, team }: Delivery['source'],
  { name: format, key: dedupKey, body }: Told,
  alerts: number,
): AlertArrival => ({
  source,
  dedupKey,
  format,
  team,
  body,
  bodyHash: sha256(body),
  alerts,
  receivedAt: new Date().toISOString(),
});

/** A row that was written, of either inbox. */
interface Kept {
  id: string;
  isSameBody?: boolean;
}

/** With what was not used and why. An id that comes with another body is the sender's fault, and is said. */
const receiptOf = (accepted: readonly Kept[], notes: readonly string[]): z.infer<typeof Receipt> => {
  const isOther = accepted.some(({ isSameBody = true }) => !isSameBody);
  const told = [...notes, ...(isOther ? ['told before with another body: the first one is kept'] : [])];
  return { accepted: accepted.map(({ id }) => id), ...(told.length > 0 ? { note: told.join('; ') } : {}) };
};
