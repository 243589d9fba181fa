import { createRecordKinds, type WorldPorts } from '../activities/index.ts';
import { notify } from '../activities/notification/index.ts';
import { planIdIn } from '../domain/identifiers.ts';
import type { OutboxRow } from '../storage/outbox.ts';
import type { PlanStorage } from '../storage/operation-plan.ts';

/** A run on GitHub waits, and will never hear from us: the team of its plan is notified, once. */
export function createUnansweredGate(world: WorldPorts, plans: Pick<PlanStorage, 'find'>) {
  const ports = { ...world, kinds: createRecordKinds(world) };
  return async ({ key, belongsTo, message }: OutboxRow, detail: string): Promise<void> => {
    if (message.kind !== 'gate') return;
    const plan = await plans.find(planIdIn(belongsTo));
    if (!plan) return;
    const { repository, run, environment } = message.gate;
    const title = `A gate has no answer: run ${run} of ${repository}`;
    const markdown = `# ${title}

Operation plan \`${plan.id}\` has ended, and the run still waits to pass to ${environment}. It would have been ${message.state}.
GitHub did not take that (${detail}), and it is not sent again: look at the run, and answer it there.
`;
    const notice = { reason: 'reported', title, markdown } as const;
    await notify(ports, { key: `${key}/unanswered`, belongsTo, to: { team: plan.team }, notice });
  };
}
