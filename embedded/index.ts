import { renewCertificates, tlsIn } from './certificates.ts';
import type { ChildPlan, SupervisorOptions } from './child.ts';
import { createDatabases } from './databases.ts';
import { makePassable } from './folder.ts';
import { livingChild } from './pid-file.ts';
import { portsOf } from './ports.ts';
import { type Postgres, preparePostgres } from './postgres.ts';
import { createSupervisor } from './supervisor.ts';
import { keeperOf, planTemporal, temporalSettings, tlsFolder, updateSchemas } from './temporal.ts';
import { provideTemporal } from './temporal-binaries.ts';

export interface ServersOptions extends SupervisorOptions {
  /** Gives up starting: what runs by then is stopped. */
  signal?: AbortSignal;
  maxConnections?: number;
  /** Speed instead of durability, and time that may be skipped. */
  forTests?: boolean;
}

export interface Servers {
  databaseUrl: string;
  /** For whoever creates databases: the superuser on database `postgres`. */
  adminUrl: string;
  /** How to reach Temporal: the variables that our own processes read. */
  temporal: Record<string, string>;
  /** Keeps one more process running beside the servers; resolves when it is ready. */
  run: (plan: ChildPlan) => Promise<void>;
  /** Stops everything, the last started first. */
  stop: () => Promise<void>;
}

const renewEveryMs = 86_400_000;

/**
 * Starts PostgreSQL and Temporal in a state folder, or adopts them if an earlier supervisor left them running.
 * Rejects, with nothing left running, if one of them cannot be had or does not get ready.
 */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const { stateDir, say, maxConnections = 120, forTests = false } = options;
  const stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, ...(options.signal ? [options.signal] : [])]);
  const supervisor = createSupervisor({ stateDir, say, pace: options.pace });
  let postgres: Postgres | undefined;
  // Temporal reads renewed certificates by itself; whoever calls it reads them at its start.
  const renewals: string[] = [];
  const renew = async (): Promise<void> => {
    if (!(await renewCertificates(tlsFolder(stateDir)))) return;
    say('The certificates of Temporal were renewed');
    for (const name of renewals) await supervisor.restart(name);
  };
  const renewal = setInterval(() => {
    if (renewals.length > 0) renew().catch((error: unknown) => say(`Certificates are not renewed: ${String(error)}`));
  }, renewEveryMs).unref();
  const stop = async (): Promise<void> => {
    stopping.abort();
    clearInterval(renewal);
    await supervisor.stop();
    postgres?.tidyUp();
  };
  options.signal?.addEventListener('abort', () => void stop().catch(() => undefined), { once: true });

  try {
    makePassable(stateDir);
    const binaries = await provideTemporal(say, signal, keeperOf(stateDir));
    postgres = await preparePostgres({ stateDir, maxConnections, forTests });
    signal.throwIfAborted();
    await supervisor.run(postgres.plan);
    await createDatabases(postgres);

    const ports = await portsOf(stateDir, {
      mayMove: !livingChild(stateDir, 'temporal') && !livingChild(stateDir, 'temporal-ui'),
    });
    const tls = binaries.kind === 'server' ? tlsIn(tlsFolder(stateDir)) : undefined;
    if (tls) await renewCertificates(tlsFolder(stateDir));
    const temporal = planTemporal({ stateDir, ports, binaries, tls, postgres, forTests });
    if (binaries.kind === 'server' && !supervisor.survives(temporal)) await updateSchemas(postgres, binaries.sqlTool);
    signal.throwIfAborted();
    await supervisor.run(temporal);

    return {
      databaseUrl: postgres.url('evenkeel', 'evenkeel'),
      adminUrl: postgres.url('postgres', 'postgres'),
      temporal: temporalSettings(ports, tls),
      async run(plan) {
        await supervisor.run(plan);
        if (tls) renewals.push(plan.name);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
