import { sql } from 'kysely';
import type { TransitionPlan } from '../domain/service/lifecycle.ts';
import type { Database } from './database.ts';

/** A plan works from its start on; what is closed has its last status. */
export const createLifecycleStore = (db: Database) => ({
  /** The transitions of services, by service, the oldest first. */
  async transitionsOf(services: readonly string[]): Promise<ReadonlyMap<string, TransitionPlan[]>> {
    const { rows } = await sql<TransitionPlan & { service: string }>`
      select p.service, p.id as plan, p.commission->'trigger'->>'kind' as kind, r.status, r.opened_at, r.closed_at,
        s.started_at, jsonb_path_exists(r.state, '$.activities[*] ? (@.kind == "hypercare" && @.status == "running")') as is_in_hypercare
      from operation_plan p join record r using (reference) left join plan_start s on s.plan = p.id
      where p.commission->'trigger'->>'type' = 'transition' and p.service = any(${services})
      order by r.opened_at, p.id`.execute(db);
    return Map.groupBy(rows, ({ service }) => service);
  },
});
