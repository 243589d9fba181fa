import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished, vi } from 'vitest';
import { run } from '../../cli/program.ts';

interface Heard {
  method: string;
  path: string;
  body: unknown;
  headers: IncomingHttpHeaders;
}

interface Canned {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Says the same to `GET /path`, or one thing after the other when it is a list, the last one for ever. */
type Answers = Record<string, Canned | Canned[]>;

export interface FakeApi {
  url: string;
  heard: Heard[];
}

/** An API that says what it is told to say. What it was not told of is a receipt of a command. */
export async function startFakeApi(answers: Answers = {}): Promise<FakeApi> {
  const heard: Heard[] = [];
  const times = new Map<string, number>();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    heard.push({ method, path: url, body: text === '' ? undefined : JSON.parse(text), headers });
    const key = `${method} ${url}`;
    const time = times.get(key) ?? 0;
    times.set(key, time + 1);
    const told = [answers[key] ?? { body: { command: 'c1', state: 'applied' } }].flat();
    const { status = 200, body, headers: more = {} } = told[Math.min(time, told.length - 1)]!;
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    response.writeHead(status, { 'content-type': type, ...more });
    response.end(status === 204 ? undefined : JSON.stringify(body ?? {}));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Runs one command line in this process against an address, with a token. */
export async function evenkeel(url: string, ...argv: string[]): Promise<Ran> {
  vi.stubEnv('EVENKEEL_URL', url);
  vi.stubEnv('EVENKEEL_TOKEN', 'evk_test');
  vi.stubEnv('EVENKEEL_STATE_DIR', '/nowhere');
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const code = await run(argv);
    return { code, out: textOf(out.mock.calls), err: textOf(err.mock.calls) };
  } finally {
    out.mockRestore();
    err.mockRestore();
    vi.unstubAllEnvs();
  }
}

const textOf = (calls: readonly (readonly unknown[])[]): string => calls.map(([text]) => String(text)).join('');
