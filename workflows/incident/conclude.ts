import { cancelOpen } from '../../domain/task.rules.ts';
import { now } from '../time.ts';
import type { IncidentContext } from './context.ts';

/** Leaves nothing open: tasks are cancelled, the report is sent, the copy is up to date. */
export async function conclude(context: IncidentContext): Promise<void> {
  const { incident } = context;
  const { current } = incident;
  if (current.tasks.some(({ status }) => status === 'open'))
    incident.apply({ ...current, tasks: cancelOpen(current.tasks, now()) }, { action: 'tasks.cancelled' });
  if (!context.hasReported) await reportEnd(context);
  await incident.settled();
}

/** Tells stakeholders how it ended, once; the actions of its review may take weeks. */
export async function reportEnd(context: IncidentContext): Promise<void> {
  const { incident, belongsTo, stored } = context;
  context.hasReported = true;
  await incident.saved();
  await stored.reportCompletion({ belongsTo });
}
