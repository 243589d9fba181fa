import { evenkeel } from '../domain/actor.rules.ts';
import type { Approval, Approver } from '../domain/approval.ts';
import { askedOf, escalate, expire, isUnsatisfiable, leftOut, openStage, withdraw } from '../domain/approval.rules.ts';
import { approversNow } from '../domain/approvers.ts';
import { fill } from '../domain/catalogue/placeholder.ts';
import { digestOf } from '../domain/digest.ts';
import { milliseconds } from '../domain/duration.ts';
import { planApprovalId, planSubject, stepApprovalId, stepSubject } from '../domain/identifiers.ts';
import type { CatalogueStore } from '../domain/ports.ts';
import { refuseOutsider, refuseStranger, stepIn } from './authorization.ts';
import { circumstancesOf, placeholderValues } from './circumstances.ts';
import { tellPerson, tellTeam } from './notification.ts';
import type { ActivityPorts } from './ports.ts';

/** Where an approval stands, for the workflow that waits for it. Instants in milliseconds. */
export interface ApprovalState {
  id: string;
  status: Approval['status'];
  deadlineAt: number;
  remindAt?: number;
  mayEscalate: boolean;
  reason?: string;
}

/** What is asked: the plan as a whole, or one step of a runbook. */
export type ApprovalAsk = {
  plan: string;
  revision: number;
  attempt: number;
  executors: string[];
  workflowId: string;
  at: number;
} & ({ subject: 'plan' } | { subject: 'step'; activity: string; step: string; purpose: 'run' | 'undo' });

type Ports = Pick<ActivityPorts, 'catalogue' | 'plans' | 'approvals' | 'outbox' | 'publicUrl'>;

/** For consuming: who would be named now. Somebody who was on call when asked stays entitled by being on the schedule. */
export const mayApprove =
  (catalogue: CatalogueStore, at: number) =>
  async (approvers: Approver[]): Promise<string[]> => {
    const scheduled = await Promise.all(
      approvers.map(async (approver) =>
        'onCall' in approver
          ? ((await catalogue.find('Schedule', approver.onCall))?.layers.flatMap(({ people }) => people) ?? [])
          : [],
      ),
    );
    return [...(await approversNow(catalogue, approvers, at)), ...scheduled.flat()];
  };

