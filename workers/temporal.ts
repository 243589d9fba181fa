import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, type TLSConfig } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { type Config, isTemporalSecure } from './config.ts';
import { sealed } from './payload-codec.ts';
import { loadPayloadKeys } from './payload-keys.ts';
import { untilThere } from './until-there.ts';

/** How to reach Temporal: with certificates of the state folder, or as the environment says. */
export function connectionOptions(config: Config): { address: string; apiKey?: string; tls?: TLSConfig } {
  const read = (path: string | undefined): Buffer | undefined => (path === undefined ? undefined : readFileSync(path));
  const ca = read(config.TEMPORAL_TLS_SERVER_CA_CERT_PATH);
  const crt = read(config.TEMPORAL_TLS_CLIENT_CERT_PATH);
  const key = read(config.TEMPORAL_TLS_CLIENT_KEY_PATH);
  const { TEMPORAL_API_KEY: apiKey, TEMPORAL_TLS_SERVER_NAME: serverNameOverride } = config;
  const tls: TLSConfig = {
    ...(serverNameOverride !== undefined && { serverNameOverride }),
    ...(ca && { serverRootCACertificate: ca }),
    ...(crt && key && { clientCertPair: { crt, key } }),
  };
  return {
    address: config.TEMPORAL_ADDRESS,
    ...(apiKey !== undefined && { apiKey }),
    ...(isTemporalSecure(config) && { tls }),
  };
}

/** A client that connects at its first call, so that its process starts without Temporal. */
export function createClient(config: Config, identity: string): Client {
  const connection = Connection.lazy({ ...connectionOptions(config), connectTimeout: 3_000 });
  const dataConverter = sealed(loadPayloadKeys(config));
  return new Client({ connection, namespace: config.TEMPORAL_NAMESPACE, identity, dataConverter });
}

/** Waits for Temporal; `onWait` hears of the first failure. */
export const connectNative = (
  config: Config,
  onWait: (reason: string) => void,
  signal: AbortSignal,
): Promise<NativeConnection> => untilThere(() => NativeConnection.connect(connectionOptions(config)), onWait, signal);

const retentionDays = 30;

/** Makes the namespace, should it not be there. Histories are archived long before this retention ends. */
export async function ensureNamespace(client: Client, namespace: string): Promise<void> {
  try {
    await client.connection.withDeadline(Date.now() + 5_000, () =>
      client.workflowService.describeNamespace({ namespace }),
    );
    return;
  } catch (error) {
    if (grpcCode(error) !== 5) throw error;
  }
  try {
    await client.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: (retentionDays * 86_400) as never },
    });
  } catch (error) {
    if (grpcCode(error) !== 6) throw error;
  }
  // Caches of the server learn of a new namespace within seconds.
  for (let tries = 0; tries < 60; tries += 1) {
    try {
      await client.workflowService.getWorkflowExecutionHistory({ namespace, execution: { workflowId: 'none' } });
      return;
    } catch (error) {
      if (error instanceof Error && !/namespace/i.test(error.message)) return;
      await sleep(250);
    }
  }
}

/** The gRPC status code of an error of the client, or of its cause. */
export function grpcCode(error: unknown): number | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && typeof current.code === 'number') return current.code;
  }
  return undefined;
}
