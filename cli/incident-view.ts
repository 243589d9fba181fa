import type { ShownIncident } from '../api/routes/incident/reads.ts';
import type { OrderedRunbook } from '../domain/incident.ts';
import type { Rating } from '../domain/incident/rating.ts';
import { facts, plain, span, status, table, when } from './print.ts';

export const incidentsText = (incidents: readonly ShownIncident[]): string =>
  table(
    ['number', 'severity', 'status', 'service', 'assignee', 'title', 'opened'],
    incidents.map(({ number, severity, status: stands, service, assignee, title, openedAt }) => [
      String(number),
      severity,
      status(stands),
      plain(service ?? ''),
      plain(assignee ?? ''),
      plain(title),
      when(openedAt),
    ]),
    'no incidents',
  );

/** All that is known of it, and what can be done next. */
export const incidentText = (shown: ShownIncident): string => {
  const { number, title, severity, service, environment, team, openedAt, record } = shown;
  const place = [service, environment].filter((name) => name !== null).join(' in ') || 'not known yet';
  const about = facts(
    [
      ['status', status(shown.status)],
      ['severity', record?.priority === undefined ? severity : `${severity}, priority ${record.priority}`],
      ['service', plain(place)],
      ['team', plain(team)],
      ['opened', when(openedAt)],
      ['felt', record?.open.map(({ from, until }) => `${from} to ${until ?? 'now'}`).join(', ')],
      [
        'alerts',
        record !== null && record.alerts.total > 0
          ? `${record.alerts.firing} of ${record.alerts.total} fire`
          : undefined,
      ],
      ['flapping', shown.flapping.map(plain).join(', ')],
      ['origin', shown.origins.length > 1 || shown.origins[0] !== service ? shown.origins.join(', ') : undefined],
      [
        'suspected',
        shown.suspects
          .slice(0, 3)
          .map(({ id, minutesBefore }) => `${id}, ${minutesBefore} min before`)
          .join('; '),
      ],
      ['assignee', record?.assignee],
      [
        'acknowledged',
        record?.acknowledgement && `by ${record.acknowledgement.by}, ${when(record.acknowledgement.at)}`,
      ],
      ['time to own', clockText(shown, 'own')],
      ['time to resolve', clockText(shown, 'resolve')],
      ['paged', pagedText(shown)],
      ['snoozed', record?.snoozedUntil && `until ${when(record.snoozedUntil)}`],
      [
        'roles',
        record === null
          ? undefined
          : Object.entries(record.roles)
              .map(([role, person]) => `${role}: ${person}`)
              .join(', '),
      ],
      ['suggested', record?.suggested.join(', ')],
      ['runbooks', record?.runbooks.map(runbookText).join('; ')],
      ['on hold', record?.hold && `for ${record.hold.reason}, until ${when(record.hold.until)}`],
      ['strategy', record?.strategy],
      ['solution', record?.resolution && plain(record.resolution.solution)],
      ['review', record?.review && `${record.review.status}, ${plain(record.review.because)}`],
      ['parent', linkedText(shown.links.parent)],
      ['children', shown.links.children.map(linkedText).join('; ')],
      ['split from', linkedText(shown.links.splitFrom)],
      ['split into', shown.links.splitInto.map(linkedText).join('; ')],
      ['published', record?.updates.publishedAt && `last ${when(record.updates.publishedAt)}`],
      ['rated', shown.ratings.map(ratingText).join('; ')],
      ['follows', record?.follows === undefined ? undefined : `incident ${record.follows}`],
    ],
    '',
  );
  const next = nextSteps(shown);
  return [
    `Incident ${number}: ${plain(title)}`,
    about,
    ...(next.length > 0 ? [['next', ...next.map((line) => `  ${line}`)].join('\n')] : []),
  ].join('\n\n');
};

const ratingText = ({ person, score, comment }: Rating): string =>
  `${score} of 5 by ${plain(person)}${comment === undefined ? '' : `: ${plain(comment)}`}`;

const runbookText = ({ runbook, status: stands, outcome }: OrderedRunbook): string =>
  `${runbook} ${stands}${outcome === undefined ? '' : `: ${plain(outcome)}`}`;

const linkedText = (other: ShownIncident['links']['parent']): string | undefined =>
  other === null ? undefined : `incident ${other.number}, ${status(other.status)}: ${plain(other.title)}`;

const clockText = ({ clocks }: ShownIncident, of: 'own' | 'resolve'): string | undefined => {
  const clock = clocks.find((each) => each.of === of);
  if (!clock) return undefined;
  const target = `${status(clock.state)}, of ${span(clock.target)}`;
  return clock.state === 'met' ? target : `${target}, due ${when(clock.dueAt)}`;
};

const pagedText = ({ record }: ShownIncident): string | undefined => {
  if (!record) return undefined;
  const { paged, status: stands, nextAt } = record.escalation;
  const people = paged.join(', ');
  if (stands === 'exhausted') return `${people}; nobody is left to page`;
  return stands === 'running' && nextAt !== undefined ? `${people}; next ${when(nextAt)}` : people;
};

/** The commands that move it on from where it stands. */
const nextSteps = ({ number, status: stands, record }: ShownIncident): string[] => {
  const own = `evenkeel incident`;
  const isOpen = ['detected', 'triaged', 'investigating', 'mitigating'].includes(stands);
  const acknowledge = isOpen && !record?.acknowledgement ? [`${own} acknowledge ${number}`] : [];
  switch (stands) {
    case 'detected':
      return [...acknowledge, `${own} triage ${number} SERVICE`];
    case 'triaged':
      return [...acknowledge, `${own} cancel ${number} false-positive --reason "…"`];
    case 'investigating':
      return [
        ...acknowledge,
        `${own} mitigate ${number} STRATEGY`,
        `${own} cancel ${number} false-positive --reason "…"`,
      ];
    case 'mitigating':
      return [...acknowledge, `${own} restore ${number}`];
    case 'on-hold':
      return [`${own} resume ${number} --reason "…"`];
    case 'monitoring':
      return [`${own} resolve ${number} --solution "…"`];
    case 'resolved':
      return [`${own} reopen ${number} --reason "…"`];
    case 'review':
      return [`${own} review ${number}`, `${own} sign-review ${number}`];
    default:
      return [];
  }
};

interface Entry {
  at: string;
  actor: { name: string };
  action: string;
  reason?: string;
  detail?: Record<string, unknown>;
}

export const timelineText = ({ items }: { items: readonly Entry[] }): string =>
  table(
    ['at', 'who', 'what', 'why'],
    items.map(({ at, actor, action, reason, detail }) => [
      at,
      plain(actor.name),
      action,
      plain(
        [reason ?? '', ...Object.entries(detail ?? {}).map(([name, value]) => `${name}: ${textOf(value)}`)]
          .filter(Boolean)
          .join('; '),
      ),
    ]),
  );

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
