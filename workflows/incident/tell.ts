import { type IncidentContext, notify } from './context.ts';

/** Tells a person that the incident is theirs now, unless they have just said so themselves. */
export async function tellAssignee(context: IncidentContext): Promise<void> {
  const { assignee, acknowledgement, rev } = context.incident.current;
  context.toldAssignee = assignee;
  if (assignee === undefined || assignee === 'evenkeel' || acknowledgement?.by === assignee) return;
  await notify(context, `assigned/${rev}`, { person: assignee }, { reason: 'incident-assigned' });
}

/** Sends the stakeholders what was written for them, in its order and numbered. */
export async function sendUpdate({ incident, belongsTo, stored }: IncidentContext): Promise<void> {
  const { sent, unsent } = incident.current.updates;
  const number = sent + 1;
  const commands = unsent.map(({ command }) => command);
  const stood = Object.fromEntries(unsent.map(({ command, ...standing }) => [command, standing]));
  await incident.settle(stored.reportStatus({ belongsTo, number, commands, stood }));
  const { updates } = incident.current;
  const left = updates.unsent.filter(({ command }) => !commands.includes(command));
  incident.apply(
    { ...incident.current, updates: { ...updates, sent: number, unsent: left } },
    { action: 'incident.status-sent' },
  );
}
