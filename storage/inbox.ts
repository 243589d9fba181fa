import { sql } from 'kysely';
import type { Actor } from '../domain/actor.ts';
import type { InboxRow, InboxState, Verdict } from '../domain/inbox.ts';
import type { CommandStore, Skipped, StatusReport } from '../domain/ports.ts';
import type { Reference } from '../domain/reference.ts';
import { DeploymentChange, type DeploymentFact } from '../domain/deployment.ts';
import { opensPlans } from '../domain/trigger/decision.ts';
import { keepable } from '../domain/text.ts';
import { type Database, type Depth, depthSince, prepared } from './database.ts';
import { createGroupCommit } from './group-commit.ts';
import { type Acceptance, createAcceptance } from './inbox-accept.ts';
import { append } from './ledger.ts';
import { isBehind, isOfTeams, type TeamsPage } from './page.ts';

/** How long a claim keeps others away, in seconds; longer than any delivery may take. */
const leaseSeconds = 15;
/** Deliveries of its own fault after which a row is parked. */
const mostPoisoned = 5;

export interface InboxFilter extends TeamsPage {
  state: InboxState;
}

export interface InboxStore extends Acceptance, CommandStore {
  claim(most: number): Promise<InboxRow[]>;
  /** Writes the verdict, unless a later claim holds the row; false then. */
  settle(row: Pick<InboxRow, 'id' | 'fence'>, state: InboxState, verdict: Verdict): Promise<boolean>;
  /** Gives the row back for another try in `delayMs`; `poisoned` counts towards being parked. */
  putBack(row: Pick<InboxRow, 'id' | 'fence'>, delayMs: number, poisoned: boolean, reason: string): Promise<void>;
  find(id: string): Promise<InboxRow | undefined>;
  /** Whether an earlier fact of the same sender about the same thing, which may open a plan, still waits for its delivery. */
  isOvertaking(
    row: Pick<InboxRow, 'id' | 'source'>,
    fact: Pick<DeploymentFact, 'subject' | 'environment'>,
  ): Promise<boolean>;
  /** Sends a row that found no plan, or was parked, on its way again. */
  redeliver(id: string, by: Actor, at: string): Promise<boolean>;
  /** Sends facts that were delivered to a record since an instant on their way again. */
  deliverAgain(record: Reference, since: string): Promise<void>;
  list(filter: InboxFilter): Promise<InboxRow[]>;
  /** Of what waits for delivery. */
  depth(): Promise<Depth>;
  /** How many rows led nowhere and wait for somebody. */
  troubled(): Promise<{ state: InboxState; count: number }[]>;
}

