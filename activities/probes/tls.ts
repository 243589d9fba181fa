import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { Prober } from './probe.ts';

const timeoutMs = 10_000;
const dayMs = 86_400_000;

/** Days until the server's certificate ends; the chain and the name have to be right as well. */
export const probeTls: Prober<'tls'> = async ({ host: written, port, daysLeft, authority }, { egress, at, fill }) => {
  const host = fill(written);
  const found = await egress.resolve(host, port);
  if ('refused' in found) return { result: 'unknown', detail: found.refused };
  const seen = await certificateOf(found.address, host, port, authority);
  if ('problem' in seen) return { result: 'fail', detail: seen.problem };
  const days = Math.floor((seen.validTo - at) / dayMs);
  return { result: days >= daysLeft ? 'pass' : 'fail', detail: `the certificate is valid for ${days} days` };
};

type Seen = { validTo: number } | { problem: string };

const certificateOf = (
  address: string,
  servername: string,
  port: number,
  authority: string | undefined,
): Promise<Seen> =>
  new Promise((resolve) => {
    const socket = connect({
      host: address,
      port,
      // Only names are sent as a server name; an address is compared as it is.
      ...(isIP(servername) === 0 ? { servername } : {}),
      timeout: timeoutMs,
      ...(authority === undefined ? {} : { ca: authority }),
    });
    const end = (outcome: Seen): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once('secureConnect', () => end({ validTo: Date.parse(socket.getPeerCertificate().valid_to) }));
    socket.once('timeout', () => end({ problem: `no answer within ${timeoutMs} ms` }));
    socket.once('error', (error) => end({ problem: error.message }));
  });
