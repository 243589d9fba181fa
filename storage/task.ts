import { sql } from 'kysely';
import type { Reference } from '../domain/reference.ts';
import { Task } from '../domain/task.ts';
import type { Database } from './database.ts';

export interface TaskFilter {
  teams?: readonly string[] | undefined;
  belongsTo?: Reference | undefined;
  status?: string | undefined;
  after?: { at: string; id: string } | undefined;
  limit: number;
}

export interface TaskStore {
  find(id: string): Promise<{ task: Task; team: string } | undefined>;
  list(filter: TaskFilter): Promise<Task[]>;
}

/** Readable copies of human tasks. */
export const createTaskStore = (db: Database): TaskStore => ({
  async find(id) {
    const { rows } = await sql<{
      record: unknown;
      team: string;
    }>`select record, team from task where id = ${id}`.execute(db);
    return rows[0] && { task: Task.parse(rows[0].record), team: rows[0].team };
  },
  async list({ teams, belongsTo, status, after, limit }) {
    const { rows } = await sql<{ record: unknown }>`
      select record from task
      where (${teams === undefined} or team = any(${teams ?? []}))
        and (${belongsTo ?? null}::text is null or belongs_to = ${belongsTo ?? null})
        and (${status ?? null}::text is null or status = ${status ?? null})
        and (${after?.at ?? null}::timestamptz is null or (opened_at, id) < (${after?.at ?? null}::timestamptz, ${after?.id ?? null}))
      order by opened_at desc, id desc limit ${limit}`.execute(db);
    return rows.map(({ record }) => Task.parse(record));
  },
});
