import { DomainError } from '../../domain/errors.ts';
import type { Problem } from '../../domain/problem.ts';
import { factorsOf } from '../../domain/problem/claim.rules.ts';
import type { ActivityPorts } from '../ports.ts';
import type { RecordKind, Report } from '../record-kind.ts';
import { plain } from '../report/markdown.ts';
import { factLines } from './facts.ts';
import { knownProblem } from './known.ts';

/** The report of a problem's end, for its team. */
export async function problemReport(
  { problems }: Pick<ActivityPorts, 'problems'>,
  number: number,
  { kind }: Parameters<RecordKind['reportOf']>[1],
): Promise<Report> {
  const { record, team, commission } = await knownProblem(problems, number);
  if (!record) throw new DomainError('not-found', `problem ${number} has not begun`);
  if (kind !== 'completion') throw new DomainError('invalid', 'a problem has no status reports');
  return {
    event: 'evenkeel.problem',
    path: `/v1/problems/${number}`,
    status: record.status,
    team,
    stakeholders: [],
    catalogueRevision: commission.catalogueRevision,
    title: `Problem ${number} ${record.status}: ${record.title}`,
    markdown: markdownOf(record),
    data: record,
  };
}

const markdownOf = (problem: Problem): string => {
  const { number, title, claims, actions, incidents } = problem;
  const end = problem.status === 'closed' ? [`${problem.resolution}: ${problem.outcome}`] : [];
  const sections: [string, string[]][] = [
    ['How it stands', [...end, ...factLines(problem)]],
    ['What has contributed', factorsOf(claims).map(({ text }) => text)],
    [
      'Actions',
      actions.map(
        ({ text, owner, status, note }) => `${text} (${owner}, ${status})${note === undefined ? '' : `: ${note}`}`,
      ),
    ],
    ['Incidents', incidents.map((incident) => String(incident.number))],
  ];
  const written = sections.flatMap(([heading, lines]) =>
    lines.length === 0 ? [] : [`## ${heading}`, '', ...lines.map((line) => `- ${plain(line)}`), ''],
  );
  return [`# Problem ${number}: ${plain(title)}`, '', ...written].join('\n');
};
