import { createPrivateKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { X509Certificate as Certificate } from '@peculiar/x509';

/** The files of one party: its certificate and key, and the authority that it believes. PEM, mode 0600. */
export interface TlsFiles {
  ca: string;
  certificate: string;
  key: string;
}

/** The parties of the local Temporal: the server, and whoever may call it. */
export type TlsParties = Record<'server' | 'client', TlsFiles>;

/** The name that certificates of the local Temporal are made out to, wherever it listens. */
export const serverName = 'temporal.evenkeel.internal';

const dayMs = 86_400_000;
const authorityDays = 3_650;
const partyDays = 365;
/** Renewed when less than this is left, which is looked at each day. */
const renewWithinDays = 60;

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Where the certificates in this folder are. */
export function tlsIn(folder: string): TlsParties {
  const filesOf = (party: string): TlsFiles => ({
    ca: join(folder, 'ca.pem'),
    certificate: join(folder, `${party}.pem`),
    key: join(folder, `${party}.key`),
  });
  return { server: filesOf('server'), client: filesOf('client') };
}

/**
 * Makes the certificates of the local Temporal that are not there or that end soon; says whether it made any. Whoever
 * can read the folder is the user that owns all the rest of the state folder; to everybody else Temporal is closed.
 */
export async function renewCertificates(folder: string, now = Date.now()): Promise<boolean> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const parties = tlsIn(folder);
  const { ca } = parties.server;
  const caKey = join(folder, 'ca.key');
  const isNewAuthority = !lasts(ca, caKey, now + partyDays * dayMs);
  if (isNewAuthority) await makeAuthority({ ca, certificate: ca, key: caKey }, now);
  const ending = Object.entries(parties).filter(
    ([, { certificate, key }]) => isNewAuthority || !lasts(certificate, key, now + renewWithinDays * dayMs),
  );
  for (const [party, files] of ending) await issue(files, caKey, party, now);
  return ending.length > 0;
}

/** Whether both files are there and the certificate is valid beyond this instant. */
const lasts = (certificate: string, key: string, beyond: number): boolean => {
  try {
    createPrivateKey(readFileSync(key));
    return new X509Certificate(readFileSync(certificate)).validToDate.getTime() > beyond;
  } catch {
    return false;
  }
};

/** Loaded when a certificate has to be made, which is once a year; it wants its polyfill first. */
async function load() {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

async function makeAuthority(files: TlsFiles, now: number): Promise<void> {
  const x509 = await load();
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(now, authorityDays),
    name: 'CN=Evenkeel local authority',
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  await write(files, made, keys.privateKey);
}

async function issue(files: TlsFiles, caKey: string, party: string, now: number): Promise<void> {
  const x509 = await load();
  const { ExtendedKeyUsage: Usage } = x509;
  const authority = new x509.X509Certificate(readFileSync(files.ca, 'utf8'));
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    createPrivateKey(readFileSync(caKey)).export({ type: 'pkcs8', format: 'der' }),
    algorithm,
    false,
    ['sign'],
  );
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.create({
    ...validity(now, partyDays),
    subject: `CN=Evenkeel ${party}`,
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      // The server's own parts call each other with its certificate.
      new x509.ExtendedKeyUsageExtension(
        party === 'server' ? [Usage.serverAuth, Usage.clientAuth] : [Usage.clientAuth],
      ),
      ...(party === 'server' ? [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: serverName }])] : []),
    ],
  });
  await write(files, made, keys.privateKey);
}

/** From an hour ago: clocks of one machine are set back at times. */
const validity = (now: number, days: number) => ({
  serialNumber: randomBytes(16).toString('hex').replace(/^./, '1'),
  notBefore: new Date(now - 3_600_000),
  notAfter: new Date(now + days * dayMs),
});

/** The key first: a certificate without its key would look whole. */
async function write(
  { certificate, key }: TlsFiles,
  made: Certificate,
  privateKey: webcrypto.CryptoKey,
): Promise<void> {
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey));
  const pem = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' });
  replace(key, pem.toString());
  replace(certificate, `${made.toString('pem')}\n`);
}

const replace = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
};
