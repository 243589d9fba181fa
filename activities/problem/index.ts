import type { LedgerEntry } from '../../domain/audit.ts';
import { DomainError } from '../../domain/errors.ts';
import { problemReference } from '../../domain/identifiers.ts';
import type { SavedBy } from '../../domain/ports.ts';
import { Problem, type ProblemCommission } from '../../domain/problem.ts';
import { withdrawAll } from '../approval/change.ts';
import { onlyAboutItself, onlyRecord, refuseOtherThan } from '../authorization.ts';
import type { ActivityPorts } from '../ports.ts';
import { informIncidents } from './inform.ts';
import { judgeFix } from './judge.ts';
import { reviewKnownErrors } from './review.ts';
import { refuseUnapproved } from './risk.ts';

type Ports = Pick<
  ActivityPorts,
  'catalogue' | 'problems' | 'incidents' | 'outbox' | 'kinds' | 'approvals' | 'commands' | 'publicUrl'
>;

export const createProblemActivities = (ports: Ports) => ({
  /** Keeps the readable copy and the entries of the ledger, in one transaction; as `savePlan`. */
  async saveProblem(record: Problem, entries: LedgerEntry[], by: SavedBy): Promise<number | undefined> {
    refuseOtherThan(Problem, 'problem', record);
    const belongsTo = problemReference(record.number);
    onlyRecord(ports, belongsTo);
    onlyAboutItself(record, { belongsTo, subject: belongsTo }, entries, by);
    refuseOther(record, await ports.problems.openedFor(record.number));
    await refuseUnapproved(ports, record);
    const lost = await ports.problems.save(record, entries, by);
    if (lost === undefined && record.status === 'closed') await withdrawAll(ports, belongsTo, by.at);
    return lost;
  },

  /** Tells whoever works on an open incident of the known error what helps. */
  async informIncidents({ number }: { number: number }): Promise<void> {
    onlyRecord(ports, problemReference(number));
    await informIncidents(ports, number);
  },

  /** Tells whoever answers for a known error that its workaround helps too seldom. */
  reviewKnownErrors: () => reviewKnownErrors(ports),

  /** How often it came before its fix and since, and what that shows. */
  async judgeFix(ask: Parameters<typeof judgeFix>[1]) {
    onlyRecord(ports, problemReference(ask.number));
    return judgeFix(ports, ask);
  },
});

const refuseOther = ({ number, team, privateTo, openedBy }: Problem, opened: ProblemCommission | undefined): void => {
  const isIts =
    team === opened?.team &&
    JSON.stringify(privateTo) === JSON.stringify(opened.privateTo) &&
    JSON.stringify(openedBy) === JSON.stringify(opened.openedBy);
  if (!isIts) throw new DomainError('not-allowed', `problem ${number} was opened for something else`);
};
