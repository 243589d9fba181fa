import { DomainError } from '../../domain/errors.ts';
import type { Incident } from '../../domain/incident.ts';
import { asksForRating } from '../../domain/incident/rating.rules.ts';
import type { ActivityPorts } from '../ports.ts';
import type { RecordKind, Report } from '../record-kind.ts';
import { plain } from '../report/markdown.ts';
import { knownIncident } from './known.ts';

/** The report of an incident's end. */
export async function incidentReport(
  { incidents, catalogue }: Pick<ActivityPorts, 'catalogue' | 'incidents'>,
  number: number,
  ask: Parameters<RecordKind['reportOf']>[1],
): Promise<Report> {
  const { record, team, commission } = await knownIncident(incidents, number);
  if (!record) throw new DomainError('not-found', `incident ${number} has not begun`);
  const { catalogueRevision } = commission;
  const service = record.service === undefined ? undefined : await catalogue.find('Service', record.service);
  const about = {
    event: 'evenkeel.incident',
    path: `/v1/incidents/${number}`,
    status: record.status,
    team,
    // What nobody had been told of, and then was cancelled, is news for nobody; a private one, for its people alone.
    stakeholders:
      commission.privateTo !== undefined || (record.status === 'cancelled' && record.updates.sent === 0)
        ? []
        : (service?.stakeholders ?? []),
    catalogueRevision,
  };
  if (ask.kind === 'status')
    return {
      ...about,
      stakeholders: [...new Set([...about.stakeholders, ...(await ofChildren({ incidents, catalogue }, number))])],
      title: `Status: incident ${number}`,
      markdown: `# Incident ${number}: ${plain(record.title)}\n\n${ask.text}\n`,
      data: { incident: number, status: record.status, text: ask.text },
    };
  return {
    ...about,
    title: `Incident ${number} ${record.status}: ${record.title}`,
    // The end comes once, whatever was reopened before: so does the question.
    markdown: `${markdownOf(record)}${asksForRating(record) && about.stakeholders.length > 0 ? ratingAsked(number) : ''}`,
    data: record,
  };
}

/** Whoever waits for news of a part hears what is said of the whole. */
const ofChildren = async (
  { incidents, catalogue }: Pick<ActivityPorts, 'catalogue' | 'incidents'>,
  number: number,
): Promise<string[]> => {
  const children = await incidents.childrenOf(number);
  const services = children.flatMap(({ record, closedAt }) => (closedAt === null ? (record?.service ?? []) : []));
  const found = await Promise.all([...new Set(services)].map((name) => catalogue.find('Service', name)));
  return found.flatMap((service) => service?.stakeholders ?? []);
};

const ratingAsked = (number: number): string =>
  `\nHow was it handled? Say so from 1 (poor) to 5 (good):\n\n    evenkeel incident rate ${number} SCORE --comment "…"\n`;

const markdownOf = (incident: Incident): string => {
  const { number, title, severity, service, environment, times, alerts, open, detectedAt } = incident;
  const downMs = open.reduce(
    (sum, { from, until }) => sum + (until === undefined ? 0 : Date.parse(until) - Date.parse(from)),
    0,
  );
  const facts: [string, string | undefined][] = [
    ['Severity', severity],
    ['Service', service],
    ['Environment', environment],
    ['Felt since', open[0]?.from],
    ['Detected', detectedAt],
    ['First paged', times.notifiedAt],
    ['Acknowledged', times.acknowledgedAt],
    ['Restored', times.restoredAt],
    ['Resolved', times.resolvedAt],
    ['Felt for', `${Math.round(downMs / 1000)} s`],
    ['Alerts', String(alerts.total)],
    ['Solution', incident.resolution && `${incident.resolution.solution} (${incident.resolution.code})`],
    ['Outcome', 'outcome' in incident ? incident.outcome : incident.status],
  ];
  const rows = facts.flatMap(([name, value]) => (value === undefined ? [] : `| ${name} | ${plain(value)} |`));
  return `# Incident ${number}: ${plain(title)}\n\n| | |\n|---|---|\n${rows.join('\n')}\n`;
};
