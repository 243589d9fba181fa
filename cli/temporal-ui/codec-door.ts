import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface CodecDoor {
  /** Base of Temporal's remote codec protocol. */
  url: string;
  /** A link that lets the browser that opens it read, and leads on to the web interface. */
  openFor(ui: string): string;
  stop(): void;
}

const cookieName = 'evenkeel-codec';
const mostBytes = 4 * 1024 * 1024;

/**
 * Opens payloads for the one browser that was given the key: Temporal's web interface asks from there and can send no
 * token. Whoever else is on this machine has no cookie, and a page of another origin gets no answer.
 */
export async function startCodecDoor(decode: (payloads: unknown) => Promise<unknown>): Promise<CodecDoor> {
  const key = randomBytes(32).toString('base64url');
  let origin = '';

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://door');
    if (request.method === 'GET' && pathname === '/open') {
      if (!isKey(searchParams.get('key') ?? '', key)) return end(response, 403);
      const cookie = `${cookieName}=${key}; HttpOnly; SameSite=Strict; Path=/`;
      return end(response, 303, { 'set-cookie': cookie, location: origin, 'cache-control': 'no-store' });
    }
    if (request.headers.origin !== origin || pathname !== '/decode') return end(response, 403);
    const allowed = {
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'content-type, x-namespace',
      'access-control-allow-methods': 'POST',
      vary: 'origin',
    };
    if (request.method === 'OPTIONS') return end(response, 204, allowed);
    if (request.method !== 'POST' || !isKey(cookieOf(request), key)) return end(response, 403, allowed);
    const text = JSON.stringify(await decode(JSON.parse(await bodyOf(request))));
    response.writeHead(200, { ...allowed, 'content-type': 'application/json' }).end(text);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => end(response, 502));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    openFor(ui) {
      origin = ui;
      return `${url}/open?key=${key}`;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const isKey = (given: string, key: string): boolean =>
  given.length === key.length && timingSafeEqual(Buffer.from(given), Buffer.from(key));

const cookieOf = ({ headers }: IncomingMessage): string =>
  headers.cookie
    ?.split('; ')
    .find((cookie) => cookie.startsWith(`${cookieName}=`))
    ?.slice(cookieName.length + 1) ?? '';

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const end = (response: ServerResponse, status: number, headers: Record<string, string> = {}): void => {
  if (!response.headersSent) response.writeHead(status, headers);
  response.end();
};
