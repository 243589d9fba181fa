import { sql } from 'kysely';
import type { Actor } from '../domain/actor.ts';
import type { MovedStage, SupplierEvent } from '../domain/supplier/lifecycle.ts';
import type { Database } from './database.ts';
import { append } from './ledger.ts';

interface Move {
  id: string;
  supplier: string;
  stage: MovedStage;
  by: Actor;
  reason: string;
  at: string;
}

/** What has moved suppliers: people's words in a table of their own, and plans as they stand. */
export const createSupplierStore = (db: Database) => {
  const eventsOf = async (on: Database, suppliers: readonly string[]) => {
    const { rows } = await sql<{ supplier: string; event: SupplierEvent }>`
      select supplier, event from (
        select supplier, at, id::text as key,
          jsonb_build_object('at', at, 'stage', stage, 'by', actor->>'name', 'reason', reason) as event
        from supplier_move where supplier = any(${suppliers})
        union all
        select p.commission->'trigger'->>'supplier', r.opened_at, p.id, jsonb_build_object('at', r.opened_at,
          'kind', p.commission->'trigger'->>'kind', 'plan', p.id, 'status', r.status, 'closedAt', r.closed_at)
        from operation_plan p join record r using (reference)
        where p.commission->'trigger'->>'type' = 'supplier' and p.commission->'trigger'->>'supplier' = any(${suppliers})
      ) as events order by at, key`.execute(on);
    return Map.groupBy(rows, ({ supplier }) => supplier);
  };
  return {
    /** What has moved each of these, the oldest first. */
    async eventsOf(suppliers: readonly string[]): Promise<ReadonlyMap<string, SupplierEvent[]>> {
      const found = await eventsOf(db, suppliers);
      return new Map([...found].map(([supplier, rows]) => [supplier, rows.map(({ event }) => asWritten(event))]));
    },
    /** Moves a supplier, once for each id, if `allow` does not throw for what has moved it before. */
    move: ({ id, supplier, stage, by, reason, at }: Move, allow: (events: readonly SupplierEvent[]) => void) =>
      db.transaction().execute(async (tx) => {
        await sql`select pg_advisory_xact_lock(hashtextextended(${`supplier ${supplier}`}, 0))`.execute(tx);
        const { rows } = await sql`select from supplier_move where id = ${id}`.execute(tx);
        if (rows.length > 0) return;
        allow(((await eventsOf(tx, [supplier])).get(supplier) ?? []).map(({ event }) => event));
        await sql`
          insert into supplier_move (id, supplier, stage, actor, reason, at)
          values (${id}, ${supplier}, ${stage}, ${JSON.stringify(by)}::jsonb, ${reason}, ${at})`.execute(tx);
        const subject = `supplier/${supplier}`;
        const detail = { stage };
        await append(tx, { key: `${subject}/${id}`, at, actor: by, action: 'supplier.moved', subject, reason, detail });
      }),
  };
};

/** JSON writes times otherwise than we do. */
const asWritten = (event: SupplierEvent): SupplierEvent => ({
  ...event,
  at: new Date(event.at).toISOString(),
  ...('plan' in event && event.closedAt !== null ? { closedAt: new Date(event.closedAt).toISOString() } : {}),
});
