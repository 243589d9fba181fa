import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Problem } from '../api/errors.ts';
import { CommandFailure, refusalOf, unreachable } from './failure.ts';
import { isBadPort, requestOf, sendableKey } from './request.ts';
import { adminTokenFile, readRun, stateDir } from './state.ts';

export type Query = Record<string, string | undefined>;

/** The HTTP API as the holder of a token. Every call throws an `CommandFailure` when it is refused. */
export interface Api {
  get<T>(path: string, query?: Query): Promise<T>;
  /** The answer as it came, for what is kept as a file. */
  text(path: string): Promise<string>;
  /** Sends what the API does once for a key, however often it comes; so it is sent again when no answer came. */
  command<T>(path: string, body?: unknown, key?: string): Promise<T>;
  /** Sends what would be done twice if it came twice. */
  post<T>(path: string, body?: unknown): Promise<T>;
  delete(path: string): Promise<void>;
}

export interface Connection {
  url: string;
  token: string | undefined;
  /** The file in which no token was found. */
  lacking?: string;
}

/** Builds a path with each value encoded. Refuses an empty one, which would be another path. */
export function route(texts: TemplateStringsArray, ...values: string[]): string {
  const [first = '', ...rest] = texts;
  return rest.reduce((path, text, index) => path + encoded(values[index] ?? '') + text, first);
}

const encoded = (value: string): string => {
  if (value === '' || value === '.' || value === '..')
    throw new CommandFailure(2, `"${value}" is neither a name nor an id`);
  return encodeURIComponent(value);
};

/** Where Evenkeel is, and who asks: by the environment, else by what `evenkeel start` left in the state folder. */
export function findConnection(environment: NodeJS.ProcessEnv = process.env): Connection {
  const folder = stateDir(environment);
  const asked = environment['EVENKEEL_URL'];
  const port = environment['EVENKEEL_PORT'] || '7480';
  const url = asked || (readRun(folder)?.address ?? `http://127.0.0.1:${port}`);
  if (!URL.canParse(url) || !/^https?:/i.test(url)) {
    throw new CommandFailure(2, `EVENKEEL_URL is ${url}: it must be like http://127.0.0.1:7480`);
  }
  const { username, password, search, hash } = new URL(url);
  // Nothing of it is repeated: a password may be among it.
  if (username !== '' || password !== '')
    throw new CommandFailure(2, 'EVENKEEL_URL has a user or a password: use EVENKEEL_TOKEN to sign in');
  if (search !== '' || hash !== '')
    throw new CommandFailure(2, `EVENKEEL_URL is ${url}: it must be like http://127.0.0.1:7480, without ? and #`);
  // A variable that was filled by a command that failed: nobody means the admin by that.
  if (environment['EVENKEEL_TOKEN']?.trim() === '')
    throw new CommandFailure(2, 'EVENKEEL_TOKEN is set but empty: unset it, or set it to your token');
  const token = environment['EVENKEEL_TOKEN']?.trim() || (isOurs(url) ? adminToken(folder) : undefined);
  // Said here, since what refuses it later would print it.
  if (token !== undefined && !/^[\w.~+/=-]+$/.test(token)) {
    throw new CommandFailure(2, 'EVENKEEL_TOKEN is not a token: expected evk_ and letters, digits, - and _');
  }
  const lacking = token === undefined && isOurs(url) ? { lacking: adminTokenFile(folder) } : {};
  return { url: url.replace(/\/+$/, ''), token, ...lacking };
}

/** The first admin's token stays on this machine, whatever EVENKEEL_URL says. */
const isOurs = (url: string): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);

function adminToken(folder: string): string | undefined {
  try {
    return readFileSync(adminTokenFile(folder), 'utf8').trim() || undefined;
  } catch {
    // Nothing was started here, or by another user: the API says what is needed.
    return undefined;
  }
}

const mostTries = 3;
const retryWithinMs = 10_000;
const answerWithinMs = 60_000;
/** Long enough for a big ledger, and for an export with its histories. */
const longAnswerWithinMs = 10 * 60_000;

interface Request {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  body?: unknown;
  key?: string;
  isRepeatable: boolean;
  withinMs?: number;
}

/** The door to the API, and the only one. */
export function createApi({ url, token, lacking }: Connection): Api {
  const send = async ({ method, path, body, key, withinMs = answerWithinMs }: Request): Promise<Response> => {
    const request = requestOf(`${url}${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': sendableKey(key) }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A token follows nobody to another address.
      redirect: 'manual',
    });
    try {
      return await fetch(request, { signal: AbortSignal.timeout(withinMs) });
    } catch (error) {
      throw isBadPort(error)
        ? new CommandFailure(2, `${url} has a port that HTTP clients refuse, since other services use it`)
        : unreachable(url, error);
    }
  };

  const ask = async (request: Request): Promise<string> => {
    const until = Date.now() + retryWithinMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await textOf(await send(request), url);
      } catch (error) {
        if (!(error instanceof CommandFailure)) throw error;
        if (error.details.status === 401 && lacking !== undefined) throw withoutToken(error, lacking);
        const { retryAfterMs: waitMs = 200 * 2 ** attempt, wasNeverSent = false } = error.details;
        const mayRepeat = error.exitCode === 7 && (request.isRepeatable || wasNeverSent);
        if (!mayRepeat || attempt === mostTries || Date.now() + waitMs > until) throw error;
        await sleep(waitMs);
      }
    }
  };

  return {
    get: async (path, query = {}) => {
      const asked = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
      const search = asked.length === 0 ? '' : `?${new URLSearchParams(asked).toString()}`;
      const withinMs = path.startsWith('/v1/audit/') ? longAnswerWithinMs : answerWithinMs;
      return JSON.parse(await ask({ method: 'GET', path: path + search, isRepeatable: true, withinMs }));
    },
    text: (path) => ask({ method: 'GET', path, isRepeatable: true, withinMs: longAnswerWithinMs }),
    command: async (path, body = {}, key = randomUUID()) =>
      JSON.parse(await ask({ method: 'POST', path, body, key, isRepeatable: true })),
    post: async (path, body = {}) =>
      JSON.parse(await ask({ method: 'POST', path, body, key: randomUUID(), isRepeatable: false })),
    delete: async (path) => {
      await ask({ method: 'DELETE', path, isRepeatable: false });
    },
  };
}

const withoutToken = ({ exitCode, details }: CommandFailure, file: string): CommandFailure =>
  new CommandFailure(exitCode, `a token is needed: EVENKEEL_TOKEN is not set, and there is none to read in ${file}`, {
    ...details,
    hint: 'Set EVENKEEL_TOKEN to your token, or EVENKEEL_STATE_DIR to the state folder of the installation that you mean',
  });

/** What an answer of success says; every other one is a failure. */
const textOf = async (response: Response, url: string): Promise<string> => {
  const { status, ok, headers } = response;
  const text = await response.text();
  const isJson = /\bjson\b/.test(headers.get('content-type') ?? '');
  if (status === 204 || (ok && isJson)) return text;
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  const retryAfterMs = seconds >= 0 ? seconds * 1000 : undefined;
  if (isJson) throw refusalOf(status, JSON.parse(text) as Problem, retryAfterMs);
  if (status === 502 || status === 503 || status === 504)
    throw refusalOf(503, { detail: `${url} answers ${status}` }, retryAfterMs);
  const hint = 'Is EVENKEEL_URL right?';
  throw new CommandFailure(1, `what answers at ${url} is not Evenkeel (status ${status})`, { hint });
};
