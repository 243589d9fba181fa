import { DomainError } from '../../domain/errors.ts';
import { idOf, kindOf } from '../../domain/identifiers.ts';
import type { Reference } from '../../domain/reference.ts';
import type { PublicStatus } from '../../domain/status-page.ts';
import { onlyRecord } from '../authorization.ts';
import { messagesTo } from '../notification/channel-message.ts';
import { notify } from '../notification/index.ts';
import type { ActivityPorts } from '../ports.ts';
import { kindIn, type Report } from '../record-kind.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'commands' | 'kinds' | 'outbox' | 'reports' | 'publicUrl'>;

interface Numbered {
  belongsTo: Reference;
  kind: 'completion' | 'status';
  number: number;
}

export const createReportActivities = (ports: Ports) => {
  const produce = async (
    { belongsTo, kind: what, number }: Numbered,
    ask: Parameters<ActivityPorts['kinds'][string]['reportOf']>[1],
  ): Promise<void> => {
    onlyRecord(ports, belongsTo);
    const { kind, id } = kindIn(ports.kinds, belongsTo);
    const report = await kind.reportOf(id, ask);
    await ports.reports.save(belongsTo, what, number, report.markdown, report.data);
    await send({ belongsTo, kind: what, number }, kind.workflowIdOf(id), report, ports);
  };

  return {
    /** Writes the report of a record that is over and sends it to its stakeholders, each once. */
    async reportCompletion({ belongsTo }: { belongsTo: Reference }): Promise<void> {
      await produce({ belongsTo, kind: 'completion', number: 1 }, { kind: 'completion' });
    },

    /** Sends what the owner wrote about how the record stands, in these commands, numbered; publishes what is public of it. */
    async reportStatus(ask: {
      belongsTo: Reference;
      number: number;
      commands: readonly string[];
      /** How the record stood with each, in public words. */
      stood?: Readonly<Record<string, { status: PublicStatus; rev: number }>>;
    }): Promise<void> {
      const { belongsTo, number, commands, stood = {} } = ask;
      onlyRecord(ports, belongsTo);
      const { kind, id } = kindIn(ports.kinds, belongsTo);
      const reports = await ports.commands.statusReports(kind.workflowIdOf(id), commands);
      for (const { command, at, text, isPublic, publicTitle: title } of reports)
        if (isPublic && stood[command]) await kind.publish?.(id, { command, at, ...stood[command], title, text });
      const text = reports.map((report) => report.text).join('\n\n');
      if (text === '') throw new DomainError('not-found', `nobody reported how ${belongsTo} stands`);
      await produce({ belongsTo, number, kind: 'status' }, { kind: 'status', text });
    },
  };
};

const send = async (
  { belongsTo, kind, number }: Numbered,
  workflowId: string,
  { event, path, title, markdown, status, team, stakeholders, catalogueRevision }: Report,
  ports: Ports,
): Promise<void> => {
  const key = `${workflowId}/report/${kind}/${number}`;
  const notice = { reason: 'reported', title, markdown } as const;
  if (stakeholders.length === 0) return notify(ports, { key, belongsTo, to: { team }, notice });
  for (const name of stakeholders) {
    const channel = await ports.catalogue.find('NotificationChannel', name, catalogueRevision);
    if (!channel) continue;
    const type = `${event}.${kind === 'completion' ? status : 'status-reported'}`;
    const link = `${ports.publicUrl}${path}`;
    const data = { [kindOf(belongsTo)]: idOf(belongsTo), status, report: kind, number, link };
    const said = { subject: title, text: markdown, short: `${title} ${link}`, link, event: type, data };
    for (const { suffix, message } of messagesTo(name, channel, said))
      await ports.outbox.put(`${key}/${name}${suffix}`, belongsTo, message);
  }
};
