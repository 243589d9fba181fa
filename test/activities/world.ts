import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { PlanCircumstances } from '../../activities/operation-plan/circumstances.ts';
import { createEgress, type Egress } from '../../activities/egress.ts';
import type { Execution } from '../../activities/executors/executor.ts';
import { lookAt } from '../../activities/probes/index.ts';
import type { Evidence, Finding } from '../../domain/evidence.ts';
import { specs } from '../../domain/document.ts';
import type { Secrets } from '../../domain/ports.ts';
import { createMemoryReadinessStore } from '../support/memory/readiness.ts';
import { planId, planReference } from '../support/id.ts';

export interface Served {
  url: string;
  address: string;
  port: number;
  /** How many connections were made. */
  connections(): number;
}

const listening = async (server: Server | ReturnType<typeof createTcpServer>, host = '127.0.0.1'): Promise<Served> => {
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://${host}:${port}`, address: `${host}:${port}`, port, connections: () => connections };
};

/** A server on loopback for as long as the test lasts. */
export const serve = (
  answer: (...exchange: Parameters<RequestListener>) => void | Promise<void>,
  host?: string,
): Promise<Served> =>
  listening(
    createServer((...exchange) => void answer(...exchange)),
    host,
  );

/** One that answers with this. */
export const answering = (status: number, body = '', headers: Record<string, string> = {}): Promise<Served> =>
  serve((_, response) => void response.writeHead(status, headers).end(body));

/** One behind TLS, with a certificate that only `authority` vouches for. */
export const answeringPrivately = async (status: number, body = ''): Promise<Served & { authority: string }> => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-tls-'));
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name)) as [string, string];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '9'];
  const named = ['-subj', '/CN=private', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', [...made, ...named, '-keyout', key, '-out', cert], { stdio: 'pipe' });
  const [privateKey, authority] = [readFileSync(key, 'utf8'), readFileSync(cert, 'utf8')];
  rmSync(folder, { recursive: true });
  const server = createHttpsServer({ key: privateKey, cert: authority }, (_, response) =>
    response.writeHead(status).end(body),
  );
  const served = await listening(server);
  return { ...served, url: served.url.replace('http:', 'https:'), authority };
};

/** One that counts who comes, and says nothing. */
export const listener = (): Promise<Served> => listening(createTcpServer((socket) => void socket.resume()));

export const secretsOf = (known: Record<string, string> = {}): Secrets => ({
  get: async (name) => known[name],
});

export const circumstances = (variables: Record<string, string> = {}): PlanCircumstances => ({
  template: 'release',
  parameters: {},
  plan: planId('checkout.production.0001'),
  belongsTo: planReference('checkout.production.0001'),
  revision: 1,
  service: {
    name: 'checkout',
    ...specs.Service.omit({ slo: true }).parse({ description: 'Takes the money', owner: 'shop' }),
  },
  environment: { name: 'production', ...specs.Environment.parse({ production: true, variables }) },
  team: { name: 'shop', ...specs.Team.parse({ members: [{ person: 'ana', role: 'approver' }] }) },
  level: 'C',
  dependencies: [],
  suppliers: [],
  trigger: {
    key: '0001',
    artifact: 'pkg:oci/checkout@sha256:1',
    source: 'github',
    type: 'deployment',
    requester: 'rex',
  },
});

export const now = Date.parse('2026-03-24T09:00:00.000Z');

/** Looks as a readiness check or a step does; only `allowed` may be reached. */
export const look = (
  evidence: Evidence,
  {
    allowed = [],
    secrets = {},
    variables = {},
    check,
    at = now,
    readiness = createMemoryReadinessStore(),
  }: {
    allowed?: string[];
    secrets?: Record<string, string>;
    variables?: Record<string, string>;
    check?: { id: string; freshness?: string };
    at?: number;
    readiness?: ReturnType<typeof createMemoryReadinessStore>;
  } = {},
): Promise<Finding> =>
  lookAt(
    evidence,
    { circumstances: circumstances(variables), at, ...(check === undefined ? {} : { check }) },
    { egress: createEgress(allowed), secrets: secretsOf(secrets), readiness },
  );

export const execution = (more: Partial<Execution> & { egress?: Egress } = {}): Execution => ({
  key: 'checkout.production.0001/1/work/run/switch/1',
  values: {},
  timeoutMs: 10_000,
  signal: new AbortController().signal,
  isInterrupted: () => false,
  egress: createEgress([]),
  secrets: secretsOf(),
  programsFolder: undefined,
  ...more,
});
