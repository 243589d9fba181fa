import { freePort } from '../../roles/port.ts';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Evidence } from '../../domain/evidence.ts';
import type { z } from 'zod';
import { findPrometheus } from '../../scripts/prometheus.ts';
import { createMemoryReadinessStore } from '../support/memory/readiness.ts';
import { answering, look, now, serve } from './world.ts';

const evidence = (given: z.input<typeof Evidence>): Evidence => Evidence.parse(given);

describe('a look at a page', () => {
  const page = (url: string, more: object = {}) => evidence({ kind: 'http', url, ...more });

  test('is good when it answers as expected', async () => {
    const { url, address } = await answering(200, 'all systems go');

    expect(await look(page(`${url}/health`, { contains: 'systems' }), { allowed: [address] })).toEqual({
      result: 'pass',
      detail: 'status 200',
      link: `${url}/health`,
      at: '2026-03-24T09:00:00.000Z',
    });
  });

  test('is not good when the status or the text is another', async () => {
    const { url, address } = await answering(503, 'down');

    expect(await look(page(url), { allowed: [address] })).toMatchObject({ result: 'fail', detail: 'status 503' });
    expect(await look(page(url, { status: [503], contains: 'up' }), { allowed: [address] })).toMatchObject({
      result: 'fail',
      detail: expect.stringContaining('the text that was expected is missing'),
    });
  });

  test('is not good when nobody answers', async () => {
    expect(await look(page('http://127.0.0.1:1/'), { allowed: ['127.0.0.1:1'] })).toMatchObject({
      result: 'fail',
      detail: 'ECONNREFUSED',
    });
  });

  test('says nothing when it was not allowed, and never passes', async () => {
    const { url } = await answering(200);

    expect(await look(page(url))).toMatchObject({
      result: 'unknown',
      detail: expect.stringContaining('EVENKEEL_EGRESS_ALLOW'),
    });
  });

  test('says nothing when a secret or a value is missing', async () => {
    const secret = page('https://example.org', { headers: { authorization: { secret: 'status-page' } } });

    expect(await look(secret)).toMatchObject({ result: 'unknown', detail: 'there is no secret status-page' });
    expect(await look(page('{{environment.url}}/health'))).toMatchObject({
      result: 'unknown',
      detail: 'there is no value for {{environment.url}}',
    });
  });

  test('goes where the environment says, with its secret', async () => {
    const seen: unknown[] = [];
    const { url, address } = await serve((request, response) => {
      seen.push(request.url, request.headers.authorization, request.headers['x-service']);
      response.end();
    });
    const asked = page('{{environment.url}}/{{service}}/{{artifact}}', {
      headers: { authorization: { secret: 'status-page', prefix: 'Bearer ' }, 'x-service': '{{service}}' },
    });
    const found = await look(asked, { allowed: [address], secrets: { 'status-page': 's3cret' }, variables: { url } });

    expect(found.result).toBe('pass');
    expect(seen).toEqual(['/checkout/pkg%3Aoci%2Fcheckout%40sha256%3A1', 'Bearer s3cret', 'checkout']);
    expect(JSON.stringify(found)).not.toContain('s3cret');
  });
});

