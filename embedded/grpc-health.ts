import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type ClientHttp2Session, type SecureClientSessionOptions } from 'node:http2';
import { serverName, type TlsFiles } from './certificates.ts';

const service = 'temporal.api.workflowservice.v1.WorkflowService';
const withinMs = 2000;

/**
 * Asks a Temporal frontend (`host:port`) by gRPC's health protocol whether it serves; an open port is not enough. One
 * question is written by hand here: the SDK's client would cost the supervisor as much memory as all the rest of it.
 */
export async function isServing(address: string, files: TlsFiles | undefined): Promise<boolean> {
  let session: ClientHttp2Session | undefined;
  try {
    session = connect(`${files ? 'https' : 'http'}://${address}`, files && tlsOf(files));
    // Whoever asks asks again: nothing is retried here, and what went wrong does not matter.
    session.on('error', () => undefined);
    return isYes(await answerOf(session));
  } catch {
    return false;
  } finally {
    session?.destroy();
  }
}

/** The body of the answer; empty where the server has only a status for us. */
async function answerOf(session: ClientHttp2Session): Promise<Buffer> {
  const signal = AbortSignal.timeout(withinMs);
  await once(session, 'connect', { signal });
  const request = session.request(
    {
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    },
    { signal },
  );
  request.end(question);
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** A message of gRPC: not compressed, so many bytes; field 1 is the service's name. */
const field = Buffer.from([0x0a, service.length]);
const question = Buffer.concat([Buffer.from([0, 0, 0, 0, field.length + service.length]), field, Buffer.from(service)]);

/** `SERVING` is 1 in field 1 of the answer. */
const isYes = (answer: Buffer): boolean => answer.equals(Buffer.from([0, 0, 0, 0, 2, 0x08, 1]));

const tlsOf = ({ ca, certificate, key }: TlsFiles): SecureClientSessionOptions => ({
  servername: serverName,
  ca: readFileSync(ca),
  cert: readFileSync(certificate),
  key: readFileSync(key),
});
