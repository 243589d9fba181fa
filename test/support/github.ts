import { generateKeyPairSync, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What happens to the next answer to a gate: its own answer is lost on the way back, or it is refused. */
type Trouble = 'lost' | { status: number; headers?: Record<string, string> };

interface Answer {
  path: string;
  environment_name: string;
  state: string;
  comment: string;
}

/** A GitHub that knows one App, as far as gates need one. */
export interface Github {
  api: string;
  address: string;
  /** Of the App, PEM of PKCS#1, as GitHub hands it out. */
  privateKey: string;
  /** What was answered to gates, in the order in which GitHub took it. */
  answers: Answer[];
  /** Every request, as method and path. */
  requests: string[];
  /** Every bearer that was shown, and where. */
  bearers: { path: string; bearer: string }[];
  trouble(trouble: Trouble): void;
  stop(): Promise<void>;
}

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const appId = 314159;

const parsed = (part = ''): Record<string, unknown> =>
  JSON.parse(Buffer.from(part, 'base64url').toString() || '{}') as Record<string, unknown>;

/** Whether GitHub would take it for the App: by its signature, its algorithm, its issuer and its time. */
const isOfApp = (jwt: string): boolean => {
  const [header, payload, signature = ''] = jwt.split('.');
  const { iat, exp, iss } = parsed(payload);
  const now = Date.now() / 1000;
  return (
    parsed(header)['alg'] === 'RS256' &&
    verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), keys.publicKey, Buffer.from(signature, 'base64url')) &&
    iss === appId &&
    Number(iat) <= now &&
    Number(exp) > now &&
    Number(exp) - Number(iat) <= 600
  );
};

export async function startGithub(): Promise<Github> {
  const [answers, requests, troubles]: [Answer[], string[], Trouble[]] = [[], [], []];
  const bearers: Github['bearers'] = [];
  let tokens = 0;
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const path = request.url ?? '';
    const say = (status: number, said?: unknown, headers: Record<string, string> = {}): void =>
      void response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(said === undefined ? '' : JSON.stringify(said));
    const bearer = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    requests.push(`${request.method} ${path}`);
    bearers.push({ path, bearer });
    if (request.headers.accept !== 'application/vnd.github+json') return say(415);
    const asked = /^\/app\/installations\/(\d+)\/access_tokens$/.exec(path);
    if (asked) {
      if (!isOfApp(bearer)) return say(401, { message: 'A JSON web token could not be decoded' });
      if (asked[1] !== '1') return say(404, { message: 'Not Found' });
      tokens += 1;
      return say(201, { token: `ghs_${tokens}`, expires_at: new Date(Date.now() + 3_600_000).toISOString() });
    }
    if (!/^ghs_\d+$/.test(bearer)) return say(401, { message: 'Bad credentials' });
    if (request.method === 'GET' && path.endsWith('/approvals'))
      return say(
        200,
        answers.filter((answer) => reviewsOf(answer.path) === path),
      );
    const trouble = troubles.shift();
    if (typeof trouble === 'object') return say(trouble.status, { message: 'no' }, trouble.headers);
    answers.push({ path, ...(JSON.parse(body) as Omit<Answer, 'path'>) });
    if (trouble === 'lost') return void request.socket.destroy();
    say(204);
  };
  const server = createServer((...exchange) => void serve(...exchange));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    api: `http://${address}`,
    address,
    privateKey: keys.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    answers,
    requests,
    bearers,
    trouble: (trouble) => void troubles.push(trouble),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const reviewsOf = (path: string): string => path.replace(/deployment_protection_rule$/, 'approvals');
