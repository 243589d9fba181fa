import type { ShownProblem } from '../api/routes/problem/reads.ts';
import type { Claim } from '../domain/problem/claim.ts';
import type { CorrectiveAction } from '../domain/problem/action.ts';
import type { Problem } from '../domain/problem.ts';
import { facts, plain, short, status, table, when } from './print.ts';

export const problemsText = (problems: readonly ShownProblem[]): string =>
  table(
    ['number', 'priority', 'status', 'service', 'owner', 'title', 'opened'],
    problems.map(({ number, priority, status: stands, service, owner, title, openedAt }) => [
      String(number),
      priority === null ? '' : String(priority),
      status(stands),
      plain(service ?? ''),
      plain(owner ?? ''),
      short(title),
      when(openedAt),
    ]),
    'no problems',
  );

/** All that is known of it: what is said of its cause, what is done about it, and what the numbers show. */
export const problemText = (shown: ShownProblem): string => {
  const { number, title, service, environment, team, openedAt, record, incidents } = shown;
  const place = [service, environment].filter((name) => name !== null).join(' in ') || 'no service in particular';
  const about = facts(
    [
      ['status', status(shown.status)],
      ['ended', record ? endText(record) : undefined],
      [
        'priority',
        record?.priority === undefined
          ? undefined
          : `${record.priority} (impact ${record.impact}, urgency ${record.urgency})`,
      ],
      ['service', plain(place)],
      ['team', plain(team)],
      ['owner', record?.owner],
      ['opened', `${when(openedAt)}${record ? ` by ${plain(record.openedBy.name)}, ${record.identification}` : ''}`],
      ['because', record?.because && plain(record.because)],
      [
        'incidents',
        incidents
          .map((incident) => `${incident.number} ${status(incident.status)}: ${short(incident.title)}`)
          .join('; '),
      ],
      ['known error', record?.knownError && knownErrorText(record.knownError)],
      ['used', shown.use ? useText(shown.use) : undefined],
      [
        'risk',
        record?.risk &&
          `${record.risk.status} until ${when(record.risk.until)}, asked by ${record.risk.askedBy}: ${plain(record.risk.reason)}`,
      ],
      ['verification', record?.verification && verificationText(record.verification)],
      ['follows', record?.follows === undefined ? undefined : `problem ${record.follows}`],
    ],
    '',
  );
  return [
    `Problem ${number}: ${plain(title)}`,
    about,
    ...sectionOf('claims', claimLines(record?.claims ?? [])),
    ...sectionOf('actions', (record?.actions ?? []).map(actionText)),
  ].join('\n\n');
};

const sectionOf = (name: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [[name, ...lines.map((line) => `  ${line}`)].join('\n')];

const endText = (problem: Problem): string | undefined =>
  problem.status === 'closed' ? `${problem.resolution}: ${plain(problem.outcome)}` : undefined;

const knownErrorText = ({ symptom, workaround, runbook }: NonNullable<Problem['knownError']>): string =>
  [
    plain(symptom),
    ...(workaround === '' ? [] : [`workaround: ${plain(workaround)}`]),
    ...(runbook === undefined ? [] : [`runbook: ${runbook}`]),
  ].join('; ');

const useText = ({ offered, applied, restored }: NonNullable<ShownProblem['use']>): string =>
  `offered to ${offered} incidents${applied === 0 ? '' : `; its runbook restored ${restored} of ${applied} times`}`;

const verificationText = ({ since, until, last }: NonNullable<Problem['verification']>): string =>
  [
    `since ${when(since)}`,
    ...(until === undefined ? [] : [`judged next ${when(until)}`]),
    ...(last
      ? [
          `${last.verdict}: ${last.before.incidents} in ${Math.round(last.before.days)} days before, ${last.after.incidents} in ${Math.round(last.after.days)} since`,
        ]
      : []),
  ].join(', ');

const actionText = ({
  number,
  text,
  owner,
  dueOn,
  status: stands,
  kind,
  strength,
  reference,
  note,
}: CorrectiveAction): string =>
  `${number} ${status(stands)}: ${plain(text)} (${owner}, due ${dueOn}, ${kind}, ${strength}${reference === undefined ? '' : `, ${plain(reference)}`})${note === undefined ? '' : `: ${plain(note)}`}`;

/** Each claim under the one that it explains. */
const claimLines = (claims: readonly Claim[], explained?: number, depth = 0): string[] =>
  claims
    .filter(({ explains }) => explains === explained)
    .flatMap((claim) => [claimText(claim, depth), ...claimLines(claims, claim.number, depth + 1)]);

const claimText = (
  { number, kind, text, status: stands, confidence, evidence, happenedAt }: Claim,
  depth: number,
): string =>
  `${'  '.repeat(depth)}${number} ${kind}, ${status(stands)}, ${confidence} confidence: ${plain(text)}${happenedAt === undefined ? '' : ` (${when(happenedAt)})`}${evidence.length === 0 ? '' : ` [${evidence.map((each) => plain(each.text)).join('; ')}]`}`;
