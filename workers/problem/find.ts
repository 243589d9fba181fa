import type { Delivered, InboxRow } from '../../domain/inbox.ts';
import type { ProblemFinding } from '../../domain/insight/finding.ts';
import { problemReference } from '../../domain/identifiers.ts';
import type { Reference } from '../../domain/reference.ts';
import { acceptedEntry } from '../../domain/problem/accepted.ts';
import { linkArrival } from '../../domain/problem/feeding.ts';
import type { InboxStore } from '../../storage/inbox.ts';
import type { ProblemRow } from '../../storage/problem.ts';
import { type ProblemPorts, startProblem } from './open.ts';

export interface FindingPorts extends ProblemPorts {
  inbox: Pick<InboxStore, 'accept'>;
}

/** Takes each finding to the problem that is open for it, or opens one. */
export async function deliverFindings(
  row: InboxRow,
  findings: readonly ProblemFinding[],
  ports: FindingPorts,
): Promise<Delivered> {
  const records: Reference[] = [];
  const reasons: string[] = [];
  for (const [at, finding] of findings.entries()) {
    const taken = await take(row, `${row.id}/${at}`, finding, ports);
    if (typeof taken === 'number') records.push(problemReference(taken));
    else reasons.push(taken);
  }
  return records.length > 0
    ? { state: 'delivered', verdict: { records } }
    : { state: 'skipped', verdict: { reason: reasons.join('; ') } };
}

/** The problem that has it now, or why none does. */
const take = async (
  row: InboxRow,
  key: string,
  finding: ProblemFinding,
  ports: FindingPorts,
): Promise<number | string> => {
  const { problems, catalogue } = ports;
  const { open, last } = await problems.takersOf(finding);
  if (open) return feed(open, finding, ports);
  const settledBy = last && whySettled(last, finding);
  if (settledBy !== undefined) return settledBy;
  const known = last?.record?.incidents.map(({ number }) => number) ?? [];
  const { rule, incidents, why, from: _, ...opened } = finding;
  const catalogueRevision = await catalogue.revision();
  const number = await problems.open(
    key,
    (next) => {
      const commission = {
        ...opened,
        number: next,
        because: why,
        incidents: incidents.filter((incident) => !known.includes(incident)),
        ...(last === undefined ? {} : { follows: last.number }),
        openedBy: row.actor,
        openedAt: row.receivedAt,
        catalogueRevision,
      };
      return { commission, entry: acceptedEntry(commission, row.actor, { inbox: row.id, rule }) };
    },
    finding.pattern,
  );
  await startProblem(number, ports);
  const now = await problems.find(number);
  return now && now.commission.because !== why ? feed(now, finding, ports) : number;
};

const feed = async (
  { number, team, commission, record }: ProblemRow,
  { incidents, why }: ProblemFinding,
  { inbox }: FindingPorts,
): Promise<number> => {
  const known = record?.incidents.map((linked) => linked.number) ?? commission.incidents;
  for (const incident of incidents)
    if (!known.includes(incident)) await inbox.accept(linkArrival({ number, team }, incident, why));
  return number;
};

/** Why a problem that is closed leaves nothing to be opened. */
const whySettled = ({ number, record }: ProblemRow, { incidents, from }: ProblemFinding): string | undefined => {
  if (record?.status !== 'closed') return undefined;
  if (record.resolution === 'risk-accepted') return `the risk of problem ${number} is accepted`;
  if (incidents.length === 0)
    return from !== undefined && record.endedAt >= from ? `problem ${number} was closed since` : undefined;
  return incidents.every((incident) => record.incidents.some((linked) => linked.number === incident))
    ? `problem ${number} had all of them, and is closed`
    : undefined;
};
