import { verifySecret } from '../../../domain/signature.ts';
import { HttpError } from '../../errors.ts';
import type { Delivery } from './format.ts';

/** Throws unless one of the secrets comes along, as a bearer token or as the password of Basic. */
export const demandSecret = (headers: Delivery['headers'], secrets: readonly string[]): void => {
  if (!verifySecret(headers['authorization'], secrets))
    throw new HttpError(
      401,
      'Authorization: Bearer with the secret of the source is needed, or Basic with it as password',
      { headers: { 'www-authenticate': 'Bearer' } },
    );
};