export const createApprovalActivities = (ports: Ports) => {
  const stateOf = (approval: Approval): ApprovalState => {
    const deadlineAt = Date.parse(approval.deadlineAt);
    const remind = approval.policy.remindBefore;
    const reason = reasonOf(approval);
    return {
      id: approval.id,
      status: approval.status,
      deadlineAt,
      ...(remind === undefined ? {} : { remindAt: deadlineAt - milliseconds(remind) }),
      mayEscalate: !approval.escalated && approval.policy.escalateTo.length > 0,
      ...(reason === undefined ? {} : { reason }),
    };
  };

  const found = async (id: string): Promise<Approval> => {
    const approval = await ports.approvals.find(id);
    if (!approval) throw new Error(`there is no approval ${id}`);
    return approval;
  };

  const tell = async (approval: Approval, why: 'asked' | 'reminded' | 'escalated'): Promise<void> => {
    const { eligible } = approval.stages[approval.stage]!;
    const undecided = eligible.filter((seat) => !approval.votes.some((vote) => vote.seat === seat));
    for (const person of undecided) {
      await tellPerson(ports, {
        key: `approval/${approval.id}/${approval.stage}/${why}/${person}`,
        plan: approval.plan,
        person,
        subject: `${why === 'reminded' ? 'Reminder: ' : ''}Approval needed: ${approval.question}`,
        text: `${approval.requester} asks: ${approval.question}\nDecide by ${approval.deadlineAt}. Without a decision it is not approved.\n\n${ports.publicUrl}/v1/approvals/${approval.id}\nevenkeel approval approve ${approval.id}\nevenkeel approval reject ${approval.id} --reason "…"`,
      });
    }
  };

  /** Silence would only be rejected at the deadline: whoever can change something is told at once. */
  const warnOwner = async (approval: Approval): Promise<void> => {
    if (approval.status !== 'open' || !isUnsatisfiable(approval)) return;
    const { eligible, needed } = approval.stages[approval.stage]!;
    const named = await approversNow(ports.catalogue, askedOf(approval), Date.now());
    const left = leftOut(approval, named).map(({ person, why }) => `${person} may not vote: ${person} ${why}.`);
    const mayEscalate = !approval.escalated && approval.policy.escalateTo.length > 0;
    const otherwise = mayEscalate ? 'more people are asked' : 'it is rejected';
    await tellTeam(ports, approval.team, {
      key: `approval/${approval.id}/${approval.stage}/too-few`,
      plan: approval.plan,
      subject: `Nobody can approve: ${approval.question}`,
      text: `It takes ${needed} and only ${eligible.join(', ') || 'nobody'} may vote.\n${left.join('\n')}\n\nName more approvers, who neither ask nor execute, and apply; then cancel the plan and deploy anew. Otherwise ${otherwise} at ${approval.deadlineAt}.\n\nevenkeel approval show ${approval.id}`,
    });
  };

  return {
    /** Puts the question and tells those who are asked. The same ask again finds the first. */
    async openApproval(ask: ApprovalAsk): Promise<ApprovalState> {
      refuseOutsider(ask.plan);
      refuseStranger(ask.workflowId);
      const approval = await ports.approvals.open(await approvalOf(ask, ports), ask.workflowId);
      await tell(approval, 'asked');
      await warnOwner(approval);
      return stateOf(approval);
    },

    /** Believes the database, whatever a message said. */
    async readApproval(id: string): Promise<ApprovalState> {
      const approval = await found(id);
      // A stage that opened meanwhile has people who were not told yet; those who were are not told again.
      if (approval.status === 'open') await tell(approval, 'asked');
      await warnOwner(approval);
      return stateOf(approval);
    },

    async remindApprovers(id: string): Promise<void> {
      await tell(await found(id), 'reminded');
    },

    /** Asks more people and starts the time anew, once. */
    async escalateApproval({ id, at }: { id: string; at: number }): Promise<ApprovalState> {
      const { policy } = await found(id);
      const people = await approversNow(ports.catalogue, policy.escalateTo, at);
      const deadlineAt = new Date(at + milliseconds(policy.timeout)).toISOString();
      const changed = await changeApproval(ports, id, 'approval.escalated', at, (approval) =>
        approval.status === 'open' && !approval.escalated ? escalate(approval, people, deadlineAt) : approval,
      );
      // An attempt that changed it may have ended before it told anybody.
      if (changed.status === 'open') await tell(changed, 'escalated');
      return stateOf(changed);
    },

    /** Nobody decided in time: the request ends without approval, unless somebody was faster. */
    async expireApproval({ id, at }: { id: string; at: number }): Promise<ApprovalState> {
      return stateOf(
        await changeApproval(ports, id, 'approval.expired', at, (approval) =>
          expire(approval, new Date(at).toISOString()),
        ),
      );
    },

    /** The question is void: its subject changed, or is no longer wanted. */
    async withdrawApproval({
      id,
      status,
      at,
    }: {
      id: string;
      status: 'superseded' | 'cancelled';
      at: number;
    }): Promise<ApprovalState> {
      return stateOf(
        await changeApproval(ports, id, `approval.${status}`, at, (approval) =>
          withdraw(approval, status, new Date(at).toISOString()),
        ),
      );
    },
  };
};

/** Why it was not approved, in the words of whoever decided last. */
const reasonOf = ({ votes }: Approval): string | undefined => {
  const last = votes.findLast(({ decision }) => decision !== 'approve');
  if (last?.decision !== 'abstain') return last?.reason;
  return `too few are left to agree, since ${last.seat} abstained${last.reason === '' ? '' : ` (${last.reason})`}`;
};

const changeApproval = (
  ports: Ports,
  id: string,
  action: string,
  at: number,
  change: (approval: Approval) => Approval,
): Promise<Approval> => {
  const [plan = ''] = id.split('.approval.');
  refuseOutsider(plan);
  return ports.approvals.change(
    id,
    {
      at: new Date(at).toISOString(),
      actor: evenkeel,
      action,
      subject: `approval/${id}`,
      plan,
    },
    change,
  );
};

const approvalOf = async (ask: ApprovalAsk, { catalogue, plans }: Ports): Promise<Approval> => {
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
  const asked = {
    policy,
    requester: row.commission.trigger.requester,
    executors: [...new Set([...seated, ...ask.executors])],
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
