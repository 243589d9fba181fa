import { sql } from 'kysely';
import type { LedgerEntry } from '../domain/audit.ts';
import { OperationPlan, PlanCommission } from '../domain/operation-plan.ts';
import { isOver } from '../domain/operation-plan/record.rules.ts';
import { PlanContent } from '../domain/operation-plan/content.ts';
import type { PlanStore } from '../domain/ports.ts';
import { cached } from './cache.ts';
import type { Database } from './database.ts';
import { append, boundTo } from './ledger.ts';
import { notingRun, saveRecord, unlessLost } from './saving.ts';

/** A plan to open, should none be open for the same thing. */
export interface Opening {
  id: string;
  workflowId: string;
  triggerKey: string;
  service: string;
  environment: string;
  team: string;
  artifact: string;
  commission: PlanCommission;
  entry: LedgerEntry;
}

/** The plan as its first delivery recorded it, whatever a later one brings. */
export interface Opened extends Pick<Opening, 'id' | 'workflowId' | 'team' | 'commission'> {
  how: 'opened' | 'known' | 'attached';
  /** The plan has ended, so there is nothing to start. */
  isOver: boolean;
}

export interface PlanFilter {
  /** Teams that the asker may see; undefined for all. */
  teams?: readonly string[] | undefined;
  /** Also those in which this person was asked for a seat, whatever the team. */
  seated?: string | undefined;
  service?: string | undefined;
  environment?: string | undefined;
  status?: string | undefined;
  /** Position after which the page starts. */
  after?: { at: string; id: string } | undefined;
  limit: number;
}

export interface PlanRow {
  id: string;
  workflowId: string;
  service: string;
  environment: string;
  team: string;
  artifact: string;
  commission: PlanCommission;
  status: string;
  rev: number;
  openedAt: string;
  updatedAt: string;
  record: OperationPlan | null;
}

/** An open plan, and what change has opened it. */
export interface OpenPlan extends Pick<PlanRow, 'id' | 'workflowId' | 'team'> {
  change: PlanCommission['trigger']['change'];
}

export interface PlanStorage extends PlanStore {
  /**
   * Opens the plan unless its trigger is known or an open plan is about the same artifact in the same place; says
   * which plan it is. Openings for one service and environment wait for each other.
   */
  open(opening: Opening): Promise<Opened>;
  /** The open plans for a place, the newest first. */
  openFor(service: string, environment: string): Promise<OpenPlan[]>;
  find(id: string): Promise<PlanRow | undefined>;
  /** The plan that a workflow carries, or whose runbook it runs. */
  ofWorkflow(workflowId: string): Promise<PlanRow | undefined>;
  list(filter: PlanFilter): Promise<PlanRow[]>;
  countByStatus(): Promise<Record<string, number>>;
  /** Remembers the plan that a trigger is told to; the first one stays. */
  noteTold(triggerKey: string, plan: string): Promise<void>;
  /** The plan that a trigger was told to, if it was. */
  toldOf(triggerKey: string): Promise<string | undefined>;
  /** Remembers a run of the plan's workflow as soon as it is there: it may end before it saves anything. */
  noteRun(workflowId: string, runId: string, plan: string): Promise<void>;
}

/** Contents of revisions, which hold their runbooks. */
const mostCached = 200;

