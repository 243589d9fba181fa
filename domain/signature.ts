import { createHmac, hash, timingSafeEqual } from 'node:crypto';

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

/** `Authorization: Bearer …` of a sender that cannot sign, or `Basic …` with the secret as password of whoever. */
export const verifySecret = (header: string | undefined, secrets: readonly string[]): boolean => {
  const [, scheme = '', credential = ''] = /^(bearer|basic) +(\S+) *$/i.exec(header ?? '') ?? [];
  const given = scheme.toLowerCase() === 'basic' ? passwordIn(credential) : credential;
  return fitsAny(secrets, (secret) => isEqual(given, secret));
};

const passwordIn = (credential: string): string => {
  const login = Buffer.from(credential, 'base64').toString('utf8');
  const colon = login.indexOf(':');
  return colon < 0 ? '' : login.slice(colon + 1);
};
