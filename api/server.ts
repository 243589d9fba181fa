import { createServer, type RequestListener, type Server } from 'node:http';

/** Of a storm, as many as may knock at one moment: the kernel resets those for whom its queue has no room. */
const mostConnections = 4_000;

/** Serves the app with limits on slow and large requests; port 0 takes a free one. Rejects when the port is taken. */
export const serve = (app: RequestListener, { host, port }: { host: string; port: number }): Promise<Server> => {
  const server = createServer(
    {
      // A storm may keep this process busy for seconds: nobody is cut off for its slowness.
      headersTimeout: 30_000,
      requestTimeout: 60_000,
      // Node looks every half minute otherwise, and connections that are slow on purpose would stay that much longer.
      connectionsCheckingInterval: 5_000,
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