/** Operation plans in PostgreSQL: the guard of their trigger, and the readable copy of what their workflows own. */
export const createPlanStore = (db: Database): PlanStorage => ({
  open: (opening) =>
    db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`plan ${opening.service} ${opening.environment}`}, 0))`.execute(
        tx,
      );
      const known = await sql<Row & { trigger_key: string }>`
        select * from operation_plan
        where trigger_key = ${opening.triggerKey} or (service = ${opening.service} and environment = ${opening.environment}
          and artifact = ${opening.artifact} and closed_at is null)
        order by (trigger_key = ${opening.triggerKey}) desc limit 1`.execute(tx);
      const found = known.rows[0];
      if (found) {
        const how = found.trigger_key === opening.triggerKey ? 'known' : 'attached';
        const { id, workflowId, team, commission } = rowOf(found);
        return { id, workflowId, team, commission, how, isOver: found.closed_at !== null };
      }
      const { id, workflowId, triggerKey, service, environment, team, artifact, commission } = opening;
      await sql`
        insert into operation_plan (id, workflow_id, trigger_key, service, environment, team, artifact, commission, status, rev)
        values (${id}, ${workflowId}, ${triggerKey}, ${service}, ${environment}, ${team}, ${artifact}, ${JSON.stringify(commission)}::jsonb, 'draft', 0)`.execute(
        tx,
      );
      await append(tx, boundTo(commission, [opening.entry]));
      return { id, workflowId, team, commission, how: 'opened', isOver: false };
    }),
  async openFor(service, environment) {
    const { rows } = await sql<{ id: string; workflow_id: string; team: string; change: OpenPlan['change'] }>`
      select id, workflow_id, team, commission->'trigger'->>'change' as change from operation_plan where service = ${service} and environment = ${environment} and closed_at is null
      order by opened_at desc, id desc`.execute(db);
    return rows.map(({ id, workflow_id: workflowId, team, change }) => ({ id, workflowId, team, change }));
  },
  async find(id) {
    const { rows } = await sql<Row>`select * from operation_plan where id = ${id}`.execute(db);
    return rows[0] && rowOf(rows[0]);
  },
  async ofWorkflow(workflowId) {
    const { rows } = await sql<Row>`
      select * from operation_plan where workflow_id = split_part(${workflowId}, '/runbook/', 1)`.execute(db);
    return rows[0] && rowOf(rows[0]);
  },
  save: (record, entries, by) =>
    saveRecord(
      db,
      { record, plan: record.id, team: record.team, entries, by, table: 'operation_plan' },
      (clock) => sql`
      update operation_plan set status = ${record.status}, rev = ${record.rev}, record = ${JSON.stringify(record)}::jsonb,
        updated_at = now(), closed_at = case when ${isOver(record)} then coalesce(closed_at, now()) end,
        as_of = greatest(as_of, ${clock}::timestamptz)
      where id = ${record.id} and workflow_id = ${record.workflowId} and rev < ${record.rev}
        and (closed_at is null or status = ${record.status} or as_of < ${clock}::timestamptz) and ${unlessLost}`,
    ),
  async saveContent(plan, revision, digest, content) {
    await sql`
      insert into plan_revision (plan, revision, digest, content)
      values (${plan}, ${revision}, ${digest}, ${JSON.stringify(content)}::jsonb) on conflict (plan, revision) do nothing`.execute(
      db,
    );
  },
  content: cached(mostCached, async (plan, revision) => {
    const { rows } = await sql<{ digest: string; content: unknown }>`
      select digest, content from plan_revision where plan = ${plan} and revision = ${revision}`.execute(db);
    return rows[0] && { digest: rows[0].digest, content: PlanContent.parse(rows[0].content) };
  }),
  async list({ teams, seated, service, environment, status, after, limit }) {
    const seat = seated === undefined ? null : JSON.stringify({ assignments: [{ person: seated }] });
    const { rows } = await sql<Row>`
      select * from operation_plan
      where (${teams === undefined} or team = any(${teams ?? []}) or record @> ${seat}::jsonb)
        and (${service ?? null}::text is null or service = ${service ?? null})
        and (${environment ?? null}::text is null or environment = ${environment ?? null})
        and (${status ?? null}::text is null or status = ${status ?? null})
        and (${after?.at ?? null}::timestamptz is null or (opened_at, id) < (${after?.at ?? null}::timestamptz, ${after?.id ?? null}))
      order by opened_at desc, id desc limit ${limit}`.execute(db);
    return rows.map(rowOf);
  },
  async countByStatus() {
    const { rows } = await sql<{
      status: string;
      count: string;
    }>`select status, count(*) from operation_plan group by status`.execute(db);
    return Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]));
  },
  async noteTold(triggerKey, plan) {
    await sql`
      insert into told_trigger (trigger_key, plan) values (${triggerKey}, ${plan}) on conflict do nothing`.execute(db);
  },
  async toldOf(triggerKey) {
    const { rows } = await sql<{ plan: string }>`
      select plan from told_trigger where trigger_key = ${triggerKey}`.execute(db);
    return rows[0]?.plan;
  },
  async noteRun(workflowId, runId, plan) {
    await notingRun(workflowId, runId, plan).execute(db);
  },
});

interface Row {
  id: string;
  workflow_id: string;
  service: string;
  environment: string;
  team: string;
  artifact: string;
  commission: unknown;
  status: string;
  rev: number;
  record: unknown;
  opened_at: Date;
  updated_at: Date;
  closed_at: Date | null;
}

const rowOf = (row: Row): PlanRow => ({
  id: row.id,
  workflowId: row.workflow_id,
  service: row.service,
  environment: row.environment,
  team: row.team,
  artifact: row.artifact,
  commission: PlanCommission.parse(row.commission),
  status: row.status,
  rev: row.rev,
  openedAt: row.opened_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  record: row.record === null ? null : OperationPlan.parse(row.record),
});