describe('a look at a certificate', () => {
  let folder: string;
  let authority: string;
  const pem = (name: string): string => readFileSync(join(folder, name), 'utf8');
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'evenkeel-tls-'));
    const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    for (const [name, names] of [
      ['ours', 'DNS:localhost,IP:127.0.0.1'],
      ['theirs', 'DNS:elsewhere.example.org'],
    ] as const) {
      const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`];
      openssl('req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '90', ...subject);
    }
    authority = pem('ours.pem') + pem('theirs.pem');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const serveTls = async (host: string, name: 'ours' | 'theirs' = 'ours'): Promise<number> => {
    const server = createServer({ key: pem(`${name}.key`), cert: pem(`${name}.pem`) });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    onTestFinished(() => void server.close());
    return (server.address() as AddressInfo).port;
  };
  const certificate = (host: string, port: number, more: object = {}) =>
    evidence({ kind: 'tls', host, port, authority, ...more });
  const at = (): number => Date.now();

  test('says how many days are left', async () => {
    const port = await serveTls('localhost');
    const allowed = [`localhost:${port}`];

    expect(await look(certificate('localhost', port), { allowed, at: at() })).toMatchObject({
      result: 'pass',
      detail: 'the certificate is valid for 89 days',
    });
    expect(await look(certificate('localhost', port, { daysLeft: 90 }), { allowed, at: at() })).toMatchObject({
      result: 'fail',
    });
  });

  test('works for an address as well as for a name', async () => {
    const port = await serveTls('127.0.0.1');
    const warnings: string[] = [];
    const note = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));

    const found = await look(certificate('127.0.0.1', port), { allowed: [`127.0.0.1:${port}`], at: at() });

    expect(found).toMatchObject({ result: 'pass' });
    expect(warnings).toEqual([]);
  });

  test('is not good when nobody vouches for it, or it is of somebody else', async () => {
    const ours = await serveTls('127.0.0.1');
    const theirs = await serveTls('127.0.0.1', 'theirs');
    const allowed = ['127.0.0.0/8'];
    const unknown = evidence({ kind: 'tls', host: '127.0.0.1', port: ours });

    expect(await look(unknown, { allowed, at: at() })).toMatchObject({
      result: 'fail',
      detail: expect.stringContaining('self-signed'),
    });
    expect(await look(certificate('127.0.0.1', theirs), { allowed, at: at() })).toMatchObject({
      result: 'fail',
      detail: expect.stringContaining('is not in the cert'),
    });
  });

  test('is not good when nobody speaks TLS, and says nothing when it was not allowed', async () => {
    const { port } = await answering(200);

    expect(await look(certificate('localhost', port), { allowed: [`localhost:${port}`], at: at() })).toMatchObject({
      result: 'fail',
    });
    expect(await look(certificate('localhost', port), { at: at() })).toMatchObject({ result: 'unknown' });
  });
});

const query = (url: string, more: object = {}) =>
  evidence({ kind: 'prometheus', url, query: 'up', operator: '>=', value: 1, ...more });

describe('a look at a metric', () => {
  const vector = (...values: string[]): string =>
    JSON.stringify({
      status: 'success',
      data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1, value] })) },
    });
  const asked = async (body: string, more: object = {}, status = 200) => {
    const { url, address } = await answering(status, body);
    return look(query(url, more), { allowed: [address] });
  };

  test.each([
    ['all series are as they should be', vector('1', '2'), { result: 'pass', detail: '1, 2 >= 1' }],
    ['one of them is not', vector('1', '0.5'), { result: 'fail', detail: '0.5 is not >= 1' }],
    ['there is no data', vector(), { result: 'unknown', detail: 'no data' }],
    ['it is not a number', vector('NaN'), { result: 'fail', detail: 'NaN is not >= 1' }],
    [
      'it is a scalar',
      '{"status":"success","data":{"resultType":"scalar","result":[1,"3"]}}',
      { result: 'pass', detail: '3 >= 1' },
    ],
    ['it is a string', '{"status":"success","data":{"resultType":"string","result":[1,"3"]}}', { result: 'unknown' }],
    ['it is an error', '{"status":"error","error":"parse error"}', { result: 'unknown' }],
    ['it is no JSON', '<html>', { result: 'unknown' }],
  ])('when %s', async (_, body, expected) => {
    expect(await asked(body)).toMatchObject(expected);
  });

  test.each([
    ['>', '2', '1'],
    ['>=', '1', '0.9'],
    ['<', '0', '1'],
    ['<=', '1', '1.1'],
    ['==', '1', '2'],
    ['!=', '2', '1'],
  ])('compares with %s', async (operator, good, bad) => {
    expect(await asked(vector(good), { operator })).toMatchObject({ result: 'pass' });
    expect(await asked(vector(bad), { operator })).toMatchObject({ result: 'fail' });
  });

  test('that is not a number passes no comparison', async () => {
    for (const operator of ['>', '>=', '<', '<=', '==', '!=']) {
      expect(await asked(vector('NaN'), { operator })).toMatchObject({ result: 'fail' });
    }
  });

  test('says nothing when Prometheus has a fault or is away', async () => {
    expect(await asked('', {}, 503)).toMatchObject({
      result: 'unknown',
      detail: 'Prometheus answered with status 503',
    });
    expect(await look(query('http://127.0.0.1:1'), { allowed: ['127.0.0.1:1'] })).toMatchObject({ result: 'unknown' });
  });
});

test('a look at a metric carries the headers that a login or a tenant needs, and shows no secret', async () => {
  const seen: unknown[] = [];
  const { url, address } = await serve((request, response) => {
    const { authorization } = request.headers;
    seen.push(authorization, request.headers['x-scope-orgid'], request.headers['content-type']);
    response.writeHead(401).end(JSON.stringify({ status: 'error', errorType: 'login', error: `no ${authorization}` }));
  });
  const headers = {
    Authorization: { secret: 'prometheus', prefix: 'Bearer ' },
    'X-Scope-OrgID': '{{service}}',
    'Content-Type': 'text/plain',
  };
  const allowed = [address];

  expect(await look(query(url, { headers }), { allowed, secrets: { prometheus: 's3cret' } })).toMatchObject({
    result: 'unknown',
    detail: 'Prometheus answered with status 401: login: no Bearer [secret]',
  });
  expect(seen).toEqual(['Bearer s3cret', 'checkout', 'application/x-www-form-urlencoded']);
  expect(await look(query(url, { headers }), { allowed })).toMatchObject({
    result: 'unknown',
    detail: 'there is no secret prometheus',
  });
});

const prometheus = findPrometheus();

test.skipIf(prometheus === undefined)('a real Prometheus is asked and understood', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-prometheus-'));
  writeFileSync(join(folder, 'prometheus.yml'), '{}\n');
  const listen = `127.0.0.1:${await freePort()}`;
  const server = spawn(
    prometheus!,
    ['--config.file=prometheus.yml', `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${listen}`],
    { cwd: folder, stdio: 'ignore' },
  );
  onTestFinished(async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    if (server.exitCode === null && server.kill('SIGKILL')) await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = (text: string, more: object = {}) =>
    look(query(`http://${listen}`, { query: text, ...more }), { allowed: [listen] });

  await expect.poll(() => ask('vector(1)'), { timeout: 20_000 }).toMatchObject({ result: 'pass', detail: '1 >= 1' });
  expect(await ask('vector(1) / 0', { operator: '>', value: 100 })).toMatchObject({ result: 'pass' });
  expect(await ask('vector(-1) / 0', { operator: '>=' })).toMatchObject({ result: 'fail' });
  expect(await ask('scalar(vector(3))', { operator: '<', value: 2 })).toMatchObject({ result: 'fail' });
  expect(await ask('up{job="{{service}}"}')).toMatchObject({ result: 'unknown', detail: 'no data' });
  expect(await ask('vector(0) / 0', { operator: '!=' })).toMatchObject({ result: 'fail', detail: 'NaN is not != 1' });
  expect(await ask('up{')).toMatchObject({
    result: 'unknown',
    detail: expect.stringContaining('status 400: bad_data: '),
  });
});

