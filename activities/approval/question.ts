import type { Approval } from '../../domain/approval.ts';
import { escalate, isUnsatisfiable, openStage } from '../../domain/approval.rules.ts';
import { approversNow } from '../../domain/approvers.ts';
import { fill } from '../../domain/catalogue/placeholder.ts';
import { digestOf } from '../../domain/digest.ts';
import { taskedIn } from '../../domain/executors.ts';
import { milliseconds } from '../../domain/duration.ts';
import { planApprovalId, planSubject, stepApprovalId, stepSubject } from '../../domain/identifiers.ts';
import { stepIn } from '../../domain/step-authorization.ts';
import { circumstancesOf, placeholderValues } from '../circumstances.ts';
import type { ActivityPorts } from '../ports.ts';

/** What is asked: the plan as a whole, or one step of a runbook. */
export type ApprovalAsk = {
  plan: string;
  revision: number;
  attempt: number;
  executors: string[];
  workflowId: string;
  at: number;
} & ({ subject: 'plan' } | { subject: 'step'; activity: string; step: string; purpose: 'run' | 'undo' });

type Ports = Pick<ActivityPorts, 'catalogue' | 'plans' | 'commands'>;

/** The approval that an ask comes to, with its first stage open. Fails when what is asked about is not there. */
export const approvalOf = async (ask: ApprovalAsk, { catalogue, plans, commands }: Ports): Promise<Approval> => {
  const found = await plans.content(ask.plan, ask.revision);
  if (!found) throw new Error(`plan ${ask.plan} has no revision ${ask.revision}`);
  const { content } = found;
  const subject = await subjectOf(ask, found, { catalogue, plans });
  const policy = await catalogue.find('ApprovalPolicy', subject.policy, content.catalogueRevision);
  if (!policy) throw new Error(`there is no approval policy ${subject.policy}`);
  // Who asked and who executes is what PostgreSQL knows, and whoever the message adds; it cannot take anybody away.
  const row = await plans.find(ask.plan);
  if (!row) throw new Error(`there is no plan ${ask.plan}`);
  const seated = row.record?.assignments.flatMap(({ person }) => (person === undefined ? [] : [person])) ?? [];
  const editors = await commands.editorsOf(row.workflowId);
  const asked = {
    policy,
    ...(editors.length > 0 ? { editors } : {}),
    requester: row.commission.trigger.requester,
    executors: [...new Set([...seated, ...taskedIn(content.activities), ...ask.executors])],
  };
  const stage = openStage(asked, 0, await approversNow(catalogue, policy.stages[0]!.approvers, ask.at));
  const approval: Approval = {
    ...asked,
    id: subject.id,
    plan: ask.plan,
    team: content.team,
    attempt: ask.attempt,
    subject: subject.name,
    digest: subject.digest,
    question: subject.question,
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
  return escalate(approval, await approversNow(catalogue, policy.escalateTo, ask.at), approval.deadlineAt);
};

const subjectOf = async (
  ask: ApprovalAsk,
  { content, digest }: NonNullable<Awaited<ReturnType<Ports['plans']['content']>>>,
  ports: Pick<Ports, 'catalogue' | 'plans'>,
): Promise<{ id: string; name: string; digest: string; question: string; policy: string }> => {
  const { plan, attempt } = ask;
  if (ask.subject === 'plan') {
    if (!('policy' in content.approval)) throw new Error(`plan ${plan} needs no approval`);
    const question = `Start the operation plan for ${content.service} in ${content.environment} (${content.artifact})?`;
    return {
      id: planApprovalId(plan, attempt),
      name: planSubject(plan),
      digest,
      question,
      policy: content.approval.policy,
    };
  }
  const step = stepIn(content, ask);
  if (step.kind !== 'approval') throw new Error(`step ${ask.step} asks for no approval`);
  return {
    id: stepApprovalId(ask, attempt),
    name: stepSubject(ask),
    digest: digestOf([digest, ask.activity, ask.step]),
    question: fill(step.question, placeholderValues(await circumstancesOf(ports, plan), ask)),
    policy: step.policy,
  };
};
