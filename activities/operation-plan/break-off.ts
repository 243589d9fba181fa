import type { PlanId } from '../../domain/id.ts';
import { evenkeel } from '../../domain/actor.rules.ts';
import { entryKeyOf, planReference } from '../../domain/identifiers.ts';
import { end, isOver, open } from '../../domain/operation-plan/record.rules.ts';
import { cancelOpen } from '../../domain/task.rules.ts';
import { withdrawAll } from '../approval/change.ts';
import type { ActivityPorts } from '../ports.ts';
import { answerGate } from './gate.ts';
import type { BrokenOff } from '../record-kind.ts';

/** Nothing goes on without its workflow, so nobody is asked any more. It may have ended before it had saved anything. */
export async function breakOff(
  ports: Pick<ActivityPorts, 'plans' | 'approvals' | 'outbox' | 'publicUrl'>,
  plan: PlanId,
  status: string,
): Promise<BrokenOff | undefined> {
  const found = await ports.plans.find(plan);
  if (!found) return undefined;
  const { commission, workflowId, team, openedAt } = found;
  const record = found.record ?? open({ ...commission, id: plan, workflowId, team, at: openedAt });
  if (isOver(record)) return undefined;
  const at = new Date().toISOString();
  const why = `its workflow was ended from outside (${status.toLowerCase()}): what it had begun is not undone`;
  const belongsTo = planReference(plan);
  await withdrawAll(ports, belongsTo, Date.parse(at), why);
  const ended = { ...end({ ...record, tasks: cancelOpen(record.tasks, at) }, 'failed', why, at), rev: record.rev + 1 };
  const key = entryKeyOf(workflowId, ended.rev);
  const entry = {
    key,
    at,
    actor: evenkeel,
    action: 'plan.failed',
    reason: why,
    subject: belongsTo,
    belongsTo,
  } as const;
  return {
    to: { team },
    why,
    async end(runId) {
      // First, since nobody looks at a plan again that is over.
      await answerGate(ports, ended, commission);
      await ports.plans.save(ended, [entry], { runId, at: Date.parse(at) });
    },
  };
}
