import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleSpec,
} from '@temporalio/client';

/** A workflow that is started again and again; the schedule and its workflows have one name. */
export interface WantedSchedule {
  name: string;
  workflowType: string;
  spec: ScheduleSpec;
  /** How much of what was missed is made up for; a number is milliseconds. */
  catchupWindow: number | '1 hour' | '1 day' | '25 days';
  /** Whether it is started as soon as its schedule is made. */
  beginsAtOnce?: boolean;
}

/**
 * Keeps the schedules whose ids begin with a prefix as they are wanted: makes what is missing, starts again what somebody has
 * paused, puts right what is another one, deletes what is wanted no more. With an empty prefix none is deleted.
 */
export const reconcileSchedules = async (
  client: Client,
  { prefix, taskQueue }: { prefix: string; taskQueue: string },
  wanted: readonly WantedSchedule[],
): Promise<void> => {
  const known = new Map<string, { isPaused: boolean; version: string | undefined }>();
  for await (const { scheduleId, state } of client.schedule.list())
    if (scheduleId.startsWith(prefix)) known.set(scheduleId, { isPaused: state.paused, version: state.note });
  await sideBySide(wanted, async (schedule) => {
    const id = `${prefix}${schedule.name}`;
    const found = known.get(id);
    if (!found) await createSchedule(client, taskQueue, id, schedule);
    else if (found.version !== versionOf(schedule)) await replace(client, taskQueue, id, schedule);
    else if (found.isPaused) await client.schedule.getHandle(id).unpause();
  });
  if (prefix === '') return;
  const ids = new Set(wanted.map(({ name }) => `${prefix}${name}`));
  const unwanted = [...known.keys()].filter((id) => !ids.has(id));
  await sideBySide(unwanted, (id) => removeSchedule(client, id));
};

/** Deletes the schedules whose ids begin with a prefix and are not among these. */
export const removeUnwanted = async (client: Client, prefix: string, ids: ReadonlySet<string>): Promise<void> => {
  const unwanted: string[] = [];
  for await (const { scheduleId } of client.schedule.list())
    if (scheduleId.startsWith(prefix) && !ids.has(scheduleId)) unwanted.push(scheduleId);
  await sideBySide(unwanted, (id) => removeSchedule(client, id));
};

/** Temporal takes a while for each, and there may be a thousand: so many at once. */
const atOnce = 16;
export const sideBySide = async <Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> => {
  const rest = items.values();
  const lane = async (): Promise<void> => {
    // One iterator for all: each item has one lane.
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
};

/** What a schedule was made of, so that a list alone says whether it is another one now. */
const versionOf = ({ workflowType, spec, catchupWindow }: WantedSchedule): string =>
  JSON.stringify({ workflowType, spec, catchupWindow });

export const createSchedule = async (
  client: Client,
  taskQueue: string,
  id: string,
  schedule: WantedSchedule,
): Promise<void> => {
  const { workflowType, spec, catchupWindow, beginsAtOnce = false } = schedule;
  try {
    await client.schedule.create({
      scheduleId: id,
      spec,
      state: { note: versionOf(schedule), triggerImmediately: beginsAtOnce },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
      action: { type: 'startWorkflow', workflowType, taskQueue, workflowId: id },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    // The list lags behind.
    await client.schedule.getHandle(id).unpause();
  }
};

const replace = async (client: Client, taskQueue: string, id: string, schedule: WantedSchedule): Promise<void> => {
  await removeSchedule(client, id);
  // A run of the former one is under way: two versions of ours, side by side, would begin one more at each turn.
  await createSchedule(client, taskQueue, id, { ...schedule, beginsAtOnce: false });
};

/** Deletes a schedule, if it is there. */
export const removeSchedule = async (client: Client, id: string): Promise<void> => {
  try {
    await client.schedule.getHandle(id).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
};
