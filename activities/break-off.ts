import { evenkeel } from '../domain/actor.rules.ts';
import { planSubject } from '../domain/identifiers.ts';
import { end, open } from '../domain/operation-plan/record.rules.ts';
import { cancelOpen } from '../domain/task.rules.ts';
import { withdrawAll } from './approval/withdraw.ts';
import { tellTeam } from './notification.ts';
import type { ActivityPorts } from './ports.ts';

/**
 * Ends a plan whose workflow was ended from outside: nothing goes on without it, so nobody is asked any more and the
 * owner is told. It may have ended before it had saved anything. A plan that is over stays as it is.
 */
export async function breakOff(
  ports: Pick<ActivityPorts, 'plans' | 'approvals' | 'outbox' | 'catalogue'>,
  plan: string,
  { runId, status }: { runId: string; status: string },
): Promise<void> {
  const found = await ports.plans.find(plan);
  if (!found) return;
  const { commission, workflowId, team, openedAt } = found;
  const record = found.record ?? open({ ...commission, id: plan, workflowId, team, at: openedAt });
  if (record.endedAt !== undefined) return;
  const at = new Date().toISOString();
  const reason = `its workflow was ended from outside (${status.toLowerCase()}): what it had begun is not undone`;
  await withdrawAll(ports, plan, Date.parse(at), reason);
  // First, since a plan that is over is not looked at again; once for each key.
  await tellTeam(ports, record.team, {
    key: `${record.workflowId}/broke-off`,
    plan,
    subject: `${record.service} in ${record.environment}: the plan broke off`,
    text: `Plan ${plan} has failed: ${reason}. Look at what it left, and deploy anew.\n\nevenkeel plan show ${plan}`,
  });
  const ended = {
    ...end({ ...record, tasks: cancelOpen(record.tasks, at) }, 'failed', reason, at),
    rev: record.rev + 1,
  };
  const entry = { key: `${record.workflowId}/${ended.rev}`, at, actor: evenkeel, action: 'plan.failed', reason };
  await ports.plans.save(ended, [{ ...entry, subject: planSubject(plan), plan }], { runId, at: Date.parse(at) });
}
