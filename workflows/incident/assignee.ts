import { type IncidentContext, notify } from './context.ts';

/** Tells a person that the incident is theirs now, unless they have just said so themselves. */
export async function tellAssignee(context: IncidentContext): Promise<void> {
  const { assignee, acknowledgement, rev } = context.incident.current;
  context.toldAssignee = assignee;
  if (assignee === undefined || assignee === 'evenkeel' || acknowledgement?.by === assignee) return;
  await notify(context, `assigned/${rev}`, { person: assignee }, { reason: 'incident-assigned' });
}
