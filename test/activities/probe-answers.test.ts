import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TlsOptions } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Evidence } from '../../domain/evidence.ts';
import { answering, listener, look, serve } from './world.ts';

const most = 256 * 1024;

describe('what a page answers, and what that means', () => {
  const pages: [string, number, string | Buffer, Record<string, string>, object][] = [
    ['the text', 200, 'all systems go', {}, { result: 'pass', detail: 'status 200' }],
    ['another text', 200, 'down', {}, { result: 'fail', detail: expect.stringContaining('is missing') }],
    ['nothing', 200, '', {}, { result: 'fail', detail: expect.stringContaining('is missing') }],
    ['another status', 204, '', {}, { result: 'fail', detail: 'status 204' }],
    ['that it is elsewhere', 302, 'all systems go', { location: '/' }, { result: 'fail', detail: 'status 302' }],
    ['that it is broken', 500, 'all systems go', {}, { result: 'fail', detail: 'status 500' }],
    ['the text, packed', 200, gzipSync('all systems go'), { 'content-encoding': 'gzip' }, { result: 'pass' }],
    ['another text, packed', 200, gzipSync('down'), { 'content-encoding': 'gzip' }, { result: 'fail' }],
    [
      'what nobody can unpack',
      200,
      'all systems go',
      { 'content-encoding': 'gzip' },
      { result: 'unknown', detail: 'status 200, but the reply cannot be read: what it is packed in is no valid gzip' },
    ],
    [
      'the text in UTF-16',
      200,
      Buffer.from('all systems go', 'utf16le'),
      { 'content-type': 'text/plain; charset=utf-16le' },
      { result: 'pass' },
    ],
    ['the text in the first part of much', 200, `systems${'x'.repeat(2 * most)}`, {}, { result: 'pass' }],
    [
      'the text behind much',
      200,
      `${'x'.repeat(most)}systems`,
      {},
      {
        result: 'unknown',
        detail: 'status 200, but the text was not found, and only the first 256 KiB of the reply were looked at',
      },
    ],
    ['another status and what nobody can unpack', 404, '', { 'content-encoding': 'x' }, { result: 'fail' }],
  ];
  test.each(pages)('%s', async (_, status, body, headers, expected) => {
    const { url, address } = await serve((_request, response) => void response.writeHead(status, headers).end(body));
    const evidence = Evidence.parse({ kind: 'http', url, contains: 'systems' });

    expect(await look(evidence, { allowed: [address] })).toMatchObject(expected);
  });

  test('nothing that is HTTP, or half of it, is not good', async () => {
    const half = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('all systems go');
      setTimeout(() => response.destroy(), 20);
    });
    const other = await serve(({ socket }) => void socket.end('SSH-2.0-OpenSSH_9.9\r\n'));

    for (const { url, address } of [half, other]) {
      const evidence = Evidence.parse({ kind: 'http', url, contains: 'systems' });
      expect(await look(evidence, { allowed: [address] })).toMatchObject({ result: 'fail' });
    }
  });

  test('a URL with a password is not asked, and the password is not shown', async () => {
    const { address, connections } = await listener();
    // As a variable of an environment would bring it: a document that writes it is refused.
    const page = {
      ...Evidence.parse({ kind: 'http', url: '{{environment.url}}' }),
      url: `http://user:s3cret@${address}`,
    };
    const found = await look(page, { allowed: [address] });

    expect(found).toMatchObject({ result: 'unknown', detail: expect.stringContaining('a header with a secret') });
    expect(found.detail).not.toContain('s3cret');
    expect(connections()).toBe(0);
  });
});

