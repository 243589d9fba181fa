import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  route: string;
  key: string | undefined;
  body: string;
  headers: IncomingMessage['headers'];
}

/** A service on loopback that steps and probes reach; remembers what it was asked for. */
export interface Target {
  url: string;
  address: string;
  calls: Call[];
  /** How often each Idempotency-Key arrived. */
  keys(): Map<string, number>;
  /** Answers `route` with this status from now on; 200 unless said. */
  answer(route: string, status: number | (() => number)): void;
  /** Lets `route` wait for its answer until what this returns is called. */
  hold(route: string): () => void;
  /** Sends these headers with every answer to `route` from now on. */
  send(route: string, headers: Record<string, string>): void;
  /** Answers `route` with this body from now on. */
  say(route: string, body: string): void;
  stop(): Promise<void>;
}

export async function startTarget(): Promise<Target> {
  const calls: Call[] = [];
  const statuses = new Map<string, number | (() => number)>();
  const bodies = new Map<string, string>();
  const more = new Map<string, Record<string, string>>();
  const held = new Map<string, Promise<void>>();
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString('utf8');
    const route = `${request.method} ${request.url}`;
    const key = request.headers['idempotency-key'];
    calls.push({ route, key: typeof key === 'string' ? key : undefined, body, headers: request.headers });
    await held.get(route);
    const status = statuses.get(route) ?? 200;
    response
      .writeHead(typeof status === 'number' ? status : status(), {
        'content-type': 'application/json',
        ...more.get(route),
      })
      .end(bodies.get(route) ?? '{"ok":true}');
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    address: `127.0.0.1:${port}`,
    calls,
    keys: () =>
      calls.reduce(
        (keys, { key }) => (key === undefined ? keys : keys.set(key, (keys.get(key) ?? 0) + 1)),
        new Map<string, number>(),
      ),
    hold(route) {
      const { promise, resolve } = Promise.withResolvers<void>();
      held.set(route, promise);
      return resolve;
    },
    send: (route, headers) => void more.set(route, headers),
    say: (route, body) => void bodies.set(route, body),
    answer: (route, status) => void statuses.set(route, status),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
