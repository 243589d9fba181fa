import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Ops } from './ops.ts';

/** Has an objective measured once, as by hand: its schedule's runs go on. */
export const measure = (
  { client, taskQueue }: Pick<Ops, 'client' | 'taskQueue'>,
  objective = 'checkout-availability',
) =>
  client.workflow.execute('measureObjectives', {
    taskQueue,
    workflowId: `objective/story/${randomUUID()}/${objective}`,
  });

/** As if nothing had been measured yet: another past is another series, as after a change of the question. */
export const forget = async ({ db }: Pick<Ops, 'db'>): Promise<void> => {
  await sql`truncate objective, objective_slot, objective_hour, objective_series`.execute(db);
};