/** The inbox in PostgreSQL. */
export const createInboxStore = (db: Database): InboxStore => {
  const change = createGroupCommit<Change, InboxState>({
    keyOf: ({ id }) => id,
    write: (changes) => changeAll(db, changes),
  });
  const acceptance = createAcceptance(db, leaseSeconds);
  return {
    ...acceptance,
    async claim(most) {
      const { rows } = await sql<Row>`
        update inbox set due_at = now() + make_interval(secs => ${leaseSeconds}), fence = fence + 1
        where id in (select id from inbox where state = 'accepted' and due_at <= now() order by due_at limit ${most} for update skip locked)
        returning ${columns}`.execute(db);
      return rows.map(rowOf).toSorted((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1));
    },
    settle: async ({ id, fence }, state, verdict) =>
      (await change({ id, fence, state, verdict, delay: 0, poisoned: false })) !== undefined,
    async putBack({ id, fence }, delayMs, poisoned, reason) {
      await change({
        id,
        fence,
        state: 'accepted',
        verdict: { reason: keepable(reason, 500) },
        delay: delayMs / 1000,
        poisoned,
      });
    },
    async find(id) {
      const { rows } = await sql<Row>`select ${columns} from inbox where id = ${id}`.execute(db);
      return rows[0] ? rowOf(rows[0]) : undefined;
    },
    async isOvertaking({ id, source }, { subject, environment }) {
      const changes = DeploymentChange.options.filter(opensPlans);
      const like = changes.map((told) => JSON.stringify([{ change: told, subject, environment }]));
      const { rows } = await sql`
        select from inbox where state = 'accepted' and kind = 'fact' and source = ${source} and id < ${id}
          and content->'facts' @> any(${like}::jsonb[]) limit 1`.execute(db);
      return rows.length > 0;
    },
    async deliverAgain(record, since) {
      await sql`
        update inbox set state = 'accepted', due_at = now(), attempts = 0
        where kind = 'fact' and state = 'delivered' and verdict->'records' ? ${record} and settled_at >= ${since}`.execute(
        db,
      );
    },
    redeliver: (id, by, at) =>
      db.transaction().execute(async (tx) => {
        const { rows } = await sql<{ fence: number }>`
          update inbox set state = 'accepted', due_at = now(), attempts = 0, verdict = null
          where id = ${id} and state in ('gap', 'skipped', 'parked') returning fence`.execute(tx);
        if (!rows[0]) return false;
        await append(tx, {
          key: `inbox/${id}/redelivered/${rows[0].fence}`,
          at,
          actor: by,
          action: 'inbox.redelivered',
          subject: `inbox/${id}`,
        });
        await sql`notify inbox`.execute(tx);
        return true;
      }),
    async list({ state, teams, after, limit }) {
      const { rows } = await sql<Row>`
        select ${columns} from inbox
        where state = ${state} and ${isOfTeams(teams)} and ${isBehind(after, sql`received_at`, sql`id`)}
        order by received_at desc, id desc limit ${limit}`.execute(db);
      return rows.map(rowOf);
    },
    async depth() {
      const { rows } = await sql<Depth>`
        select ${depthSince('received_at')} from inbox where state = 'accepted'`.execute(db);
      return rows[0]!;
    },
    async troubled() {
      const { rows } = await sql<{ state: InboxState; count: number }>`
        select state, count(i.state) from unnest(array['gap', 'dead', 'parked']) as state
          left join (
            select state from inbox where state in ('gap', 'dead', 'parked')
            union all select state from alert_inbox where state = 'parked') i using (state)
        group by state`.execute(db);
      return rows;
    },
    async retriesOrdered(target, name) {
      const { rows } = await sql<{ count: number }>`
        select count(*) from inbox where kind = 'command' and target = ${target} and ${mayBeCarriedOut}
          and content->'ask'->>'type' in ('retry', 'retry-step')
          and coalesce(content->'ask'->>'step', content->'ask'->>'activity') = ${name}`.execute(db);
      return rows[0]!.count;
    },
    async runbookOrdered(target, command) {
      const { rows } = await sql<{ runbook: string; by: string; lentBy: string | null }>`
        select content->'ask'->>'runbook' as runbook, actor->>'name' as by, actor->>'lentBy' as lent_by from inbox
        where kind = 'command' and target = ${target} and id = ${command}::uuid and ${mayBeCarriedOut}
          and content->'ask'->>'type' = 'start-runbook'`.execute(db);
      return rows[0];
    },
    async splitAsked(target, command) {
      const { rows } = await sql<{ alerts: string[]; title: string; reason: string; by: Actor }>`
        select content->'ask'->'alerts' as alerts, content->'ask'->>'title' as title, content->'ask'->>'reason' as reason, actor as by from inbox
        where kind = 'command' and target = ${target} and id = ${command}::uuid and ${mayBeCarriedOut}
          and content->'ask'->>'type' = 'split'`.execute(db);
      return rows[0];
    },
    async riskAsked(target, command) {
      const { rows } = await sql<{ by: string; lentBy: string | null; reason: string; until: string }>`
        select actor->>'name' as by, actor->>'lentBy' as lent_by, content->'ask'->>'reason' as reason, content->'ask'->>'until' as until from inbox
        where kind = 'command' and target = ${target} and id = ${command}::uuid and ${mayBeCarriedOut}
          and content->'ask'->>'type' = 'accept-risk'`.execute(db);
      return rows[0];
    },
    async skipped(record, workflowId) {
      const { rows } = await sql<Skipped>`
        select target, coalesce(content->'ask'->>'step', content->'ask'->>'activity') as name, state <> 'accepted' as "isSettled"
        from inbox where kind = 'command' and ${mayBeCarriedOut} and content->'ask'->>'type' in ('skip', 'skip-step')
          and ${isFor(record, workflowId)}`.execute(db);
      return rows;
    },
    async stopOf(target) {
      // A refused resume was asked for as well: the workflow may have lost the pause that it was to end.
      const { rows } = await sql<{ type: 'cancel' | 'pause' | 'resume' }>`
        select content->'ask'->>'type' as type from inbox where kind = 'command' and target = ${target}
          and (content->'ask'->>'type' in ('cancel', 'pause') and ${mayBeCarriedOut}
            or content->'ask'->>'type' = 'resume')
        order by content->'ask'->>'type' = 'cancel' desc, received_at desc, id desc limit 1`.execute(db);
      const type = rows[0]?.type;
      return type === 'cancel' || type === 'pause' ? type : undefined;
    },
    async dropped(target) {
      const { rows } = await sql<{ name: string }>`
        select distinct jsonb_array_elements_text(content->'ask'->'drop') as name from inbox
        where kind = 'command' and target = ${target} and state in ('applied', 'parked')
          and content->'ask'->>'type' = 'amend' order by 1`.execute(db);
      return rows.map(({ name }) => name);
    },
    async editorsOf(target) {
      const { rows } = await peopleBehind(target, 'amend').execute(db);
      return rows.map(({ name }) => name);
    },
    async statusReports(target, commands) {
      const { rows } = await sql<StatusReport>`
        select id as command, received_at as at, content->'ask'->>'text' as text,
          coalesce((content->'ask'->>'public')::boolean, false) as is_public, content->'ask'->>'publicTitle' as public_title
        from inbox
        where kind = 'command' and target = ${target} and state in ('accepted', 'applied')
          and content->'ask'->>'type' = 'report-status' and id = any(${commands}::uuid[])
        order by array_position(${commands}::uuid[], id)`.execute(db);
      return rows;
    },
    tell: (signal) => acceptance.accept(signal),
    async executorsOf(target, record) {
      const { rows: seated } = await peopleBehind(target, 'accept').execute(db);
      const { rows: tasked } = await sql<{ name: string }>`
        select content->'ask'->>'to' as name from inbox
        where kind = 'command' and ${mayBeCarriedOut} and content->'ask'->>'type' = 'reassign-task'
          and ${isFor(record, target)}
        union
        select body::jsonb->'detail'->>'to' from ledger_entry where action = 'task.reassigned' and belongs_to = ${record}
        order by 1`.execute(db);
      return [...new Set([...seated, ...tasked].map(({ name }) => name))];
    },
  };
};

