import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface MirroredIncident {
  id: string;
  name: string;
  status: string;
  impact_override?: string;
  components?: Record<string, string>;
  metadata: Record<string, object>;
  incident_updates: { status: string; body: string | null; deliver_notifications: boolean }[];
}

/** What goes wrong with the next request that writes: its answer is lost, or it is refused with this. */
type Trouble = 'lost' | { status: number; headers?: Record<string, string> };

/** Behaves like Statuspage as far as we know it: keeps incidents, lists the newest first, and makes one for each POST. */
export const startStatuspage = async ({ token, page }: { token: string; page: string }) => {
  const incidents: MirroredIncident[] = [];
  const requests: string[] = [];
  const troubles: Trouble[] = [];

  const write = (
    there: MirroredIncident | undefined,
    incident: Partial<MirroredIncident> & Written,
  ): MirroredIncident => {
    const { body = null, deliver_notifications: deliver = true, ...fields } = incident;
    const written =
      there ?? ({ id: `there${incidents.length + 1}`, incident_updates: [] } as unknown as MirroredIncident);
    Object.assign(written, fields);
    written.incident_updates.unshift({ status: written.status, body, deliver_notifications: deliver });
    if (!there) incidents.unshift(written);
    return written;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '', 'http://sink');
    requests.push(`${method} ${url.pathname.split('/incidents')[1]}`);
    const say = (status: number, body: unknown, more: Record<string, string> = {}): void =>
      void response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(body));
    const [, of, id] = /^\/v1\/pages\/(\w+)\/incidents(?:\/(\w+))?$/.exec(url.pathname) ?? [];
    if (headers.authorization !== `OAuth ${token}`) return say(401, { error: 'Could not authenticate' });
    const there = incidents.find((incident) => incident.id === id);
    if (of !== page || (id !== undefined && !there)) return say(404, { error: 'Not found' });
    if (method === 'GET' && id !== undefined) return say(200, there);
    if (method === 'GET') {
      const [limit, number] = [Number(url.searchParams.get('limit')), Number(url.searchParams.get('page'))];
      return say(200, incidents.slice(limit * (number - 1), limit * number));
    }
    const { incident } = JSON.parse(await text(request)) as { incident: Written };
    const trouble = troubles.shift();
    if (typeof trouble === 'object') return say(trouble.status, { error: 'no' }, trouble.headers);
    const written = write(there, incident);
    if (trouble === 'lost') return void request.socket.destroy();
    say(method === 'POST' ? 201 : 200, written);
  };

  const server = createServer((...exchange) => void answer(...exchange));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    url: `http://${address}`,
    incidents,
    /** Methods and what follows `/incidents`. */
    requests,
    trouble: (trouble: Trouble) => void troubles.push(trouble),
    stop: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
};

interface Written {
  body?: string;
  deliver_notifications?: boolean;
}
