import { evenkeel } from '../../domain/actor.rules.ts';
import type { Approval } from '../../domain/approval.ts';
import { escalate, expire, withdraw } from '../../domain/approval.rules.ts';
import { approversNow } from '../../domain/approvers.ts';
import { milliseconds } from '../../domain/duration.ts';
import { authorizedStep, onlyItself, onlyPlan, onlyPlanOrItsRuns } from '../authorization.ts';
import type { ActivityPorts } from '../ports.ts';
import { type ApprovalAsk, approvalOf } from './question.ts';
import { type ApprovalState, stateOf } from './state.ts';
import { tellApprovers, tellOfChanges, warnOwner } from './notify.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'plans' | 'approvals' | 'commands' | 'outbox' | 'publicUrl'>;

export const createApprovalActivities = (ports: Ports) => {
  const found = async (id: string): Promise<Approval> => {
    const approval = await ports.approvals.find(id);
    if (!approval) throw new Error(`there is no approval ${id}`);
    return approval;
  };

  /** A stage that opened meanwhile has people who were not told yet; those who were are not told again. */
  const shown = async (approval: Approval): Promise<ApprovalState> => {
    await tellApprovers(ports, approval, 'asked');
    await warnOwner(ports, approval);
    await tellOfChanges(ports, approval);
    return stateOf(approval);
  };

  return {
    /** Puts the question and tells those who are asked. The same ask again finds the first. */
    async openApproval(ask: ApprovalAsk): Promise<ApprovalState> {
      onlyItself(ask.workflowId);
      if (ask.subject === 'plan') onlyPlan(ask.plan);
      // Like any step: a question that is put before its turn would find other people.
      else await authorizedStep({ ...ask, round: ask.attempt }, 'forth', ports);
      return shown(await ports.approvals.open(await approvalOf(ask, ports), ask.workflowId));
    },

    /** Where the question stands, and those told of it who were not: believes the database, whatever a message said. */
    async readApproval(id: string): Promise<ApprovalState> {
      onlyPlanOrItsRuns(planOf(id));
      return shown(await found(id));
    },

    async remindApprovers(id: string): Promise<void> {
      onlyPlanOrItsRuns(planOf(id));
      await tellApprovers(ports, await found(id), 'reminded');
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
      await tellApprovers(ports, changed, 'escalated');
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

/** Each approval is called after its plan. */
const planOf = (approval: string): string => approval.split('.approval.')[0]!;

const changeApproval = (
  ports: Ports,
  id: string,
  action: string,
  at: number,
  change: (approval: Approval) => Approval,
): Promise<Approval> => {
  const plan = planOf(id);
  onlyPlanOrItsRuns(plan);
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
