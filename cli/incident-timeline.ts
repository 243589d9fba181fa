import { type Event, eventText } from './incident-event.ts';
import { plain, table, when } from './print.ts';

/** How a command was kept and carried out says nothing of the incident. */
const bookkeeping = ['command.accepted', 'command.applied'];

/** One sentence for each event, the first at first. */
export const timelineText = ({ items }: { items: readonly Event[] }): string => {
  const commands = new Map(
    items.flatMap(({ subject, detail }) => (typeof detail?.['name'] === 'string' ? [[subject, detail['name']]] : [])),
  );
  let severity: string | undefined;
  const rows = items
    .filter(({ action }) => !bookkeeping.includes(action))
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
    .map((event) => {
      const text = eventText(event, { severity, commands });
      severity = severityAfter(event, severity);
      return [when(event.at), plain(event.actor.name), plain(text), plain(event.reason ?? '')];
    });
  return table(['at', 'who', 'what', 'why'], rows, 'nothing has happened');
};

/** An alert raises it without saying to what. */
const severityAfter = ({ action, detail }: Event, before: string | undefined): string | undefined => {
  if (action === 'incident.severity-raised') return undefined;
  const severity = detail?.['severity'];
  return typeof severity === 'string' ? severity : before;
};
