import { type RawBuilder, sql } from 'kysely';
import type { Actor } from '../domain/actor.ts';
import { DomainError } from '../domain/errors.ts';
import { Freeze } from '../domain/freeze.ts';
import type { FreezeStore } from '../domain/ports.ts';
import type { Reference } from '../domain/reference.ts';
import type { Database } from './database.ts';
import { append } from './ledger.ts';
import { is } from './page.ts';
import { readStored } from './stored.ts';

export interface FreezeStorage extends FreezeStore {
  /** Begins it under its id; the same again changes nothing. */
  start(freeze: Freeze): Promise<Freeze>;
  /** Ends it before its time. Refuses one that is over. */
  end(id: string, by: Actor, at: string, reason: string): Promise<Freeze>;
  find(id: string): Promise<Freeze | undefined>;
  /** Workflows of plans in its place that have not ended, and of their runs. */
  held(freeze: Freeze): Promise<{ workflowId: string; belongsTo: Reference; team: string }[]>;
  /** The newest first; those that are over as well. */
  list(): Promise<Freeze[]>;
}

/** Emergency freezes in PostgreSQL. */
export const createFreezeStore = (db: Database): FreezeStorage => {
  const where = async (on: Database, condition: RawBuilder<unknown>): Promise<Freeze[]> => {
    const { rows } = await sql<{ id: string; record: unknown }>`
      select id, record from emergency_freeze where ${condition} order by started_at desc limit 200`.execute(on);
    return rows.map(({ id, record }) => readStored(Freeze, record, `freeze ${id}`));
  };
  return {
    start: (freeze) =>
      db.transaction().execute(async (tx) => {
        const { id, service, environment, startedBy: actor, startedAt: at, until, reason } = freeze;
        const { rows } = await sql`
          insert into emergency_freeze (id, service, environment, started_at, until, record)
          values (${id}, ${service ?? null}, ${environment ?? null}, ${at}, ${until}, ${JSON.stringify(freeze)}::jsonb)
          on conflict (id) do nothing returning id`.execute(tx);
        const subject = `freeze/${id}`;
        const detail = { service, environment, until };
        if (rows[0])
          await append(tx, { key: `${subject}/started`, at, actor, action: 'freeze.started', subject, reason, detail });
        return (await where(tx, sql`id = ${id}`))[0]!;
      }),
    end: (id, by, at, reason) =>
      db.transaction().execute(async (tx) => {
        await sql`select from emergency_freeze where id = ${id} for update`.execute(tx);
        const [freeze] = await where(tx, sql`id = ${id}`);
        if (!freeze) throw new DomainError('not-found', `there is no freeze ${id}`);
        const overSince = freeze.endedAt ?? (freeze.until <= at ? freeze.until : undefined);
        if (overSince !== undefined) throw new DomainError('conflict', `freeze ${id} ended at ${overSince}`);
        const ended: Freeze = { ...freeze, endedBy: by, endedAt: at };
        await sql`update emergency_freeze set until = ${at}, record = ${JSON.stringify(ended)}::jsonb where id = ${id}`.execute(
          tx,
        );
        const subject = `freeze/${id}`;
        await append(tx, { key: `${subject}/ended`, at, actor: by, action: 'freeze.ended', subject, reason });
        return ended;
      }),
    find: async (id) => (await where(db, sql`id = ${id}`))[0],
    async held({ service, environment }) {
      const { rows } = await sql<{ workflowId: string; belongsTo: Reference; team: string }>`
        with place as (
          select r.reference as belongs_to, r.team, r.workflow_id from operation_plan p join record r using (reference)
          where p.is_open and ${is('p.service', service)} and ${is('p.environment', environment)})
        select workflow_id, belongs_to, team from place
        union all
        select run.workflow_id, belongs_to, team from place join runbook_run run using (belongs_to) where run.ended_by is null`.execute(
        db,
      );
      return rows;
    },
    list: () => where(db, sql`true`),
    active: (service, environment) =>
      where(
        db,
        sql`until > now() and (service is null or service = ${service}) and (environment is null or environment = ${environment})`,
      ),
  };
};
