import { type Client, type ScheduleDescription, ScheduleNotFoundError } from '@temporalio/client';
import type { Logger } from 'pino';
import { evenkeel } from '../../domain/actor.rules.ts';
import type { LedgerEntry } from '../../domain/audit.ts';
import { digestOf } from '../../domain/digest.ts';
import type { Document } from '../../domain/document.ts';
import { routineReference } from '../../domain/identifiers.ts';
import type { CatalogueStore } from '../../domain/ports.ts';
import type { RoutineStore } from '../../domain/routine/ports.ts';
import type { Drift, KeptSchedule, RoutineScheduleStore } from '../../storage/routine-schedule.ts';
import { routineWorkflowType } from '../../workflows/routine.messages.ts';
import {
  createSchedule,
  removeSchedule,
  removeUnwanted,
  sideBySide,
  type WantedSchedule,
} from '../temporal-schedules.ts';

interface Ports {
  catalogue: CatalogueStore;
  routines: Pick<RoutineStore, 'state'>;
  routineSchedules: RoutineScheduleStore;
}

/** Keeps a schedule in Temporal for each routine. What others have done to one there is mended, and written down by its name. */
export const keepRoutineSchedules = async (
  client: Client,
  taskQueue: string,
  ports: Ports,
  log?: Pick<Logger, 'warn'>,
): Promise<void> => {
  const documents = await ports.catalogue.list('Routine', await ports.catalogue.revision());
  const prefix = `routine/${taskQueue}/`;
  await removeUnwanted(client, prefix, new Set(documents.map(({ name }) => `${prefix}${name}`)));
  // One that Temporal does not take keeps no other from its own.
  const failures: unknown[] = [];
  await sideBySide(documents, async (document) => {
    try {
      const drift = await keep(client, { taskQueue, id: `${prefix}${document.name}` }, document, ports);
      if (drift) log?.warn({ routine: document.name, drift: drift.what }, 'a schedule in Temporal was mended');
    } catch (error) {
      failures.push(error);
    }
  });
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} schedules are not as they should be`);
};

const scheduleOf = ({ name, spec: { cron, zone } }: Document<'Routine'>): WantedSchedule => ({
  name,
  workflowType: routineWorkflowType,
  // What the clocks leave out or show twice is another time there: that is found by the sweep.
  spec: { cronExpressions: [cron], timezone: zone },
  catchupWindow: '1 hour',
});

const keep = async (
  client: Client,
  { taskQueue, id }: { taskQueue: string; id: string },
  document: Document<'Routine'>,
  { routines, routineSchedules }: Ports,
): Promise<Drift | undefined> => {
  const { name, spec } = document;
  const foundAt = new Date().toISOString();
  const isPaused = spec.paused || (await routines.state(name, foundAt)).paused !== null;
  const wanted = scheduleOf(document);
  const version = digestOf(wanted);
  const [kept, found] = [await routineSchedules.scheduleOf(name), await describe(client, id)];
  const what = kept?.version === version ? driftOf(kept, found) : undefined;
  const isAnother = !found || kept?.version !== version || what === 'changed';
  if (!isAnother && what === undefined && kept.isPaused === isPaused) return undefined;
  if (isAnother) {
    await removeSchedule(client, id);
    await createSchedule(client, taskQueue, id, wanted);
  }
  const handle = client.schedule.getHandle(id);
  const { state, ...looks } = await handle.describe();
  if (isPaused && !state.paused) await handle.pause(`paused by Evenkeel, as routine ${name} is`);
  if (!isPaused && state.paused) await handle.unpause();
  const drift = what && { what, foundAt };
  const left = { version, looks: isAnother ? looksOf(looks) : kept.looks, isPaused };
  await routineSchedules.keepSchedule(name, left, drift && { drift, entry: entryOf(name, id, drift) });
  return drift;
};

const entryOf = (name: string, schedule: string, { what, foundAt: at }: Drift): LedgerEntry => {
  const subject = routineReference(name);
  return {
    key: `${subject}/schedule/${at}`,
    at,
    actor: evenkeel,
    action: 'routine.schedule-mended',
    subject,
    detail: { schedule, was: what },
  };
};

/** What others have done to a schedule since it was left. */
const driftOf = (kept: KeptSchedule, found: ScheduleDescription | undefined): Drift['what'] | undefined => {
  if (!found) return 'deleted';
  if (looksOf(found) !== kept.looks) return 'changed';
  if (found.state.paused === kept.isPaused) return undefined;
  return found.state.paused ? 'paused' : 'unpaused';
};

const looksOf = ({ spec, action, policies }: Omit<ScheduleDescription, 'state'>): string =>
  digestOf({ spec, action, policies });

const describe = async (client: Client, id: string): Promise<ScheduleDescription | undefined> => {
  try {
    return await client.schedule.getHandle(id).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
};
