import type { z } from 'zod';
import { sha256 } from '../../../domain/digest.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { SourceSpec } from '../../../domain/source.ts';
import { UnsupportedMediaType } from '../../../domain/trigger/cloudevents.ts';
import type { Context } from '../../context.ts';
import { HttpError } from '../../errors.ts';
import { type Answer, operation, type Untagged } from '../../operation.ts';
import { alertFormats } from './alerts.ts';
import { cloudevents, consentToCloudEvents } from './cloudevents.ts';
import { BySource, type Delivery, type Format, type Reading, Receipt } from './format.ts';
import { github } from './github.ts';
import { keep, keepDead, type Kept } from './keep.ts';
import { pagerdutyOperations } from './pagerduty.ts';
import { pagerdutyWebhook } from './pagerduty-webhook.ts';
import { receiveSlack } from './slack.ts';
import { secretsOf, sourceOf } from './source.ts';

/** Every format whose source stands in the address. */
const formats: Record<Exclude<SourceSpec['format'], 'pagerduty' | 'slack'>, Format> = {
  github,
  cloudevents,
  ...alertFormats,
  'pagerduty-webhook': pagerdutyWebhook,
};

const tenMegabytes = 10 * 1024 * 1024;

/** Where machines tell us facts. Each body is committed before it is answered; none of them approves or executes. */
export const hookOperations = (context: Context): Untagged[] => [
  ...Object.entries(formats).map(([name, format]) => {
    const { description, isSilent, ...described } = format.operation;
    return operation({
      ...described,
      route: `POST ${format.path ?? `/v1/hooks/${name}/{source}`}`,
      role: 'sender',
      params: BySource,
      limit: format.limit ?? tenMegabytes,
      answer: isSilent ? { status: 200, description } : { status: 202, description, schema: Receipt },
      async handle({ params, body, headers }) {
        const source = await sourceOf(params.source, name, context);
        return receive({ source, body: body as Buffer, headers }, format, context);
      },
    });
  }),
  consentToCloudEvents(context),
  ...pagerdutyOperations(context),
  receiveSlack(context),
];

const receive = async (delivery: Delivery, format: Format, context: Context): Promise<Answer> => {
  const { log } = context;
  const { source, body } = delivery;
  format.verify(delivery, await secretsOf(source, context));

  let reading: Reading;
  try {
    reading = format.read(delivery);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    // The sender is known and the body hopeless: it is kept with the reason, then answered with it.
    const label = format.label?.(delivery) ?? { name: source.format, key: sha256(body) };
    await keepDead(source, { ...label, body }, error.message, context);
    throw error instanceof UnsupportedMediaType ? error : new HttpError(400, error.message);
  }

  const accepted = await keep(source, reading.told, context);
  const others = accepted.filter(({ isSameBody = true }) => !isSameBody).map(({ id }) => id);
  if (others.length > 0) log.warn({ source: source.name, inbox: others }, 'told again with another body');
  const { status, notes } = reading;
  return format.operation.isSilent ? {} : { status, body: receiptOf(accepted, notes) };
};

/** With what was not used and why. An id that comes with another body is the sender's fault, and is said. */
const receiptOf = (accepted: readonly Kept[], notes: readonly string[]): z.infer<typeof Receipt> => {
  const isOther = accepted.some(({ isSameBody = true }) => !isSameBody);
  const told = [...notes, ...(isOther ? ['told before with another body: the first one is kept'] : [])];
  return { accepted: accepted.map(({ id }) => id), ...(told.length > 0 ? { note: told.join('; ') } : {}) };
};
