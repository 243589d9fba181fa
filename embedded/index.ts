import type { ChildPlan, SupervisorOptions } from './child.ts';
import { createDatabases } from './databases.ts';
import { makePassable } from './folder.ts';
import { livingChild } from './pid-file.ts';
import { portsOf } from './ports.ts';
import { type Postgres, preparePostgres } from './postgres.ts';
import { createSupervisor } from './supervisor.ts';
import { keeperOf, planTemporal, planTemporalUi, temporalAddress, temporalUiUrl, updateSchemas } from './temporal.ts';
import { findTemporalUi, provideTemporal, provideTemporalUi } from './temporal-binaries.ts';

export interface ServersOptions extends SupervisorOptions {
  /** Gives up starting: what runs by then is stopped. */
  signal?: AbortSignal;
  maxConnections?: number;
  /** Speed instead of durability, and time that may be skipped. */
  forTests?: boolean;
  /** Whether to run Temporal's own web interface. */
  ui?: boolean;
}

export interface Servers {
  databaseUrl: string;
  /** For whoever creates databases: the superuser on database `postgres`. */
  adminUrl: string;
  temporalAddress: string;
  /** It answers some time later than the rest, or not at all if it cannot be built. */
  temporalUiUrl: string | undefined;
  /** Keeps one more process running beside the servers; resolves when it is ready. */
  run: (plan: ChildPlan) => Promise<void>;
  /** To be called when everything else is ready: building the web interface takes a while, and nobody waits for it. */
  startTemporalUi: () => void;
  /** Stops everything, the last started first. */
  stop: () => Promise<void>;
}

/**
 * Starts PostgreSQL and Temporal in a state folder, or adopts them if an earlier supervisor left them running.
 * Rejects, with nothing left running, if one of them cannot be had or does not get ready.
 */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const { stateDir, say, maxConnections = 120, forTests = false, ui = true } = options;
  const stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, ...(options.signal ? [options.signal] : [])]);
  const supervisor = createSupervisor({ stateDir, say, pace: options.pace });
  let postgres: Postgres | undefined;
  const stop = async (): Promise<void> => {
    stopping.abort();
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
    const temporal = planTemporal({ stateDir, ports, binaries, postgres, forTests });
    if (binaries.kind === 'server' && !supervisor.survives(temporal)) await updateSchemas(postgres, binaries.sqlTool);
    signal.throwIfAborted();
    await supervisor.run(temporal);

    const foundUi = ui && binaries.kind === 'server' ? await findTemporalUi(binaries.folder) : undefined;
    const runUi = async (): Promise<void> => {
      if (!foundUi) return;
      const program = await provideTemporalUi(foundUi, { say, signal });
      signal.throwIfAborted();
      await supervisor.run(planTemporalUi(stateDir, ports, program));
    };

    return {
      databaseUrl: postgres.url('evenkeel', 'evenkeel'),
      adminUrl: postgres.url('postgres', 'postgres'),
      temporalAddress: temporalAddress(ports),
      temporalUiUrl: foundUi || binaries.kind === 'cli' ? temporalUiUrl(ports) : undefined,
      run: supervisor.run,
      startTemporalUi: () => {
        runUi().catch((error: unknown) => {
          if (!signal.aborted)
            say(`Temporal UI does not run: ${error instanceof Error ? error.message : String(error)}`);
        });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
