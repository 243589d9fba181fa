import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is posted, over how many connections. */
export interface Load {
  url: string;
  path: string;
  authorization?: string;
  /** Bodies, sent by turns; each `{serial}` in one becomes a number of eight digits that no other place of the load has. */
  bodies: readonly string[];
  count: number;
  connections: number;
  /** Not faster than so many posts a second. */
  perSecond?: number;
  /** The first serial number. */
  from?: number;
}

export interface Loaded {
  /** How often each status was answered. */
  statuses: Record<string, number>;
  /** Milliseconds from sending to the answer. */
  latencies: number[];
  /** When the first was sent and the last answered, in milliseconds since 1970. */
  begun: number;
  ended: number;
  /** Seconds of processor that the load itself has used. */
  processor: number;
}

const marker = '{serial}';

/** Runs the load in a process of its own, as senders are. */
export async function runLoad(load: Load): Promise<Loaded> {
  const child = spawn(process.execPath, [import.meta.filename], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(load));
  const said = await text(child.stdout);
  if (said === '') throw new Error('the load generator has died');
  return JSON.parse(said) as Loaded;
}

/** A request as bytes, with the places where its serial numbers go. */
const requestOf = (body: string, { url, path, authorization }: Load): { bytes: Buffer; places: number[] } => {
  const length = Buffer.byteLength(body);
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${new URL(url).host}`,
    'content-type: application/json',
    ...(authorization === undefined ? [] : [`authorization: ${authorization}`]),
    `content-length: ${length}`,
  ];
  const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
  const places: number[] = [];
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) places.push(at);
  return { bytes, places };
};

/** The status of each answer that comes over a connection, one after the other. */
const answersOf = (socket: Socket): (() => Promise<number>) => {
  let [received, waiting] = [Buffer.alloc(0), (_status: number): void => {}];
  const failed = Promise.withResolvers<number>();
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const end = received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = received.toString('latin1', 0, end);
    const whole = end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (received.length < whole) return;
    received = received.subarray(whole);
    waiting(Number(head.slice(9, 12)));
  });
  // A lane that has nothing left to send hangs up itself.
  failed.promise.catch(() => {});
  for (const event of ['error', 'close'] as const)
    socket.on(event, () => failed.reject(new Error('the connection was lost')));
  return () => Promise.race([new Promise<number>((done) => (waiting = done)), failed.promise]);
};

async function generate(load: Load): Promise<Loaded> {
  const { url, bodies, count, connections, perSecond = Number.POSITIVE_INFINITY, from = 0 } = load;
  const { hostname, port } = new URL(url);
  const statuses: Record<string, number> = {};
  const latencies: number[] = [];
  let [next, serial] = [0, from];
  const begun = Date.now();
  const lane = async (): Promise<void> => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const answer = answersOf(socket);
    const requests = bodies.map((body) => requestOf(body, load));
    while (next < count) {
      const index = next++;
      const early = begun + (index / perSecond) * 1_000 - Date.now();
      if (early > 0) await sleep(early);
      const { bytes, places } = requests[index % requests.length]!;
      for (const place of places) bytes.write(String(serial++).padStart(marker.length, '0'), place, 'latin1');
      const since = performance.now();
      socket.write(bytes);
      const status = await answer();
      latencies.push(Math.round((performance.now() - since) * 100) / 100);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, lane));
  const { user, system } = process.cpuUsage();
  return { statuses, latencies, begun, ended: Date.now(), processor: (user + system) / 1e6 };
}

if (process.argv[1] === import.meta.filename)
  process.stdout.write(JSON.stringify(await generate(JSON.parse(await text(process.stdin)) as Load)));
