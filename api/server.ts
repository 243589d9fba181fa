import { createServer, type RequestListener, type Server } from 'node:http';
import { createSeats } from './seats.ts';

/** Of a storm, as many as may knock at one moment: the kernel resets those for whom its queue has no room. */
const backlog = 4_000;

interface Listening {
  host: string;
  port: number;
  /** Open at one time. */
  mostConnections?: number;
}

/** Serves the app with limits on slow and large requests; port 0 takes a free one. Rejects when the port is taken. */
export const serve = (app: RequestListener, { host, port, mostConnections = 4_000 }: Listening): Promise<Server> => {
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
  const seats = createSeats(mostConnections);
  server.on('connection', seats.take);
  server.on('request', (request, response) => {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    const hasBody = encoding !== undefined || Number(length ?? 0) > 0;
    // Who sends a request slowly is waited for.
    if (hasBody) request.once('end', () => seats.works(request.socket));
    else seats.works(request.socket);
    response.once('close', () => seats.waits(request.socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog }, () => resolve(server));
  });
};
