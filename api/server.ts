import { createServer, type RequestListener, type Server } from 'node:http';

/** Of a storm, as many as may knock at one moment: the kernel resets those for whom its queue has no room. */
const mostConnections = 2_000;

/** Serves the app with limits on slow and large requests; port 0 takes a free one. Rejects when the port is taken. */
export const serve = (app: RequestListener, { host, port }: { host: string; port: number }): Promise<Server> => {
  const server = createServer(
    {
      requestTimeout: 15_000,
      headersTimeout: 10_000,
      // Node looks every half minute otherwise, and slow connections would stay that much longer.
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16 * 1024,
    },
    app,
  );
  server.maxConnections = mostConnections;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: mostConnections }, () => resolve(server));
  });
};
