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

/** How far the clock of a sender may be from ours: what is older may be something that was overheard and is sent again. */
const signedWithinMs = 5 * 60_000;

export interface GrafanaSignature {
  /** The signature's header, `X-Grafana-Alerting-Signature` unless it is configured otherwise. */
  signature: string | undefined;
  /** The header with the Unix time, where the contact point is set up to sign one. Empty when such a header is missing. */
  timestamp?: string | undefined;
}

/**
 * Grafana's HMAC: hex digits alone, over the body, or over the time, a colon and the body. A signature without a time fits for
 * ever, so a source that expects the time hands over an empty one when it is missing.
 */
export const verifyGrafana = (
  body: Uint8Array,
  { signature, timestamp }: GrafanaSignature,
  secrets: readonly string[],
  now: Date,
): boolean => {
  if (timestamp !== undefined && !isRecent(timestamp, now)) return false;
  return fitsAny(secrets, (secret) => {
    const hmac = createHmac('sha256', secret);
    if (timestamp !== undefined) hmac.update(`${timestamp}:`);
    return isEqual(signature ?? '', hmac.update(body).digest('hex'));
  });
};

const isRecent = (seconds: string, now: Date): boolean =>
  /^\d{1,12}$/.test(seconds) && Math.abs(Number(seconds) * 1_000 - now.getTime()) <= signedWithinMs;

/** `X-Slack-Signature`, version 0: over the time and the body, so that a recording does not do for long. */
export const verifySlack = (
  body: Uint8Array,
  { signature, timestamp }: { signature: string | undefined; timestamp: string | undefined },
  secrets: readonly string[],
  now: Date,
): boolean => {
  if (timestamp === undefined || !isRecent(timestamp, now)) return false;
  return fitsAny(secrets, (secret) => {
    const hmac = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body);
    return isEqual(signature ?? '', `v0=${hmac.digest('hex')}`);
  });
};

/** `X-PagerDuty-Signature`, version 3: one signature for each secret of the sender, any of which may fit. */
export const verifyPagerDuty = (body: Uint8Array, header: string | undefined, secrets: readonly string[]): boolean => {
  const signatures = (header ?? '').split(',').map((signature) => signature.trim());
  return fitsAny(secrets, (secret) => {
    const expected = `v1=${createHmac('sha256', secret).update(body).digest('hex')}`;
    return signatures.map((signature) => isEqual(signature, expected)).includes(true);
  });
};
