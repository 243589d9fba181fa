import { z } from 'zod';
import type { ReadAlerts } from '../alert.ts';
import { DomainError } from '../errors.ts';
import { readSome } from '../json.ts';
import { readGroup } from './group.ts';
import { httpLink, maybeText } from './reading.ts';

const Envelope = z.object({
  version: z.literal('4'),
  truncatedAlerts: z.number().positive().optional().catch(undefined),
  externalURL: maybeText,
});

/** The webhook of Alertmanager, version 4. */
export const readAlertmanager: ReadAlerts = (body, receivedAt) => {
  const written = readSome(body);
  const envelope = Envelope.safeParse(written);
  if (!envelope.success)
    throw new DomainError(
      'invalid',
      'expected the webhook of Alertmanager, version 4: leave `payload` of the webhook_config unset',
    );
  const { truncatedAlerts, externalURL } = envelope.data;
  const { notes, ...read } = readGroup(written, receivedAt, ({ generatorURL }) => ({
    link: httpLink(generatorURL, externalURL),
  }));
  const leftOut = truncatedAlerts && `the sender left out ${truncatedAlerts} alerts: unset max_alerts`;
  return { ...read, notes: leftOut ? [leftOut, ...notes] : notes };
};
