import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** The service that the demo deploys: it can be healthy, and it can break once customers are on a version. */
export interface Target {
  /** How many effects it was asked for, by their Idempotency-Key. */
  effects(): number;
  /** From now on a version that contains `artifact` turns unhealthy when traffic reaches it. */
  breakOn(artifact: string): void;
  /** It hangs until it is restarted. */
  breakDown(): void;
  stop(): Promise<void>;
}

/** Starts the service on a loopback port. */
export async function startTarget(port: number): Promise<Target> {
  const keys = new Set<unknown>();
  let broken: string | undefined;
  let isHealthy = true;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const key = request.headers['idempotency-key'];
    if (key !== undefined) keys.add(key);
    const { method, url = '' } = request;
    if (/^\/services\/.*\/traffic$/.test(url) && (method === 'PUT' || method === 'DELETE'))
      isHealthy = method === 'DELETE' || broken === undefined || !body.includes(broken);
    if (/^\/services\/.*\/restart$/.test(url) && method === 'POST') isHealthy = true;
    // What Prometheus scrapes.
    if (url === '/metrics') return void response.end(`checkout_up ${isHealthy ? 1 : 0}\n`);
    const status = method === 'GET' && url === '/health' && !isHealthy ? 503 : 200;
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ status: isHealthy ? 'well' : 'unwell' }));
  };
  const server = createServer((request, response) => void answer(request, response)).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    effects: () => keys.size,
    breakOn(artifact) {
      broken = artifact;
    },
    breakDown() {
      isHealthy = false;
    },
    async stop() {
      server.close().closeAllConnections();
      await once(server, 'close');
    },
  };
}
