import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { renewCertificates, tlsIn } from '../../embedded/certificates.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'evenkeel-tls-')), 'tls');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const now = Date.parse('2026-06-01T00:00:00Z');
const days = (count: number): number => now + count * 86_400_000;
const read = (path: string): X509Certificate => new X509Certificate(readFileSync(path));
const serials = (): string[] => Object.values(tlsIn(folder)).map(({ certificate }) => read(certificate).serialNumber);

test('are made once, of one authority, and nobody else can read a key or a certificate', async () => {
  expect(await renewCertificates(folder, now)).toBe(true);
  const before = serials();
  expect(await renewCertificates(folder, days(300))).toBe(false);

  expect(serials()).toEqual(before);
  const { server, client } = tlsIn(folder);
  const authority = read(server.ca);
  for (const { certificate } of [server, client]) {
    expect(read(certificate).checkIssued(authority)).toBe(true);
    expect(read(certificate).verify(authority.publicKey)).toBe(true);
  }
  expect(read(server.certificate).checkHost('temporal.evenkeel.internal')).toBe('temporal.evenkeel.internal');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual(Array(6).fill(0o600));
});

test('are renewed two months before they end, by the same authority', async () => {
  await renewCertificates(folder, now);
  const { server } = tlsIn(folder);
  const [authority, before] = [readFileSync(server.ca, 'utf8'), serials()];

  expect(await renewCertificates(folder, days(306))).toBe(true);

  expect(readFileSync(server.ca, 'utf8')).toBe(authority);
  expect(serials()).not.toContain(before[0]);
  expect(read(server.certificate).validToDate.getTime()).toBeGreaterThan(days(660));
});

test.each([
  ['a key that is torn', (): void => writeFileSync(tlsIn(folder).client.key, 'torn')],
  ['a certificate that is gone', (): void => rmSync(tlsIn(folder).server.certificate)],
])('%s is made anew', async (_, harm) => {
  await renewCertificates(folder, now);
  harm();

  expect(await renewCertificates(folder, now)).toBe(true);
  expect(await renewCertificates(folder, now)).toBe(false);
});

test('all of them follow an authority that ends within a year', async () => {
  await renewCertificates(folder, now);
  const { client } = tlsIn(folder);
  const before = read(client.ca);

  expect(await renewCertificates(folder, days(3_300))).toBe(true);

  expect(read(client.ca).fingerprint).not.toBe(before.fingerprint);
  expect(read(client.certificate).verify(read(client.ca).publicKey)).toBe(true);
});
