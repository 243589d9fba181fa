import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { renewCertificates, tlsIn } from '../../embedded/certificates.ts';
import { temporalConnection } from '../support/temporal.ts';

const settings = inject('temporal');
const ca = readFileSync(settings['TEMPORAL_TLS_SERVER_CA_CERT_PATH']!);
const stateDir = join(dirname(settings['TEMPORAL_TLS_SERVER_CA_CERT_PATH']!), '..', '..');
const ports = JSON.parse(readFileSync(join(stateDir, 'ports.json'), 'utf8')) as Record<string, number>;
const calls = ['frontend', 'history', 'matching', 'worker'].map((name) => [name, ports[name]!] as const);

let stranger: string;
beforeAll(async () => {
  stranger = mkdtempSync(join(tmpdir(), 'evenkeel-stranger-'));
  await renewCertificates(stranger);
});
afterAll(() => rmSync(stranger, { recursive: true }));

/** What a port answers to these first bytes; `closed` where it hangs up without a word. */
const answer = (port: number, bytes: string, tls?: ConnectionOptions): Promise<string> =>
  new Promise((resolve) => {
    const isReady = tls ? 'secureConnect' : 'connect';
    const at = { host: '127.0.0.1', port };
    const socket = tls ? connectTls({ ...at, servername: 'temporal.evenkeel.internal', ca, ...tls }) : connectPlain(at);
    socket.once(isReady, () => socket.write(bytes));
    socket.once('data', (said) => resolve(said.toString('latin1')));
    socket.once('error', (error) => resolve(`error ${error.message}`));
    socket.once('close', () => resolve('closed'));
    socket.setTimeout(3_000, () => socket.destroy());
  });

const http1 = 'GET /api/v1/namespaces HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n';
/** What a server of HTTP/2 begins with. */
const isSettings = (said: string): boolean => said.startsWith('\0\0') && said.charCodeAt(3) === 4;
const http2 = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0';

test.each(calls)('the %s port answers nobody in plain, whether by HTTP or by gRPC', async (_, port) => {
  expect(await answer(port, http1)).not.toMatch(/HTTP\/1.1 (2|4)/);
  expect(isSettings(await answer(port, http2))).toBe(false);
});

test.each(calls)('the %s port wants a certificate of its own authority', async (_, port) => {
  const { certificate, key } = tlsIn(stranger).client;
  const foreign = { cert: readFileSync(certificate), key: readFileSync(key) };
  const ours = temporalConnection().tls as { clientCertPair: { crt: Buffer; key: Buffer } };
  const h2 = { ALPNProtocols: ['h2'] };

  expect(await answer(port, http2, h2)).toMatch(/certificate required|closed|reset|bad certificate/);
  expect(await answer(port, http2, { ...h2, ...foreign })).toMatch(/certificate|closed|reset|unknown ca/);
  const { crt: cert, key: own } = ours.clientCertPair;
  expect(isSettings(await answer(port, http2, { ...h2, cert, key: own }))).toBe(true);
});

test('no other port of Temporal is open but those of membership', () => {
  const open = Object.entries(ports).map(([name]) => name);
  expect(open.filter((name) => !calls.some(([known]) => known === name)).toSorted()).toEqual([
    'frontendMembership',
    'historyMembership',
    'matchingMembership',
    'temporalUi',
    'workerMembership',
  ]);
});

test('a plain client and one with a certificate of somebody else are not served, ours is', async () => {
  const { address, tls } = temporalConnection();
  const reach = (options: object) =>
    Connection.connect({ address, connectTimeout: 2_000, ...options }).then(
      (connection) => connection.close().then(() => 'served'),
      () => 'not served',
    );
  const { ca: foreignCa, certificate, key } = tlsIn(stranger).client;
  const clientCertPair = { crt: readFileSync(certificate), key: readFileSync(key) };
  const given = tls as { serverNameOverride: string; serverRootCACertificate: Buffer };

  expect(await reach({})).toBe('not served');
  expect(await reach({ tls: { ...given, clientCertPair } })).toBe('not served');
  expect(await reach({ tls: { ...given, serverRootCACertificate: readFileSync(foreignCa) } })).toBe('not served');
  expect(await reach({ tls })).toBe('served');
});

test.runIf(process.getuid?.() === 0)('another user of this machine reads no key', () => {
  const key = settings['TEMPORAL_TLS_CLIENT_KEY_PATH']!;
  const { status } = spawnSync('cat', [key], { uid: 65_534, gid: 65_534 });
  expect(status).not.toBe(0);
});