describe('a look at what somebody stated', () => {
  const stated = (more: object = {}) => evidence({ kind: 'attestation', statement: 'We restored a backup', ...more });
  const of = { service: 'checkout', environment: 'production', check: 'OBS-1' };
  const said = (by: string, expiresAt: string) => {
    const readiness = createMemoryReadinessStore();
    readiness.attest(of, { by, at: '2026-03-01T09:00:00.000Z', expiresAt, statement: 'restored on Sunday' });
    return readiness;
  };

  test('is good until it expires', async () => {
    const readiness = said('ana', '2026-03-24T09:00:00.001Z');

    expect(await look(stated(), { check: { id: 'OBS-1' }, readiness })).toMatchObject({
      result: 'pass',
      detail: 'ana: restored on Sunday',
      by: 'ana',
    });
    expect(await look(stated(), { check: { id: 'OBS-1' }, readiness, at: now + 1 })).toMatchObject({ result: 'stale' });
  });

  test('has to come from whom the check names', async () => {
    const readiness = said('eva', '2027-01-01T00:00:00.000Z');

    expect(await look(stated({ by: 'ana' }), { check: { id: 'OBS-1' }, readiness })).toMatchObject({
      result: 'unknown',
      detail: expect.stringContaining('ana has not stated: We restored a backup'),
    });
    readiness.attest(of, {
      by: 'ben',
      at: '2026-03-02T09:00:00.000Z',
      expiresAt: '2027-01-01T00:00:00.000Z',
      statement: 'so it is',
    });
    expect(await look(stated({ by: 'eva' }), { check: { id: 'OBS-1' }, readiness })).toMatchObject({ result: 'pass' });
  });

  test('says nothing when nobody said anything, or it is not a check', async () => {
    const how = 'evenkeel readiness attest checkout production OBS-1 --statement "…" --valid-for';
    expect(await look(stated(), { check: { id: 'OBS-1' } })).toMatchObject({
      result: 'unknown',
      detail: expect.stringContaining(`${how} 30d`),
    });
    expect(await look(stated(), { check: { id: 'OBS-1', freshness: '7d' } })).toMatchObject({
      detail: expect.stringContaining(`${how} 7d`),
    });
    expect(await look(stated())).toMatchObject({ result: 'unknown' });
  });
});

test('a look at the catalogue answers its rule, and says nothing when there is no answer', async () => {
  expect(await look(evidence({ kind: 'catalogue', rule: 'environment.production' }))).toMatchObject({ result: 'pass' });
  expect(await look(evidence({ kind: 'catalogue', rule: 'level == "A"' }))).toMatchObject({
    result: 'fail',
    detail: 'not so: level == "A"',
  });
  expect(await look(evidence({ kind: 'catalogue', rule: 'service.facts.tier == "gold"' }))).toMatchObject({
    result: 'unknown',
  });
});
