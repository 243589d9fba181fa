import type { ShownIncident } from '../api/routes/incident/reads.ts';
import type { OrderedRunbook } from '../domain/incident.ts';
import type { Rating } from '../domain/incident/rating.ts';
import { nextSteps } from './incident-next.ts';
import { actionsText, reviewFacts } from './incident-review-text.ts';
import { facts, plain, short, span, status, table, when } from './print.ts';

export const incidentsText = (incidents: readonly ShownIncident[]): string =>
  table(
    ['number', 'severity', 'status', 'service', 'assignee', 'title', 'opened'],
    incidents.map(({ number, severity, status: stands, service, assignee, title, openedAt }) => [
      String(number),
      severity,
      status(stands),
      plain(service ?? ''),
      plain(assignee ?? ''),
      short(title),
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
      ['severity', [severity, ...weightOf(shown)].join(', ')],
      ['cancelled', cancelledText(shown)],
      ['service', plain(place)],
      ['team', plain(team)],
      ['opened', when(openedAt)],
      ['noticed', noticedText(shown)],
      [
        'felt',
        record?.open
          .map(({ from, until }) => `${when(from)} to ${until === undefined ? 'now' : when(until)}`)
          .join(', '),
      ],
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
      ...reviewFacts(record?.review),
      ['known error', shown.knownErrors.map(knownErrorText).join('; ')],
      [
        'problem',
        shown.problems.map((each) => `problem ${each.number}, ${status(each.status)}: ${plain(each.title)}`).join('; '),
      ],
      ['similar', shown.similar.slice(0, 3).map(similarText).join('; ')],
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
    `${kinds[record?.kind ?? 'real']}Incident ${number}: ${plain(title)}`,
    about,
    ...actionsText(record?.review),
    ...(next.length > 0 ? [['next', ...next.map((line) => `  ${line}`)].join('\n')] : []),
  ].join('\n\n');
};

const knownErrorText = ({ problem, symptom, workaround, runbook }: ShownIncident['knownErrors'][number]): string =>
  [
    `problem ${problem}: ${plain(symptom)}`,
    ...(workaround === '' ? [] : [plain(workaround)]),
    ...(runbook === undefined ? [] : [`runbook ${runbook}`]),
  ].join(', ');

const similarText = ({ number, title, solution, why }: ShownIncident['similar'][number]): string =>
  [
    `incident ${number}: ${plain(title)}`,
    ...(solution === null ? [] : [`resolved by: ${plain(solution)}`]),
    plain(why.join(', ')),
  ].join(', ');

const kinds = { real: '', drill: 'DRILL ', backfilled: 'BACKFILLED ' } as const;

const weightOf = ({ record }: ShownIncident): string[] =>
  Object.entries({ priority: record?.priority, impact: record?.impact, urgency: record?.urgency }).flatMap(
    ([name, value]) => (value === undefined ? [] : [`${name} ${value}`]),
  );

const cancelledText = ({ record }: ShownIncident): string | undefined => {
  if (record?.status !== 'cancelled') return undefined;
  const { code, of, reason } = record.cancellation;
  return `${of === undefined ? code : `merged into incident ${of}`}: ${plain(reason)}`;
};

const noticedText = ({ record }: ShownIncident): string | undefined => {
  if (!record) return undefined;
  const { detectedBy, detectedAt } = record;
  const who =
    detectedBy.by === 'person'
      ? `declared by ${detectedBy.name}`
      : detectedBy.by === 'alert'
        ? `by an alert of ${detectedBy.source}`
        : `by plan ${detectedBy.plan}`;
  return `${plain(who)}, ${when(detectedAt)}`;
};

const ratingText = ({ person, score, comment }: Rating): string =>
  `${score} of 5 by ${plain(person)}${comment === undefined ? '' : `: ${plain(comment)}`}`;

const runbookText = ({ runbook, status: stands, outcome, approval }: OrderedRunbook): string => {
  const asks = stands === 'asking' && approval !== undefined ? ` (approval ${approval})` : '';
  return `${runbook} ${stands}${asks}${outcome === undefined ? '' : `: ${plain(outcome)}`}`;
};

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
  if (stands !== 'running' || nextAt === undefined) return people;
  const { snoozedUntil = nextAt } = record;
  return `${people}; next ${when(snoozedUntil > nextAt ? snoozedUntil : nextAt)}`;
};
