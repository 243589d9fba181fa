import { evenkeel } from '../../domain/actor.rules.ts';
import { ApprovalPolicySpec } from '../../domain/approval.ts';
import { DomainError } from '../../domain/errors.ts';
import { entryKeyOf, problemReference, problemWorkflowIdOf } from '../../domain/identifiers.ts';
import { approversOf } from '../../domain/problem/approvers.ts';
import { closed } from '../../domain/problem/ask.rules.ts';
import { open } from '../../domain/problem/record.rules.ts';
import { usualSeverityPolicy } from '../../domain/severity-policy.ts';
import { withdrawAll } from '../approval/change.ts';
import type { ActivityPorts } from '../ports.ts';
import type { BrokenOff, RecordKind } from '../record-kind.ts';
import { factLines } from './facts.ts';
import { knownProblem } from './known.ts';
import { problemReport } from './report.ts';
import { riskDigest } from './risk.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'problems' | 'approvals' | 'outbox' | 'commands'>;

/** What a problem answers to what hangs on it. It has no runbooks: a fix by a change is an operation plan. */
export const createProblemKind = (ports: Ports): RecordKind => {
  const { problems } = ports;
  const noRunbook = (id: string): Promise<never> =>
    Promise.reject(new DomainError('not-found', `problem ${id} has no runbook`));
  return {
    workflowIdOf: (id) => problemWorkflowIdOf(Number(id)),
    async titleOf(id) {
      const { commission, record } = await knownProblem(problems, Number(id));
      return `problem ${id}: ${(record ?? commission).title}`;
    },
    async factsOf(id) {
      const { record } = await knownProblem(problems, Number(id));
      return record ? factLines(record) : [];
    },
    async audienceOf(id) {
      return (await knownProblem(problems, Number(id))).commission.privateTo;
    },
    runbookOf: () => Promise.resolve(undefined),
    stepOf: (id) => noRunbook(id),
    authorize: ({ belongsTo }) => noRunbook(belongsTo),
    // Of a risk that somebody asks to live with: the revision is which of them.
    async questionOf(id, revision) {
      const { reason, until } = await askedRisk(ports, id, revision);
      const { commission } = await knownProblem(problems, Number(id));
      const approvers = await approversOf(ports.catalogue, commission);
      if (approvers.length === 0) throw new DomainError('not-allowed', 'none of its people approves for its team');
      return {
        digest: riskDigest(Number(id), revision, { reason, until }),
        question: `Accept the risk of problem ${id} until ${until}?`,
        // Whoever asks is left out.
        policy: ApprovalPolicySpec.parse({ stages: [{ approvers }], timeout: '7d', remindBefore: '1d' }),
      };
    },
    async concernedBy(id, revision) {
      const { team } = await knownProblem(problems, Number(id));
      const { by, lentBy } = await askedRisk(ports, id, revision);
      // Whoever lent the token has asked as much as who used it.
      return { team, requester: by, editors: lentBy === null ? [] : [lentBy], executors: [] };
    },
    joinedTo: () => Promise.resolve({ triggeredBy: [], executors: [] }),
    heardOfRun: () => Promise.resolve(),
    async briefOf(id) {
      const { record } = await knownProblem(problems, Number(id));
      return record?.risk ? [...factLines(record), `Why: ${record.risk.reason}`] : [];
    },
    noticeOf: (_, { reason }) => Promise.reject(new DomainError('invalid', `a problem has no notice ${reason}`)),
    reportOf: (id, ask) => problemReport(ports, Number(id), ask),
    breakOff: (id, status) => breakOff(ports, Number(id), status),
  };
};

/** What was asked, in the command that was accepted, whatever a workflow says. */
const askedRisk = async (
  { problems, commands }: Pick<Ports, 'problems' | 'commands'>,
  id: string,
  attempt: number,
): Promise<{ by: string; lentBy: string | null; reason: string; until: string }> => {
  const { record, workflowId } = await knownProblem(problems, Number(id));
  const { risk } = record ?? {};
  const asked = risk?.attempt === attempt ? await commands.riskAsked(workflowId, risk.command) : undefined;
  if (!asked) throw new DomainError('not-allowed', `nobody asks to accept a risk of problem ${id}`);
  return asked;
};

/** Nobody looks after it without its workflow: it ends, and whoever answers for it opens another one if they want to. */
const breakOff = async (ports: Ports, number: number, status: string): Promise<BrokenOff | undefined> => {
  const found = await ports.problems.find(number);
  if (!found || found.record?.status === 'closed') return undefined;
  const { commission, workflowId, team } = found;
  const timing = { priorities: usualSeverityPolicy.priorities, messagesPerRun: 1 };
  const record = found.record ?? open({ ...commission, workflowId, timing });
  const at = new Date().toISOString();
  const why = `its workflow was ended from outside (${status.toLowerCase()})`;
  const belongsTo = problemReference(number);
  await withdrawAll(ports, belongsTo, Date.parse(at), why);
  const rev = record.rev + 1;
  const ended = { ...closed(record, { resolution: 'cannot-reproduce', outcome: why, at }), rev };
  const entry = {
    key: entryKeyOf(workflowId, rev),
    at,
    actor: evenkeel,
    action: 'problem.broke-off',
    reason: why,
    subject: belongsTo,
    belongsTo,
  } as const;
  return { to: { team }, why, end: (runId) => ports.problems.save(ended, [entry], { runId, at: Date.parse(at) }) };
};
