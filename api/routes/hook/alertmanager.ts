import { z } from 'zod';
import { readAlertmanager } from '../../../domain/alert/alertmanager.ts';
import { sha256 } from '../../../domain/digest.ts';
import { verifySecret } from '../../../domain/signature.ts';
import { HttpError } from '../../errors.ts';
import type { Format } from './format.ts';

/** The webhook of Alertmanager, which cannot sign: it brings the secret as a bearer token or as a password. */
export const alertmanager: Format = {
  operation: {
    id: 'receiveAlertmanager',
    summary: 'Takes the webhook of Alertmanager, version 4',
    description: 'Committed; the same body again says that its alerts still stand as they did',
    sender: {
      proof: 'sourceSecret',
      bodies: { 'application/json': z.looseObject({ version: z.literal('4'), alerts: z.array(z.looseObject({})) }) },
    },
  },
  verify({ headers }, secrets) {
    if (!verifySecret(headers['authorization'], secrets))
      throw new HttpError(
        401,
        'Authorization: Bearer with the secret of the source is needed, or Basic with it as password',
        {
          headers: { 'www-authenticate': 'Bearer' },
        },
      );
  },
  read({ body }) {
    const { alerts, notes } = readAlertmanager(body, new Date().toISOString());
    return { told: [{ name: 'alertmanager', key: sha256(body), body, facts: [], alerts: alerts.length }], notes };
  },
};
