import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createActivities, createRecordKinds, type WorldPorts } from '../activities/index.ts';
import { sweepRoutines } from '../activities/routine/sweep.ts';
import type { HistoryPorts } from '../activities/history.ts';
import type { Database } from '../storage/database.ts';
import { createHistoryStore } from '../storage/history.ts';
import { createRoutineScheduleStore } from '../storage/routine-schedule.ts';
import { createStallStore } from '../storage/stall.ts';
import type { Config } from './config.ts';
import { openHistory } from './history-json.ts';
import { lookQueueOf } from '../workflows/objective.messages.ts';
import { startLoop } from './loop.ts';
import { sealed } from './payload-codec.ts';
import { keepRoutineSchedules } from './routine/schedule.ts';
import { keepSchedules } from './schedules.ts';
import { workflowBundle as bundled } from './workflow-bundle.ts';
import { loadPayloadKeys, type PayloadKeys } from './payload-keys.ts';
import { connectNative, ensureNamespace } from './temporal.ts';
import { createCallInterceptor } from './call-interceptor.ts';
import { createStallInterceptor } from './stall-interceptor.ts';

export interface Operations {
  /** Ends after the activities that run have finished or have been told to stop. */
  stop(): Promise<void>;
  /** Rejects when the worker dies. */
  ended: Promise<void>;
}

/** A workflow of somebody else that runs under the id of ours does not carry its record. */
const runs = (last: Pick<WorkflowExecutionDescription, 'status' | 'taskQueue'>, taskQueue: string): boolean =>
  last.status.name === 'RUNNING' && last.taskQueue === taskQueue;

/** Closed runs, and only those, as JSON that replays; opened, so that it can be read when the keys have changed. */
export const historyOf =
  (client: Client, keys: PayloadKeys, taskQueue: string): HistoryPorts['historyOf'] =>
  async (workflowId, runId) => {
    try {
      const handle = client.workflow.getHandle(workflowId, runId);
      const { status } = await handle.describe();
      if (status.name === 'RUNNING') return undefined;
      const [history, last] = await Promise.all([
        handle.fetchHistory(),
        client.workflow.getHandle(workflowId).describe(),
      ]);
      return {
        json: openHistory(historyToJSON(history), keys, { namespace: client.options.namespace, workflowId }),
        events: history.events?.length ?? 0,
        // Whoever ended the last one may have run it in the place of ours.
        ...(runs(last, taskQueue) ? {} : { lastStatus: last.status.name }),
      };
    } catch (error) {
      if (error instanceof Error && error.name === 'WorkflowNotFoundError') return undefined;
      throw error;
    }
  };

/** How the last run of a workflow ended; as `DELETED` where Temporal knows none. */
export const endOf =
  (client: Client, taskQueue: string): HistoryPorts['endOf'] =>
  async (workflowId) => {
    try {
      const last = await client.workflow.getHandle(workflowId).describe();
      return runs(last, taskQueue) ? undefined : { runId: last.runId, status: last.status.name };
    } catch (error) {
      if (error instanceof Error && error.name === 'WorkflowNotFoundError')
        return { runId: 'deleted', status: 'DELETED' };
      throw error;
    }
  };

/** The SDK's metrics on a port of their own, its log in ours. Once for each process, before anything else of the SDK. */
export function installRuntime(log: Logger, metricsPort: number | undefined): void {
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) =>
      log[level === 'ERROR' ? 'error' : level === 'WARN' ? 'warn' : 'debug'](readable(meta), message),
    ),
    telemetryOptions: {
      ...(metricsPort === undefined ? {} : { metrics: { prometheus: { bindAddress: `127.0.0.1:${metricsPort}` } } }),
      logging: { forward: {}, filter: 'WARN' },
    },
  });
}

/** An error is written as one under this name alone. */
const readable = ({ error, ...meta }: Record<string, unknown> = {}): object => ({
  ...meta,
  ...(error === undefined ? {} : error instanceof Error ? { err: error } : { error }),
});

/** Runs workflows and activities, and keeps the schedules. */
export async function startOperations(
  config: Config,
  db: Database,
  ports: WorldPorts,
  client: Client,
  log: Logger,
  signal: AbortSignal,
): Promise<Operations> {
  const [connection, workflowBundle] = await Promise.all([
    connectNative(config, (reason) => log.warn({ reason }, 'waiting for Temporal'), signal),
    bundled(),
  ]);
  const keys = loadPayloadKeys(config);
  const kinds = createRecordKinds(ports);
  await ensureNamespace(client, config.TEMPORAL_NAMESPACE);
  const taskQueue = config.EVENKEEL_TASK_QUEUE;
  const activities = createActivities(
    {
      ...ports,
      histories: createHistoryStore(db),
      historyOf: historyOf(client, keys, taskQueue),
      endOf: endOf(client, taskQueue),
    },
    kinds,
  );
  const usual = {
    connection,
    namespace: config.TEMPORAL_NAMESPACE,
    identity: `evenkeel-worker@${process.pid}`,
    dataConverter: sealed(keys),
    interceptors: {
      activity: [createCallInterceptor, createStallInterceptor(createStallStore(db), { ...ports, kinds }, log)],
    },
    // Short activities end by themselves; a step that runs longer is told to stop, and tried again elsewhere.
    // A program that is cancelled hears of it with a heartbeat.
    maxHeartbeatThrottleInterval: '2s',
    shutdownGraceTime: '2s',
    shutdownForceTime: '3s',
  } satisfies Partial<WorkerOptions>;
  const workers = await Promise.all([
    Worker.create({
      ...usual,
      taskQueue,
      workflowBundle,
      activities,
      maxCachedWorkflows: 500,
      maxConcurrentWorkflowTaskExecutions: 40,
      maxConcurrentActivityTaskExecutions: 40,
      stickyQueueScheduleToStartTimeout: '2s',
    }),
    Worker.create({
      ...usual,
      taskQueue: lookQueueOf(taskQueue),
      activities: { measureObjective: activities.measureObjective },
      maxConcurrentActivityTaskExecutions: mostSlowLooks,
    }),
  ]);
  const ended = Promise.all(workers.map((worker) => worker.run()))
    .then(() => undefined)
    .finally(() => void connection.close());
  const routinePorts = { ...ports, routineSchedules: createRoutineScheduleStore(db) };
  const scheduling = startLoop('schedules', scheduleEveryMs, log, async () => {
    await keepSchedules(client, taskQueue, ports);
    await keepRoutineSchedules(client, taskQueue, routinePorts, log);
    return 0;
  });
  // It goes on while Temporal is away: what was missed is written down all the same.
  const sweeping = startLoop('routines', scheduleEveryMs, log, async () => {
    await sweepRoutines(ports, ports.clock(Date.now()));
    return 0;
  });
  return {
    ended,
    async stop() {
      await Promise.all([scheduling.stop(), sweeping.stop()]);
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
    },
  };
}

const scheduleEveryMs = 60_000;
/** Of sources that are slow, so many at once: each has ten seconds for a question. */
const mostSlowLooks = 20;
