import { z } from 'zod';
import { type PagerDutyPage, readPagerDutyPage } from '../../../domain/alert/pagerduty-page.ts';
import { sha256 } from '../../../domain/digest.ts';
import { DomainError } from '../../../domain/errors.ts';
import { verifyPagerDuty } from '../../../domain/signature.ts';
import { HttpError } from '../../errors.ts';
import type { Format } from './format.ts';

/** Webhooks of PagerDuty, version 3. All that is authentic is taken: three that were refused end the subscription for a day. */
export const pagerdutyWebhook: Format = {
  path: '/v1/hooks/pagerduty/{source}',
  operation: {
    id: 'receivePagerDuty',
    summary: 'Takes the webhook of PagerDuty, version 3: kept as evidence',
    description: 'Committed; the same delivery again gets the same answer',
    sender: { proof: 'pagerdutySignature', bodies: { 'application/json': z.object({ event: z.looseObject({}) }) } },
  },
  verify({ body, headers }, secrets) {
    if (!verifyPagerDuty(body, headers['x-pagerduty-signature'], secrets))
      throw new HttpError(401, 'no signature in X-PagerDuty-Signature is one of the body');
  },
  read({ body, headers }) {
    const delivery = headers['x-webhook-id'] ?? '';
    const { page, notes } = pageIn(body);
    const key = /^[\w-]{1,200}$/.test(delivery) ? delivery : (page?.eventId ?? sha256(body));
    return { told: [{ name: `pagerduty.${page?.type ?? 'unknown'}`, key, body, facts: [] }], notes };
  },
};

const pageIn = (body: Uint8Array): { page?: PagerDutyPage; notes: string[] } => {
  try {
    return { page: readPagerDutyPage(body), notes: [] };
  } catch (error) {
    if (error instanceof DomainError) return { notes: [error.message] };
    throw error;
  }
};
