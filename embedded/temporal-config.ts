import { join } from 'node:path';
import { serverName, type TlsFiles } from './certificates.ts';
import type { Ports } from './ports.ts';

// All of these are written as JSON, which is YAML too.

/**
 * The configuration of a Temporal server with all services in one process, on loopback alone. Each gRPC port wants a
 * certificate of the local authority; there is no HTTP port, which would take requests of any web page. The ports of
 * membership know no TLS: whoever forges members there is refused by the certificates when it is called.
 */
export function serverConfig(at: {
  ports: Ports;
  tls: TlsFiles;
  socketDir: string;
  port: number;
  folder: string;
}): object {
  const { ports, tls, socketDir, port, folder } = at;
  const sqlStore = (database: string, maxConns: number): object => ({
    pluginName: 'postgres12_pgx',
    databaseName: database,
    connectAddr: `localhost:${port}`,
    connectProtocol: 'tcp',
    connectAttributes: { host: socketDir },
    user: 'temporal',
    password: '',
    maxConns,
    maxIdleConns: maxConns,
    // What a busy time has opened is closed soon after; fewer idle ones would cost a new one with each burst.
    maxConnLifetime: '2m',
  });
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      // Final: a store can never be opened with another number.
      numHistoryShards: 4,
      datastores: {
        default: { sql: sqlStore('temporal', 20) },
        visibility: { sql: sqlStore('temporal_visibility', 5) },
      },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' }, tls: mutualTls(tls) },
    services: {
      frontend: { rpc: rpc(ports.frontend, ports.frontendMembership) },
      history: { rpc: rpc(ports.history, ports.historyMembership) },
      matching: { rpc: rpc(ports.matching, ports.matchingMembership) },
      worker: { rpc: rpc(ports.worker, ports.workerMembership) },
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${ports.frontend}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: join(folder, 'dynamic.yaml'), pollInterval: '10s' },
  };
}

/** What the server reads again every ten seconds. */
export function dynamicConfig(forTests: boolean): Record<string, { value: unknown }[]> {
  return {
    'frontend.enableServerVersionCheck': [{ value: false }],
    'limit.maxIDLength': [{ value: 255 }],
    'matching.numTaskqueueReadPartitions': [{ value: 1 }],
    'matching.numTaskqueueWritePartitions': [{ value: 1 }],
    'frontend.namespaceRPS.visibility': [{ value: 100 }],
    // A workflow whose task fails is marked after as many attempts.
    'system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute': [{ value: 3 }],
    ...(forTests && {
      'frontend.WorkflowTimeSkippingEnabled': [{ value: true }],
      // Skipped time passes in steps of this; it makes many timers at once late, so production keeps one second.
      'history.timerProcessorMaxTimeShift': [{ value: '25ms' }],
      'history.workflowIdReuseMinimalInterval': [{ value: '0s' }],
    }),
  };
}

/** Temporal's own web interface: to look, not to touch. */
export function uiConfig({ ports, tls, codec }: { ports: Ports; tls: TlsFiles; codec: string }): object {
  return {
    temporalGrpcAddress: `127.0.0.1:${ports.frontend}`,
    tls: {
      caFile: tls.ca,
      certFile: tls.certificate,
      keyFile: tls.key,
      serverName,
      enableHostVerification: true,
    },
    host: '127.0.0.1',
    port: ports.temporalUi,
    enableUi: true,
    codec: { endpoint: codec, includeCredentials: true },
    cors: { cookieInsecure: true },
    disableWriteActions: true,
  };
}

/** Both sides show a certificate, on every call; renewed files are read again. */
function mutualTls({ ca, certificate: certFile, key: keyFile }: TlsFiles): object {
  const server = { certFile, keyFile, requireClientAuth: true, clientCaFiles: [ca] };
  const client = { serverName, rootCaFiles: [ca] };
  return {
    refreshInterval: '1m',
    internode: { server, client },
    frontend: { server, client },
    systemWorker: { certFile, keyFile, client },
  };
}

const rpc = (grpcPort: number, membershipPort: number): object => ({ grpcPort, membershipPort, bindOnLocalHost: true });
