import { isIP } from 'node:net';
import { checkServerIdentity, connect, type DetailedPeerCertificate, type PeerCertificate } from 'node:tls';
import { trusting } from '../egress.ts';
import type { Prober } from './probe.ts';

const timeoutMs = 10_000;
const dayMs = 86_400_000;

/**
 * Days until the first certificate of the server's chain ends; who vouches for it and the name have to be right as well.
 */
export const probeTls: Prober<'tls'> = async ({ host: written, port, daysLeft, authority }, { egress, at, fill }) => {
  const host = fill(written);
  const found = await egress.resolve(host, port);
  if ('refused' in found) return { result: 'unknown', detail: found.refused };
  const seen = await chainOf(found.address, host, port, authority);
  if ('problem' in seen) return { result: 'fail', detail: seen.problem };
  const [first, own] = [seen.chain.toSorted((a, b) => endOf(a) - endOf(b))[0]!, seen.chain[0]];
  const days = Math.floor((endOf(first) - at) / dayMs);
  const which = first === own ? 'the certificate' : `${nameOf(first)}, which vouches for it,`;
  return { result: days >= daysLeft ? 'pass' : 'fail', detail: `${which} is valid for ${days} days` };
};

type Seen = { chain: DetailedPeerCertificate[] } | { problem: string };

const endOf = ({ valid_to: end }: PeerCertificate): number => Date.parse(end);

const nameOf = ({ subject }: PeerCertificate): string => [subject.CN ?? subject.O ?? 'an authority'].flat().join(', ');

const chainOf = (address: string, host: string, port: number, authority: string | undefined): Promise<Seen> =>
  new Promise((resolve) => {
    const socket = connect({
      host: address,
      port,
      // Only names are sent as a server name; an address is compared as it is.
      ...(isIP(host) === 0 ? { servername: host } : {}),
      timeout: timeoutMs,
      // A name that stands in the subject alone has not been a name to any client for years.
      checkServerIdentity: (_, certificate) =>
        checkServerIdentity(host, { ...certificate, subject: { ...certificate.subject, CN: '' } }),
      ...trusting(authority),
    });
    const end = (outcome: Seen): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once('secureConnect', () => end({ chain: issuersOf(socket.getPeerCertificate(true)) }));
    socket.once('timeout', () => end({ problem: `no answer within ${timeoutMs} ms` }));
    socket.once('error', (error) => end({ problem: error.message }));
  });

/** The certificate, and those that vouch for it up to the root, which vouches for itself. */
const issuersOf = (certificate: DetailedPeerCertificate): DetailedPeerCertificate[] => {
  const chain = [certificate];
  for (;;) {
    const { issuerCertificate: issuer } = chain.at(-1)!;
    if (!issuer || chain.some(({ fingerprint256 }) => fingerprint256 === issuer.fingerprint256)) return chain;
    chain.push(issuer);
  }
};
