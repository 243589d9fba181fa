import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** The service that the demo deploys: it can be healthy, and it can break once customers are on a version. */
export interface Target {
  /** Effects it was asked for, by their Idempotency-Key. */
  effects(): string[];
  /** From now on a version that contains `artifact` turns unhealthy when traffic reaches it. */
  breakOn(artifact: string): void;
  stop(): Promise<void>;
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};

/** Starts the service on a loopback port. */
export async function startTarget(port: number): Promise<Target> {
  const keys = new Set<string>();
  let broken: string | undefined;
  let isHealthy = true;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const key = request.headers['idempotency-key'];
    if (typeof key === 'string') keys.add(key);
    const route = `${request.method} ${request.url}`;
    if (route.startsWith('PUT /services/') && route.endsWith('/traffic'))
      isHealthy = broken === undefined || !body.includes(broken);
    if (route.startsWith('DELETE /services/') && route.endsWith('/traffic')) isHealthy = true;
    const status = route === 'GET /health' && !isHealthy ? 503 : 200;
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ status: isHealthy ? 'well' : 'unwell' }));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return {
    effects: () => [...keys],
    breakOn(artifact) {
      broken = artifact;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