describe('what Prometheus answers, and what that means', () => {
  const success = (data: object, more: object = {}): string => JSON.stringify({ status: 'success', data, ...more });
  const vector = (...values: string[]) => ({
    resultType: 'vector',
    result: values.map((value) => ({ metric: { job: 'x' }, value: [1, value] })),
  });
  const scalar = (value: string) => ({ resultType: 'scalar', result: [1, value] });
  const partial = { warnings: ['receive series from Addr: 10.0.0.7:10901: connection refused'] };
  const over = { operator: '>', value: 100 };
  const under = { operator: '<', value: 0 };
  const is = (result: string, detail: string | RegExp) => ({
    result,
    detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
  });

  const answers: [string, number, string, object, object][] = [
    ['more than enough', 200, success(vector('101')), over, is('pass', '101 > 100')],
    ['not enough', 200, success(vector('100')), over, is('fail', '100 is not > 100')],
    ['infinity', 200, success(vector('+Inf')), over, is('pass', '+Inf > 100')],
    ['infinity as a scalar', 200, success(scalar('+Inf')), over, is('pass', '+Inf > 100')],
    ['infinity without its sign', 200, success(vector('Inf')), over, is('pass', 'Inf > 100')],
    ['less than nothing', 200, success(vector('-Inf')), under, is('pass', '-Inf < 0')],
    ['infinity, where little is wanted', 200, success(vector('+Inf')), under, is('fail', '+Inf is not < 0')],
    ['infinity among others', 200, success(vector('5', '-Inf')), over, is('fail', '5, -Inf is not > 100')],
    ['a number as Go writes it', 200, success(vector('1.5e+03')), over, is('pass', '1.5e+03 > 100')],
    ['no number', 200, success(vector('NaN')), over, is('fail', 'NaN is not > 100')],
    ['an empty number', 200, success(vector('')), under, is('fail', ' is not < 0')],
    ['no series', 200, success(vector()), over, is('unknown', 'no data')],
    ['no series, with a warning', 200, success(vector(), partial), over, is('unknown', /^no data; it warns: receive/)],
    ['partial data that is good', 200, success(vector('101'), partial), over, is('unknown', /partial.*10\.0\.0\.7/)],
    ['partial data that is bad', 200, success(vector('1'), partial), over, is('fail', /^1 is not > 100; it warns: /)],
    ['no warnings', 200, success(vector('101'), { warnings: [] }), over, is('pass', '101 > 100')],
    ['no warnings, as null', 200, success(vector('101'), { warnings: null }), over, is('pass', '101 > 100')],
    [
      'a hint',
      200,
      success(vector('101'), { infos: ['metric might not be a counter'] }),
      over,
      is('pass', '101 > 100'),
    ],
    ['a range', 200, success({ resultType: 'matrix', result: [] }), over, is('unknown', /gives a matrix/)],
    ['a string', 200, success({ resultType: 'string', result: [1, '101'] }), over, is('unknown', /gives a string/)],
    [
      'a histogram',
      200,
      success({ resultType: 'vector', result: [{ metric: {}, histogram: [1, { count: '5' }] }] }),
      over,
      is('unknown', /gives a histogram/),
    ],
    [
      'a fault',
      400,
      '{"status":"error","errorType":"bad_data","error":"parse error"}',
      over,
      is('unknown', /bad_data: parse error/),
    ],
    [
      'that it took too long',
      503,
      '{"status":"error","errorType":"timeout","error":"query timed out"}',
      over,
      is('unknown', /status 503: timeout/),
    ],
    ['a fault with a good status', 200, '{"status":"error","error":"x"}', over, is('unknown', /status 200: error: x/)],
    ['a page to sign in on', 200, '<html>Sign in</html>', over, is('unknown', /what answers is not Prometheus/)],
    ['that one has to sign in', 401, 'Unauthorized', over, is('unknown', 'Prometheus answered with status 401')],
    ['that it is elsewhere', 302, '', over, is('unknown', 'Prometheus answered with status 302')],
    ['a fault of something before it', 502, '<html>Bad Gateway</html>', over, is('unknown', /status 502/)],
    ['nothing', 200, '', over, is('unknown', /not Prometheus/)],
    ['success alone', 200, '{"status":"success"}', over, is('unknown', /not Prometheus/)],
    [
      'more series than can be looked at',
      200,
      success(vector(...Array(8_000).fill('101'))),
      over,
      is('unknown', /too long/),
    ],
  ];
  test.each(answers)('%s', async (_, status, body, comparison, expected) => {
    const { url, address } = await answering(status, body);
    const evidence = Evidence.parse({ kind: 'prometheus', url, query: 'x', ...comparison });

    expect(await look(evidence, { allowed: [address] })).toMatchObject(expected);
  });
});

