import { sql } from 'kysely';
import type { Reference } from '../domain/reference.ts';
import { Task } from '../domain/task.ts';
import type { Database } from './database.ts';
import { listed, readStored } from './stored.ts';
import { is, isBehind, isOfTeams, type TeamsPage } from './page.ts';

export interface TaskFilter extends TeamsPage {
  /** Whose own tasks are listed as well. */
  person?: string | undefined;
  belongsTo?: Reference | undefined;
  status?: string | undefined;
}

/** Readable copies of human tasks. */
export const createTaskStore = (db: Database) => ({
  async find(id: string) {
    const { rows } = await sql<{
      record: unknown;
      team: string;
    }>`select record, team from task where id = ${id}`.execute(db);
    return rows[0] && { task: readStored(Task, rows[0].record, `task ${id}`), team: rows[0].team };
  },
  async list({ teams, person, belongsTo, status, after, limit }: TaskFilter) {
    const own = person === undefined ? null : JSON.stringify({ assignee: { person } });
    const { rows } = await sql<{ id: string; openedAt: string; record: unknown }>`
      select id, opened_at, record from task
      where (${isOfTeams(teams)} or record @> ${own}::jsonb) and ${is('belongs_to', belongsTo)} and ${is('status', status)}
        and ${isBehind(after, sql`opened_at`, sql`id`)}
      order by opened_at desc, id desc limit ${limit}`.execute(db);
    const read = ({ id, record }: (typeof rows)[number]): Task => readStored(Task, record, `task ${id}`);
    return listed(rows, limit, read, ({ openedAt, id }) => ({ at: openedAt, id }));
  },
});
