import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createGithubChannel } from '../../activities/channels/github.ts';
import { createEgress } from '../../activities/egress.ts';
import { specs } from '../../domain/document.ts';
import { createMemoryCatalogue } from '../support/memory/catalogue.ts';
import { secretsOf } from './world.ts';

interface Issue {
  number: number;
  title: string;
  body: string | null;
  labels: string[];
  user: { login: string };
  created_at: string;
}

/** What happens to the next request that writes. */
type Trouble = 'lost' | { status: number; headers?: Record<string, string> };

const writtenAt = '2026-10-02T06:00:00.000Z';
const path = '/repos/shop/checkout/issues';

/** Behaves like GitHub as far as we know it: makes an issue for each POST and lists the newest first. */
const start = async (more: object = {}, login?: string) => {
  const issues: Issue[] = [];
  const requests: string[] = [];
  const troubles: Trouble[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '', 'http://sink');
    const say = (status: number, body: unknown, headers: Record<string, string> = {}): void =>
      void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    if (request.headers.authorization !== 'Bearer t1') return say(401, { message: 'Bad credentials' });
    if (url.pathname === '/user') return say(login === undefined ? 403 : 200, { login });
    if (url.pathname !== path) return say(404, { message: 'Not Found' });
    const [size, page] = [Number(url.searchParams.get('per_page')), Number(url.searchParams.get('page'))];
    requests.push(request.method ?? '');
    const listed = issues.filter(({ user }) => [null, user.login].includes(url.searchParams.get('creator')));
    if (request.method === 'GET') return say(200, listed.slice(size * (page - 1), size * page));
    const trouble = troubles.shift();
    if (typeof trouble === 'object') return say(trouble.status, { message: 'no' }, trouble.headers);
    const issue = {
      ...JSON.parse(await text(request)),
      number: issues.length + 1,
      user: { login: login ?? 'operations[bot]' },
      created_at: writtenAt,
    };
    issues.unshift(issue);
    if (trouble === 'lost') return void request.socket.destroy();
    say(201, issue);
  };
  const server = createServer((...exchange) => void answer(...exchange));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const spec = { type: 'github', repository: 'shop/checkout', token: 'github', api: `http://${address}`, ...more };
  const channel = createGithubChannel({
    egress: createEgress([address]),
    secrets: secretsOf({ github: 't1', wrong: 't2' }),
    catalogue: createMemoryCatalogue([
      { kind: 'NotificationChannel', name: 'work', labels: {}, spec: specs.NotificationChannel.parse(spec) },
    ]),
  });
  const send = (key = 'signal/1', subject = 'Improvement signal: toil') =>
    channel(
      { kind: 'github', channel: 'work', subject, text: 'The same step, 40 times' },
      { key, createdAt: writtenAt, idOf: (of) => `id-of-${of}`, firstId: async () => undefined },
    );
  return { issues, requests, send, trouble: (trouble: Trouble) => void troubles.push(trouble) };
};

const others = (count: number, at: string): Issue[] =>
  Array.from({ length: count }, (_, index) => ({
    number: 1_000 - index,
    title: 'Theirs',
    body: null,
    labels: [],
    user: { login: 'mallory' },
    created_at: at,
  }));

describe('GitHub', () => {
  test('gets an issue with its labels, once for each signal', async () => {
    const { issues, send } = await start({ labels: ['operations'] });

    expect(await send()).toEqual({ sent: true, detail: '1' });
    expect(await send()).toEqual({ sent: true, detail: '1' });
    expect(await send('signal/2')).toEqual({ sent: true, detail: '2' });

    expect(issues).toMatchObject([
      { number: 2 },
      {
        title: 'Improvement signal: toil',
        body: 'The same step, 40 times\n\n<!-- evenkeel: id-of-signal/1 -->',
        labels: ['operations'],
      },
    ]);
  });

  test('has it once, where the answer to its POST was lost and others wrote meanwhile', async () => {
    const { issues, send, trouble } = await start();
    trouble('lost');

    expect(await send()).toMatchObject({ sent: false, fault: 'passing' });
    issues.unshift(...others(45, '2026-10-02T07:00:00Z'));

    expect(await send()).toEqual({ sent: true, detail: '1' });
    expect(issues.filter(({ title }) => title !== 'Theirs')).toHaveLength(1);
  });

  test('is searched past long issues of others, and past one that is too long to be read', async () => {
    const { issues, requests, send, trouble } = await start();
    trouble('lost');
    await send();
    const lengths = [60_000, 300_000, 60_000, 60_000, 60_000, 60_000];
    issues.unshift(
      ...others(lengths.length, '2026-10-02T07:00:00Z').map((issue, at) => ({
        ...issue,
        body: 'x'.repeat(lengths[at]!),
      })),
    );

    expect(await send()).toEqual({ sent: true, detail: '1' });
    expect(requests.filter((method) => method === 'POST')).toHaveLength(1);
  });

  test('is looked for among the issues of its own user alone', async () => {
    const { issues, requests, send, trouble } = await start({}, 'operations');
    trouble('lost');
    await send();
    issues.unshift(...others(100, '2026-10-02T07:00:00Z').map((issue) => ({ ...issue, body: 'x'.repeat(60_000) })));

    expect(await send()).toEqual({ sent: true, detail: '1' });
    expect(requests).toEqual(['GET', 'POST', 'GET']);
  });

  test('is not searched further back than the signal', async () => {
    const { issues, requests, send } = await start();
    issues.push(...others(500, '2026-09-01T00:00:00Z'));

    await send();

    expect(requests).toEqual(['GET', 'POST']);
  });

  test('is waited for when a limit is spent, which is no wrong token', async () => {
    const { send, trouble } = await start();
    trouble({ status: 403, headers: { 'x-ratelimit-remaining': '0' } });
    trouble({ status: 403, headers: { 'retry-after': '120' } });
    trouble({ status: 403 });

    expect(await send()).toMatchObject({ fault: 'passing', retryAfterMs: 60_000 });
    expect(await send()).toMatchObject({ fault: 'passing', retryAfterMs: 120_000 });
    expect(await send()).toMatchObject({ fault: 'installation' });
  });

  test.each([
    ['a token that it does not know', { token: 'wrong' }, 'status 401'],
    ['a secret that is not there', { token: 'none' }, 'there is no secret none'],
    ['another repository', { repository: 'shop/other' }, 'the repository is not there, or its token may not see it'],
  ])('says what is to be mended with %s', async (_, more, detail) => {
    const { send } = await start(more);

    expect(await send()).toMatchObject({ sent: false, fault: 'installation', detail });
  });

  test('gets a title within its limits', async () => {
    const { issues, send } = await start();
    await send('signal/3', 'x'.repeat(400));

    expect(issues[0]?.title).toHaveLength(250);
  });
});
