import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { DomainError } from './errors.ts';

/** Digests of equal length, so that neither length nor content of what was expected shows in the time it takes. */
const isEqual = (a: string, b: string): boolean =>
  timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));

/** Every secret is tried, also after one fits. An empty secret would let everybody in, so it never fits. */
const fitsAny = (secrets: readonly string[], fits: (secret: string) => boolean): boolean =>
  secrets
    .filter((secret) => secret !== '')
    .map(fits)
    .includes(true);

/** `X-Hub-Signature-256` over the raw body. */
export const verifyGithub = (body: Uint8Array, header: string | undefined, secrets: readonly string[]): boolean =>
  fitsAny(secrets, (secret) =>
    isEqual(header ?? '', `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`),
  );

/** `Authorization: Bearer …` of a sender that cannot sign. */
export const verifyBearer = (header: string | undefined, secrets: readonly string[]): boolean => {
  const token = /^bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? '';
  return fitsAny(secrets, (secret) => isEqual(token, secret));
};

/** One message by the Standard Webhooks scheme. */
export interface SignedMessage {
  /** Identity of the message, the same for each attempt to deliver it. */
  id: string;
  /** Seconds since 1970. */
  timestamp: number;
  body: Uint8Array | string;
}

/** The value of `webhook-signature`. */
export const signWebhook = (secret: string, { id, timestamp, body }: SignedMessage): string =>
  `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;

const keyOf = (secret: string): Buffer => {
  const encoded = secret.replace(/^whsec_/, '');
  const key = Buffer.from(encoded, 'base64');
  if (key.length === 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) {
    throw new DomainError('invalid', 'a signing secret has to be whsec_ followed by base64');
  }
  return key;
};
