import { readFileSync } from 'node:fs';
import { Connection, type TLSConfig } from '@temporalio/client';
import { serverName, type TlsFiles } from './certificates.ts';

const service = 'temporal.api.workflowservice.v1.WorkflowService';

/** Asks a Temporal frontend (`host:port`) by gRPC's health protocol whether it serves; an open port is not enough. */
export async function isServing(address: string, files: TlsFiles | undefined): Promise<boolean> {
  // Whoever asks asks again: nothing is retried here.
  const connection = Connection.lazy({ address, interceptors: [], ...(files && { tls: tlsOf(files) }) });
  try {
    const answer = await connection.withDeadline(Date.now() + 2000, () => connection.healthService.check({ service }));
    return answer.toJSON()['status'] === 'SERVING';
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

const tlsOf = ({ ca, certificate, key }: TlsFiles): TLSConfig => ({
  serverNameOverride: serverName,
  serverRootCACertificate: readFileSync(ca),
  clientCertPair: { crt: readFileSync(certificate), key: readFileSync(key) },
});
