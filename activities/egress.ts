import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import { Agent, request } from 'undici';
import { readBody, type ReplyBody } from './reply-body.ts';
import { isEgressEntry } from './egress-entry.ts';
import { headerName } from '../domain/http-target.ts';

/** Why a request was not sent, or how it ended. */
export type Reply =
  | ({ sent: true; status: number; headers: Record<string, string> } & ReplyBody)
  | { sent: false; reason: string; refused: boolean };

export interface EgressRequest {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: string;
  timeoutMs: number;
  signal?: AbortSignal;
  /** PEM of the certificate authorities that vouch for the server, instead of those that the system knows. */
  authority?: string | undefined;
}

export interface Egress {
  send(request: EgressRequest): Promise<Reply>;
  /** The one address to connect to, or why not. */
  resolve(host: string, port: number): Promise<{ address: string; family: 4 | 6 } | { refused: string }>;
}

/** Of a reply; the rest is not read. */
export const mostReplyBytes = 256 * 1024;

/** Also an address that the whole world can reach may be one of this machine. */
const isOwn = (address: string): boolean =>
  Object.values(networkInterfaces()).some((given) =>
    given?.some((own) => ipaddr.process(own.address).toString() === address),
  );

/**
 * The way out for steps and probes. Addresses of this machine and of private networks are refused unless `allowed`
 * names them (`127.0.0.1:7499`, `10.0.0.0/8`, `deploy.internal:443`). The address that was tested is the one that is
 * connected to; redirects are not followed; replies are capped at 256 KiB.
 */
export function createEgress(allowed: readonly string[]): Egress {
  const stranger = allowed.find((entry) => !isEgressEntry(entry));
  if (stranger !== undefined)
    throw new Error(`EVENKEEL_EGRESS_ALLOW: ${stranger} is neither host:port nor a network such as 10.0.0.0/8`);
  const hosts = new Set(
    allowed.filter((entry) => !entry.includes('/')).map((entry) => entry.toLowerCase().replace(/^\[(.*)\]:/, '$1:')),
  );
  const networks = allowed.filter((entry) => entry.includes('/')).map((entry) => ipaddr.parseCIDR(entry));

  const mayReach = (address: string, host: string, port: number): boolean => {
    // What is mapped into IPv6 is judged as the IPv4 that it is.
    const ip = ipaddr.process(address);
    if (hosts.has(`${host.toLowerCase()}:${port}`) || hosts.has(`${ip.toString()}:${port}`)) return true;
    if (ipaddr.subnetMatch(ip, { networks }, 'none') === 'networks') return true;
    return ip.range() === 'unicast' && !isOwn(ip.toString());
  };

  const resolve: Egress['resolve'] = async (host, port) => {
    const bare = host.replace(/^\[|\]$/g, '');
    const addresses = await lookup(bare, { all: true }).catch(() => []);
    const first = addresses[0];
    if (!first) return { refused: `${bare} has no address` };
    // One bad address among several is enough to refuse: a name may answer differently next time.
    const bad = addresses.find(({ address }) => !mayReach(address, bare, port));
    if (bad)
      return {
        refused: `${bare}:${port} is an address of this machine or of a private network: allow it in EVENKEEL_EGRESS_ALLOW`,
      };
    return { address: first.address, family: first.family === 6 ? 6 : 4 };
  };

  const send: Egress['send'] = async ({ method, url, headers = {}, body, timeoutMs, signal, authority }) => {
    const target = URL.parse(url);
    if (!target || !/^https?:$/.test(target.protocol))
      return { sent: false, refused: true, reason: 'expected an http(s) URL' };
    const fault = faultOf(target, headers);
    if (fault !== undefined) return { sent: false, refused: true, reason: fault };
    const port = Number(target.port || (target.protocol === 'https:' ? 443 : 80));
    const found = await resolve(target.hostname, port);
    if ('refused' in found) return { sent: false, refused: true, reason: found.refused };
    const dispatcher = new Agent({
      connect: {
        timeout: Math.min(timeoutMs, 10_000),
        ...trusting(authority),
        // The name is not resolved a second time.
        lookup: (_host, options, done) => (options.all ? done(null, [found]) : done(null, found.address, found.family)),
      },
    });
    try {
      const limit = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
      const reply = await request(target, {
        method: method as 'GET',
        headers,
        body: body ?? null,
        dispatcher,
        signal: limit,
      });
      const replied = Object.fromEntries(Object.entries(reply.headers).map(([name, value]) => [name, String(value)]));
      const read = await readBody(reply.body as AsyncIterable<Buffer>, replied, mostReplyBytes);
      return { sent: true, status: reply.statusCode, headers: replied, ...read };
    } catch (error) {
      const reason =
        error instanceof Error && error.name === 'TimeoutError' ? `no answer within ${timeoutMs} ms` : messageOf(error);
      return { sent: false, refused: false, reason };
    } finally {
      await dispatcher.destroy();
    }
  };
  return { send, resolve };
}

/** Connections that trust these authorities alone, also when one of them is no root. */
export const trusting = (authority: string | undefined) =>
  authority === undefined ? {} : { ca: authority, allowPartialTrustChain: true };

/** What would be left out or refused on the way, said before; no value is shown, since it may be a secret. */
const faultOf = ({ username, password }: URL, headers: Record<string, string>): string | undefined => {
  if (username !== '' || password !== '')
    return 'no request goes to a URL with a user or a password: send a header with a secret instead';
  const bad = Object.entries(headers).find(
    ([name, value]) => !headerName.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value),
  );
  return bad && `the header ${JSON.stringify(bad[0])} has a character that no header may have`;
};

const messageOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return code ?? (cause instanceof Error ? cause.message : 'the request failed');
};
