import { randomUUIDv7 } from 'node:crypto';
import { sql } from 'kysely';
import type { ChangeFact } from '../domain/alert.ts';
import type { Database } from './database.ts';
import { is, isBehind, isOfTeams, type TeamsPage } from './page.ts';

/** A change as it is kept, with who told of it. */
export interface Change {
  id: string;
  source: string;
  team: string;
  service: string | null;
  environment: string | null;
  summary: string;
  at: string;
  link: string | null;
}

interface ChangeFilter extends TeamsPage {
  service?: string | undefined;
  environment?: string | undefined;
  source?: string | undefined;
}

const mostDropped = 10_000;

/** Changes in PostgreSQL, each once by the key of its source. */
export const createChangeStore = (db: Database) => ({
  async keep(
    { key, service, environment, summary, at, link }: ChangeFact,
    { source, team }: Pick<Change, 'source' | 'team'>,
  ): Promise<void> {
    await sql`
      insert into change (id, key, source, team, service, environment, summary, at, link)
      values (${randomUUIDv7()}, ${key}, ${source}, ${team}, ${service ?? null}, ${environment ?? null}, ${summary}, ${at}, ${link ?? null})
      on conflict (source, key) do nothing`.execute(db);
  },
  /** Drops some of those that came more than so many days ago; says how many. */
  async keepDays(days: number): Promise<number> {
    const { numAffectedRows = 0n } = await sql`
      delete from change where id in (
        select id from change where received_at < now() - make_interval(days => ${days}) limit ${mostDropped})`.execute(
      db,
    );
    return Number(numAffectedRows);
  },
  /** The latest is the first. */
  async list({ teams, after, limit, service, environment, source }: ChangeFilter): Promise<Change[]> {
    const { rows } = await sql<Change>`
      select id, source, team, service, environment, summary, at, link from change
      where ${isOfTeams(teams)} and ${is('service', service)} and ${is('environment', environment)}
        and ${is('source', source)} and ${isBehind(after, sql`at`, sql`id`)}
      order by at desc, id desc limit ${limit}`.execute(db);
    return rows;
  },
});