describe('what a server shows for a certificate, and what that means', () => {
  let folder: string;
  const pem = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const issue = (name: string, by: string | undefined, days: number, extensions: string): void => {
    writeFileSync(join(folder, `${name}.ext`), extensions);
    openssl('req', '-new', ...ec, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const signer = by === undefined ? ['-key', `${name}.key`] : ['-CA', `${by}.pem`, '-CAkey', `${by}.key`];
    const signed = ['-out', `${name}.pem`, '-days', String(days), '-extfile', `${name}.ext`];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signer, ...signed);
  };
  const authority = 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign';
  const localhost = 'subjectAltName=DNS:localhost';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'evenkeel-chain-'));
    issue('root', undefined, 1_000, authority);
    issue('long', 'root', 500, authority);
    issue('short', 'root', 20, authority);
    issue('past', 'root', -1, authority);
    issue('by-long', 'long', 90, localhost);
    issue('by-short', 'short', 90, localhost);
    issue('by-past', 'past', 90, localhost);
    issue('expired', 'root', -1, localhost);
    issue('elsewhere', 'root', 90, 'subjectAltName=DNS:example.org');
    issue('wild', 'root', 90, 'subjectAltName=DNS:*.localhost');
    issue('localhost', 'root', 90, 'basicConstraints=CA:FALSE');
    issue('by-address', 'root', 90, 'subjectAltName=IP:127.0.0.1');
    issue('root-soon', undefined, 10, authority);
    issue('by-root-soon', 'root-soon', 5, localhost);
    issue('outlives', 'root-soon', 90, localhost);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const lookAtServer = async (
    name: string,
    { chain = [], trust = 'root', ...options }: { chain?: string[]; trust?: string } & TlsOptions = {},
  ) => {
    const server = createServer({
      key: pem(`${name}.key`),
      cert: [name, ...chain].map((one) => pem(`${one}.pem`)).join(''),
      ...options,
    });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const evidence = Evidence.parse({ kind: 'tls', host: 'localhost', port, authority: pem(`${trust}.pem`) });
    return look(evidence, { allowed: [`localhost:${port}`], at: Date.now() - 60_000 });
  };

  test.each([
    ['one that is vouched for', 'by-long', { chain: ['long'] }, 'pass', 'the certificate is valid for 90 days'],
    [
      'one of an authority that ends sooner',
      'by-short',
      { chain: ['short'] },
      'fail',
      'short, which vouches for it, is valid for 20 days',
    ],
    [
      'one of a root that ends sooner',
      'outlives',
      { trust: 'root-soon' },
      'fail',
      'root-soon, which vouches for it, is valid for 10 days',
    ],
    [
      'one that ends before its root',
      'by-root-soon',
      { trust: 'root-soon' },
      'fail',
      'the certificate is valid for 5 days',
    ],
    ['one of an authority that has ended', 'by-past', { chain: ['past'] }, 'fail', 'certificate has expired'],
    ['one that has ended', 'expired', {}, 'fail', 'certificate has expired'],
    ['one whose authority is not shown', 'by-long', {}, 'fail', 'unable to get'],
    ['one of an authority that is trusted and no root', 'by-long', { trust: 'long' }, 'pass', 'valid for 90 days'],
    ['one of nobody that is trusted', 'by-long', { chain: ['long'], trust: 'root-soon' }, 'fail', 'unable to'],
    ['one of another name', 'elsewhere', {}, 'fail', 'example.org'],
    ['one for the names below', 'wild', {}, 'fail', '*.localhost'],
    ['one with the name in its subject alone', 'localhost', {}, 'fail', 'does not contain a DNS name'],
    ['one for an address alone', 'by-address', {}, 'fail', 'does not contain a DNS name'],
    ['one, and wants one of ours', 'by-long', { chain: ['long'], requestCert: true }, 'pass', 'valid for 90 days'],
    [
      'none, since it speaks old TLS alone',
      'by-long',
      { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
      'fail',
      '',
    ],
  ] as const)('%s', async (_, name, options, result, detail) => {
    expect(await lookAtServer(name, options as Parameters<typeof lookAtServer>[1])).toMatchObject({
      result,
      detail: expect.stringContaining(detail),
    });
  });

  test('a page or a metric behind a private authority is reached by naming it', async () => {
    const server = createHttpsServer(
      { key: pem('by-long.key'), cert: pem('by-long.pem') + pem('long.pem') },
      (_, response) => response.end('{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}'),
    );
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const [url, allowed] = [`https://localhost:${port}`, [`localhost:${port}`]];
    const metric = { kind: 'prometheus', url, query: 'x', operator: '>', value: 1 };

    expect(await look(Evidence.parse({ kind: 'http', url }), { allowed })).toMatchObject({ result: 'fail' });
    expect(await look(Evidence.parse(metric), { allowed })).toMatchObject({ result: 'unknown' });
    for (const given of [{ kind: 'http', url }, metric])
      for (const trusted of ['root.pem', 'long.pem'])
        expect(await look(Evidence.parse({ ...given, authority: pem(trusted) }), { allowed })).toMatchObject({
          result: 'pass',
        });
  });

  test('an authority is certificates and nothing else', () => {
    const given = (text: string) => Evidence.safeParse({ kind: 'http', url: 'https://example.org', authority: text });

    expect(given(pem('root.pem') + pem('long.pem')).success).toBe(true);
    expect(given(pem('root.pem') + pem('root.key')).success).toBe(false);
    expect(given(pem('root.pem').replaceAll(/[a-z]/g, 'a')).success).toBe(false);
    expect(given('/etc/ssl/root.pem').success).toBe(false);
  });
});
