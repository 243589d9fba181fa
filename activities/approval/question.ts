import type { ApprovalId } from '../../domain/id.ts';
import type { Approval, ApprovalPolicySpec } from '../../domain/approval.ts';
import { escalate } from '../../domain/approval/lifecycle.rules.ts';
import { isUnsatisfiable, openStage } from '../../domain/approval/stage.rules.ts';
import { approversNow } from '../../domain/approvers.ts';
import { fill } from '../../domain/catalogue/placeholder.ts';
import { milliseconds } from '../../domain/duration.ts';
import { DomainError } from '../../domain/errors.ts';
import { recordApprovalIdOf, stepApprovalIdOf, stepSubjectOf } from '../../domain/identifiers.ts';
import { identified } from '../../domain/login.rules.ts';
import { ownedBy } from '../../domain/owner.ts';
import type { Reference } from '../../domain/reference.ts';
import { authorizedStep } from '../authorization.ts';
import { placeholderValues } from '../../domain/circumstances.ts';
import type { ActivityPorts } from '../ports.ts';
import { kindIn } from '../record-kind.ts';

/** What is asked: the record as a whole, or one step of a run. */
export type ApprovalAsk = {
  belongsTo: Reference;
  revision: number;
  attempt: number;
  executors: string[];
  workflowId: string;
  at: number;
} & ({ about: 'record' } | { about: 'step'; activity: string; step: string; purpose: 'run' | 'undo' });

type Ports = Pick<ActivityPorts, 'catalogue' | 'schedules' | 'kinds' | 'runs'>;

interface Question {
  id: ApprovalId;
  subject: string;
  digest: string;
  question: string;
  policy: ApprovalPolicySpec;
}

/** The approval that an ask comes to, with its first stage open. Refuses a question that is not to be put now. */
export const approvalOf = async (ask: ApprovalAsk, ports: Ports): Promise<Approval> => {
  const { catalogue, kinds } = ports;
  const { belongsTo, revision, attempt } = ask;
  const { policy, ...question } = ask.about === 'record' ? await aboutRecord(ask, ports) : await aboutStep(ask, ports);
  // Who asked and who executes is what PostgreSQL knows, and whoever the message adds; it cannot take anybody away.
  const { kind, id } = kindIn(kinds, belongsTo);
  const { team, requester, triggeredBy, editors, executors } = await kind.concernedBy(id, revision);
  const asked = {
    policy,
    requester,
    triggeredBy: triggeredBy && identified(triggeredBy, await catalogue.list('Person')),
    editors: editors.length > 0 ? editors : undefined,
    executors: [...new Set([...executors, ...ask.executors])],
  };
  const stage = openStage(asked, 0, await approversNow(ports, policy.stages[0]!.approvers, ask.at));
  const approval: Approval = {
    ...asked,
    ...question,
    belongsTo,
    team,
    attempt,
    stage: 0,
    stages: [stage],
    status: 'open',
    escalated: false,
    openedAt: new Date(ask.at).toISOString(),
    deadlineAt: new Date(ask.at + milliseconds(policy.timeout)).toISOString(),
    votes: [],
  };
  // Too few people are left to agree: the others are asked at once; the quorum stays.
  if (!isUnsatisfiable(approval) || policy.escalateTo.length === 0) return approval;
  return escalate(approval, await approversNow(ports, policy.escalateTo, ask.at), approval.deadlineAt);
};

const aboutRecord = async ({ belongsTo, revision, attempt }: ApprovalAsk, { kinds }: Ports): Promise<Question> => {
  const { kind, id } = kindIn(kinds, belongsTo);
  const asked = await kind.questionOf(id, revision);
  return { ...asked, id: recordApprovalIdOf(belongsTo, attempt), subject: belongsTo };
};

/** Like any step: a question that is put before its turn would find other people. */
const aboutStep = async (ask: Extract<ApprovalAsk, { about: 'step' }>, ports: Ports): Promise<Question> => {
  const { step, circumstances, digest, run } = await authorizedStep({ ...ask, round: ask.attempt }, 'forth', ports);
  if (step.kind !== 'approval') throw new DomainError('invalid', `step ${ask.step} asks for no approval`);
  const policy = await ports.catalogue.find('ApprovalPolicy', step.policy, circumstances.revision);
  if (!policy) throw new DomainError('not-found', `there is no approval policy ${step.policy}`);
  return {
    id: stepApprovalIdOf(run.id, step.name, ask.attempt),
    subject: stepSubjectOf(run.id, step.name),
    digest,
    question: fill(step.question, placeholderValues(circumstances, ask)),
    policy: ownedBy(policy, { team: circumstances.team.name, trigger: circumstances.trigger }),
  };
};
