import { randomUUIDv7 } from 'node:crypto';
import { sql } from 'kysely';
import { Actor } from '../domain/actor.ts';
import { evenkeel } from '../domain/actor.rules.ts';
import { patternRunReference } from '../domain/identifiers.ts';
import { Scope } from '../domain/metric.ts';
import { type PatternCommission, PatternRun } from '../domain/pattern.ts';
import type { PatternRunStore } from '../domain/pattern/ports.ts';
import type { Database } from './database.ts';
import type { InboxStore } from './inbox.ts';
import { append, boundTo } from './ledger.ts';
import { isBehind, isOfTeams, type TeamsPage } from './page.ts';
import { type Listed, listed, readStored } from './stored.ts';

export interface PatternRunRow extends PatternCommission {
  foundAt: string | null;
  /** How many; null while nobody knows. */
  patterns: number | null;
}

export interface PatternRunStorage extends PatternRunStore {
  /** The newest first. */
  list(page: TeamsPage): Promise<Listed<PatternRunRow>>;
}

interface Row extends Pick<PatternRunRow, 'id' | 'opens' | 'orderedAt' | 'foundAt' | 'patterns'> {
  scope: unknown;
  periodFrom: string;
  periodUntil: string;
  orderedBy: unknown;
  team: string | null;
}

const columns =
  sql.raw(`id, scope, period_from as "periodFrom", period_until as "periodUntil", opens, ordered_by as "orderedBy",
  ordered_at as "orderedAt", team, found_at as "foundAt", 
  jsonb_array_length(case when jsonb_typeof(document->'patterns') = 'array' then document->'patterns' end) as patterns`);

const rowOf = ({ scope, periodFrom, periodUntil, orderedBy, team, ...row }: Row): PatternRunRow => ({
  ...row,
  scope: readStored(Scope, scope, `the scope of pattern run ${row.id}`),
  period: { from: periodFrom, until: periodUntil },
  orderedBy: readStored(Actor, orderedBy, `who ordered pattern run ${row.id}`),
  ...(team === null ? {} : { team }),
});

/** Runs that look for patterns, in PostgreSQL, each as it came out. */
export const createPatternRunStore = (db: Database, inbox: Pick<InboxStore, 'acceptWithin'>): PatternRunStorage => ({
  open: (orderKey, { scope, period, opens, orderedBy, orderedAt, team }, entry) =>
    db.transaction().execute(async (tx) => {
      const id = randomUUIDv7();
      const { rows } = await sql<{ id: string }>`
        insert into pattern_run (id, order_key, scope, period_from, period_until, opens, ordered_by, ordered_at, team)
        values (${id}, ${orderKey}, ${JSON.stringify(scope)}::jsonb, ${period.from}, ${period.until}, ${opens}, ${JSON.stringify(orderedBy)}::jsonb, ${orderedAt}, ${team ?? null})
        on conflict (order_key) do nothing returning id`.execute(tx);
      if (rows[0]) {
        await append(tx, boundTo({ scope, period }, [entry(id)]));
        return id;
      }
      const known = await sql<{ id: string }>`select id from pattern_run where order_key = ${orderKey}`.execute(tx);
      return known.rows[0]!.id;
    }),
  async commission(id) {
    const { rows } = await sql<Row>`select ${columns} from pattern_run where id = ${id}`.execute(db);
    if (!rows[0]) return undefined;
    const { foundAt: _, patterns: __, ...commission } = rowOf(rows[0]);
    return commission;
  },
  async find(id) {
    const { rows } = await sql<{ document: unknown }>`
      select document from pattern_run where id = ${id} and document is not null`.execute(db);
    return rows[0] && readStored(PatternRun, rows[0].document, `pattern run ${id}`);
  },
  write: (run, arrivals) =>
    db.transaction().execute(async (tx) => {
      const { id, foundAt: at, patterns, hash } = run;
      const { rows } = await sql`
        update pattern_run set document = ${JSON.stringify(run)}::jsonb, found_at = ${at}
        where id = ${id} and document is null returning id`.execute(tx);
      if (rows.length === 0) return;
      for (const arrival of arrivals) await inbox.acceptWithin(tx, arrival);
      const subject = patternRunReference(id);
      const detail = { patterns: patterns.length, hash };
      await append(
        tx,
        boundTo(run, [{ key: `${subject}/found`, at, actor: evenkeel, action: 'patterns.found', subject, detail }]),
      );
    }),
  async list({ teams, after, limit }) {
    const { rows } = await sql<Row>`
      select ${columns} from pattern_run
      where ${isOfTeams(teams)} and ${isBehind(after, sql`ordered_at`, sql`id::text`)}
      order by ordered_at desc, id::text desc limit ${limit}`.execute(db);
    return listed(rows, limit, rowOf, ({ orderedAt, id }) => ({ at: orderedAt, id }));
  },
});