/** A command that is parked may have been carried out all the same: what Temporal answered could not be believed. */
const mayBeCarriedOut = sql.raw("state in ('accepted', 'applied', 'parked')");

/** Of the workflow of a record, or of one of its runs. */
const isFor = (record: Reference, workflowId: string) =>
  sql`target in (select ${workflowId} union all select workflow_id from runbook_run where belongs_to = ${record})`;

/** What the ledger says when such a command was carried out. */
const deeds = { amend: 'plan.amended', accept: 'seat.accepted' } as const;

/**
 * Who gave such commands, and who had lent them the token. One that was refused may have been carried out too, if somebody
 * kept it and brought it again: then the ledger says so.
 */
const peopleBehind = (target: string, type: keyof typeof deeds) => sql<{ name: string }>`
  select distinct person as name from (
    select unnest(array[actor->>'name', actor->>'lentBy']) as person from inbox
    where kind = 'command' and target = ${target} and ${mayBeCarriedOut} and content->'ask'->>'type' = ${type}
    union all
    select body::jsonb->'actor'->>'name' from ledger_entry
    where action = ${deeds[type]} and belongs_to = (select reference from record where workflow_id = ${target})
  ) as people where person is not null order by 1`;

/** What becomes of a row that its caller still holds. */
interface Change {
  id: string;
  fence: number;
  state: InboxState;
  verdict: Verdict;
  /** Seconds until the next try. */
  delay: number;
  poisoned: boolean;
}

/**
 * Changes rows in one statement with their entries of the ledger: of rows that end, or wait for somebody to look at
 * them. A fact that led nowhere is evidenced by its row alone.
 */
const changeAll = async (db: Database, changes: readonly Change[]): Promise<ReadonlyMap<string, InboxState>> => {
  const { rows } = await sql<{ id: string; state: InboxState }>`${prepared}
    with wanted as (
      select * from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb)
        as t(id uuid, fence bigint, state text, verdict jsonb, delay float, poisoned boolean)
    ), changed as (
      update inbox i set
        state = case when w.poisoned and i.attempts + 1 >= ${mostPoisoned} then 'parked' else w.state end,
        attempts = i.attempts + w.poisoned::int,
        verdict = w.verdict,
        due_at = now() + make_interval(secs => w.delay),
        settled_at = case when w.state = 'accepted' then null else now() end
      from wanted w
      -- The ids once more, for the planner: it would read the whole table.
      where i.id = any(${changes.map(({ id }) => id)}::uuid[]) and i.id = w.id and i.fence = w.fence and i.state = 'accepted'
      returning i.id, i.kind, i.state, i.verdict, i.belongs_to, i.actor, i.name, i.source, i.body_hash, i.fence
    ), ended as (
      select 'inbox/' || c.id || '/' || c.state || '/' || c.fence as key, 'inbox/' || c.id as subject,
        c.kind || '.' || c.state as action, coalesce(c.verdict->'records'->>0, c.belongs_to) as owner, c.*
      from changed c
      where c.state <> 'accepted' and c.kind <> 'signal'
        and (c.kind <> 'fact' or c.state = 'parked' or c.verdict ? 'records')
    ), noted as (
      insert into ledger_entry (key, belongs_to, subject, action, body)
      select key, owner, subject, action, jsonb_strip_nulls(jsonb_build_object(
        'key', key, 'at', now(), 'actor', actor, 'action', action, 'subject', subject, 'belongsTo', owner,
        'reason', verdict->>'reason', 'detail', jsonb_build_object('name', name, 'source', source, 'bodyHash', body_hash)))::text
      from ended on conflict (key) do nothing
    )
    select id, state from changed`.execute(db);
  return new Map(rows.map(({ id, state }) => [id, state]));
};

const columns = sql.raw(
  'id, kind, source, dedup_key, name, target, belongs_to, team, actor, body_hash, content, state, verdict, received_at, fence, attempts',
);

interface Row extends Omit<InboxRow, 'target' | 'belongsTo' | 'team'> {
  target: string | null;
  belongsTo: Reference | null;
  team: string | null;
}

const rowOf = ({ target, belongsTo, team, ...row }: Row): InboxRow => ({
  ...row,
  ...(target === null ? {} : { target }),
  ...(belongsTo === null ? {} : { belongsTo }),
  ...(team === null ? {} : { team }),
});
