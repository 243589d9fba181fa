import { splitAsked, splitInto } from '../../domain/incident/link.rules.ts';
import type { IncidentContext } from './context.ts';

/** Somebody has split alerts off, which are not those of another incident yet. */
export const isToSplit = ({ incident: { current } }: IncidentContext): boolean => splitAsked(current) !== undefined;

/** Makes another incident of them, once for each command. */
export async function split({ incident, stored }: IncidentContext): Promise<void> {
  const command = splitAsked(incident.current);
  if (command === undefined) return;
  const { number } = incident.current;
  const { into } = await incident.settle(stored.splitIncident({ number, command }));
  if (into === undefined)
    incident.apply(splitInto(incident.current, command, into), {
      action: 'incident.split-off-nothing',
      reason: 'none of the alerts belongs to it any more, or none would stay',
    });
  else incident.apply(splitInto(incident.current, command, into), { action: 'incident.split-off', detail: { into } });
}
