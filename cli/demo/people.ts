import type { Approval } from '../../domain/approval.ts';
import type { OperationPlan } from '../../domain/operation-plan.ts';
import { type Api, route } from '../api.ts';
import type { ShownPlan } from '../plan-view.ts';

/** The HTTP API as each person sees it, by name. */
export type People = ReadonlyMap<string, Api>;
type Say = (line: string) => void;

/** Acts for everybody of the example: whoever is asked accepts, approves what is asked, and completes tasks. */
export async function actForPeople({ id, record }: ShownPlan, people: People, say: Say): Promise<void> {
  if (!record) return;
  for (const { seat, person, status } of record.assignments) {
    if (status !== 'asked' || person === undefined) continue;
    await people.get(person)!.command(route`/v1/operation-plans/${id}/accept`, { seat });
    say(`${person} accepts the seat ${seat}`);
  }
  if (record.approval?.status === 'open') await approve(record.approval.id, people, say);
  for (const task of record.tasks) if (task.status === 'open') await complete(task, people, say);
}

const approve = async (id: string, people: People, say: Say): Promise<void> => {
  const [anybody] = people.values();
  const { status, stages, stage, digest, requester } = await anybody!.get<Approval>(route`/v1/approvals/${id}`);
  const voter = stages[stage]?.eligible.find((name) => people.has(name));
  if (status !== 'open' || voter === undefined) return;
  const vote = { decision: 'approve', digest, reason: 'The checks look good' };
  await people.get(voter)!.command(route`/v1/approvals/${id}/votes`, vote);
  say(`${voter} approves digest ${digest.slice(0, 12)}…, requested by ${requester}`);
};

const complete = async (
  { id, title, form }: OperationPlan['tasks'][number],
  people: People,
  say: Say,
): Promise<void> => {
  const answers = Object.fromEntries(
    form.map(({ field, type }) => [field, type === 'boolean' ? true : type === 'number' ? 1 : 'seen in the demo']),
  );
  for (const [name, api] of people) {
    const isDone = await api.command(route`/v1/tasks/${id}/complete`, { answers }).then(
      () => true,
      () => false,
    );
    if (isDone) return say(`${name} completes the task: ${title}`);
  }
};
