import appJwt from 'universal-github-app-jwt';
import { z } from 'zod';
import { jsonOrNothing } from '../../domain/json.ts';
import type { GithubApp } from '../../domain/source.ts';
import type { Egress, Reply } from '../egress.ts';
import { retryAfterMs } from '../retry-after.ts';
import { ours, sentBy } from './answer.ts';
import type { Sent } from './channel.ts';

/** GitHub asks writers to wait a minute after a secondary limit. */
const leastWaitMs = 60_000;

const Token = z.object({ token: z.string().min(1) });

/** What GitHub wants to know of every request. */
export const githubHeaders = (token: string) => ({
  authorization: `Bearer ${token}`,
  accept: 'application/vnd.github+json',
  'content-type': 'application/json',
  'user-agent': 'evenkeel',
  'x-github-api-version': '2022-11-28',
});

/**
 * A token of the installation of an App, for one repository and for what gates need of it; it ends after an hour, and is
 * kept nowhere. Or why there is none.
 */
export async function installationToken(
  app: GithubApp,
  { privateKey, installation, repository }: { privateKey: string; installation: number; repository: string },
  { egress, timeoutMs }: { egress: Egress; timeoutMs: number },
): Promise<{ token: string } | Sent> {
  const signed = await signedFor(app.id, privateKey);
  if (signed === undefined) return ours(`the secret ${app.privateKey} is no private key of RSA in PEM`);
  const [, name = ''] = repository.split('/');
  const reply = await egress.send({
    method: 'POST',
    url: `${app.api}/app/installations/${installation}/access_tokens`,
    headers: githubHeaders(signed),
    body: JSON.stringify({ repositories: [name], permissions: { actions: 'read', deployments: 'write' } }),
    timeoutMs,
    authority: app.authority,
  });
  const sent = githubSent(reply, 'its App gets no token there');
  if (!sent.sent || !reply.sent) return sent;
  const token = Token.safeParse(jsonOrNothing(reply.body)).data?.token;
  return token === undefined ? { sent: false, fault: 'passing', detail: 'its token could not be read' } : { token };
}

/** The error of a library might show what it could not read. */
const signedFor = async (id: number, privateKey: string): Promise<string | undefined> => {
  try {
    return (await appJwt({ id, privateKey })).token;
  } catch {
    return undefined;
  }
};

/** What GitHub refuses is refused for good: only who we are, limits and its own faults are mended by time. */
export const githubSent = (reply: Reply, what: string): Sent => {
  const sent = sentBy(reply);
  if (!reply.sent || sent.sent) return sent;
  const { status, headers } = reply;
  const waitMs = [403, 429].includes(status) ? limitedFor(headers) : undefined;
  if (waitMs !== undefined) return { sent: false, fault: 'passing', detail: `status ${status}`, retryAfterMs: waitMs };
  const isFinal = status >= 400 && status < 500 && ![401, 407, 408, 425, 429].includes(status);
  return isFinal ? { sent: false, fault: 'receiver', detail: `${what}: status ${status}` } : sent;
};

/** A spent limit is answered with the status of a wrong token; its headers tell them apart. */
export const limitedFor = (headers: Record<string, string>): number | undefined => {
  const now = Date.now();
  const asked = retryAfterMs(headers, now);
  if (asked === undefined && headers['x-ratelimit-remaining'] !== '0') return undefined;
  const reset = Number(headers['x-ratelimit-reset']) * 1_000 - now;
  return Math.max(leastWaitMs, asked ?? (reset > 0 ? reset : 0));
};
