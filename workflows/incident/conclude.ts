import { cancelOpen } from '../../domain/task.rules.ts';
import { now } from '../time.ts';
import type { IncidentContext } from './context.ts';

/** Leaves nothing open: tasks are cancelled, the report is sent, the copy is up to date. */
export async function conclude({ incident, belongsTo, stored }: IncidentContext): Promise<void> {
  const { current } = incident;
  if (current.tasks.some(({ status }) => status === 'open'))
    incident.apply({ ...current, tasks: cancelOpen(current.tasks, now()) }, { action: 'tasks.cancelled' });
  await incident.saved();
  await stored.reportCompletion({ belongsTo });
  await incident.settled();
}
