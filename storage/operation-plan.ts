import { sql } from 'kysely';
import type { PlanId } from '../domain/id.ts';
import type { TriggeredBy } from '../domain/login.ts';
import type { LedgerEntry } from '../domain/audit.ts';
import { OperationPlan, PlanCommission } from '../domain/operation-plan.ts';
import { isOver } from '../domain/operation-plan/record.rules.ts';
import { PlanContent } from '../domain/operation-plan/content.ts';
import { isSameArtifact } from '../domain/trigger/commit.ts';
import { observePlan } from '../domain/metric/observation.ts';
import { planReference } from '../domain/identifiers.ts';
import { isOfDeployment, type TriggerType } from '../domain/trigger.ts';
import type { PlanStart, PlanStore } from '../domain/ports.ts';
import { cached } from './cache.ts';
import type { Database } from './database.ts';
import { append, boundTo } from './ledger.ts';
import { is, isBehind, isOfTeams, type TeamsPage } from './page.ts';
import { type Listed, listed, readStored } from './stored.ts';
import { openRecord, recordColumns, type RecordRow, saveRecord } from './record.ts';

/** A plan to open, should none be open for the same thing. */
export interface Opening {
  id: PlanId;
  workflowId: string;
  triggerKey: string;
  service: string;
  environment: string;
  team: string;
  /** Of a deployment: an open plan about the same one in the same place hears of this one instead. */
  artifact?: string | undefined;
  commission: PlanCommission;
  entry: LedgerEntry;
}

/** The plan as its first delivery recorded it, whatever a later one brings. */
export interface Opened extends Pick<Opening, 'id' | 'workflowId' | 'team' | 'commission'> {
  how: 'opened' | 'found' | 'attached';
  /** The plan has ended, so there is nothing to start. */
  isOver: boolean;
}

export interface PlanFilter extends TeamsPage {
  /** Also those in which this person was asked for a seat, whatever the team. */
  seated?: string | undefined;
  service?: string | undefined;
  environment?: string | undefined;
  status?: string | undefined;
}

export interface PlanRow extends Omit<RecordRow, 'state'> {
  id: PlanId;
  service: string;
  environment: string;
  artifact: string | null;
  commission: PlanCommission;
  record: OperationPlan | null;
}

/** An open plan, and what has opened it. */
export interface OpenPlan extends Pick<PlanRow, 'id' | 'workflowId' | 'team'> {
  type: TriggerType;
}

export interface PlanStorage extends PlanStore {
  /**
   * Opens the plan unless its trigger is known or an open plan is about the same artifact in the same place; says
   * which plan it is. Openings for one service and environment wait for each other.
   */
  open(opening: Opening): Promise<Opened>;
  /** The open plans for a place, whatever opened them, the newest first. */
  openFor(service: string, environment: string): Promise<OpenPlan[]>;
  find(id: PlanId): Promise<PlanRow | undefined>;
  list(filter: PlanFilter): Promise<Listed<PlanRow>>;
  /** Remembers the plan that a trigger is told to; the first one stays. */
  noteTold(triggerKey: string, plan: PlanId, triggeredBy: readonly TriggeredBy[]): Promise<void>;
  /** The plan that a trigger was told to, if it was. */
  toldOf(triggerKey: string): Promise<PlanId | undefined>;
}

/** Contents of revisions, which hold their runbooks. */
const mostCached = 200;
const mostOpened = 5_000;

/** Operation plans in PostgreSQL: the guard of their trigger, and the readable copy of what their workflows own. */
export const createPlanStore = (db: Database): PlanStorage => ({
  open: (opening) =>
    db.transaction().execute(async (tx) => {
      const { id, workflowId, triggerKey, service, environment, team, artifact, commission } = opening;
      await sql`select pg_advisory_xact_lock(hashtextextended(${`plan ${service} ${environment}`}, 0))`.execute(tx);
      const known = await sql<Candidate>`
        select p.trigger_key, ${columns} from operation_plan p join record r using (reference)
        where p.trigger_key = ${triggerKey}
          or (p.service = ${service} and p.environment = ${environment} and left(p.artifact, 7) = ${artifact?.slice(0, 7) ?? null} and p.is_open)`.execute(
        tx,
      );
      const found = choose(known.rows, opening);
      if (found) {
        const how = found.triggerKey === triggerKey ? 'found' : 'attached';
        const before = rowOf(found);
        if (how === 'attached') await noteAttached(tx, before, opening);
        return {
          id: before.id,
          workflowId: before.workflowId,
          team: before.team,
          commission: before.commission,
          how,
          isOver: before.closedAt !== null,
        };
      }
      const reference = planReference(id);
      await openRecord(tx, { reference, workflowId, team, status: 'draft' });
      await sql`
        insert into operation_plan (id, reference, trigger_key, service, environment, artifact, commission)
        values (${id}, ${reference}, ${triggerKey}, ${service}, ${environment}, ${artifact ?? null}, ${JSON.stringify(commission)}::jsonb)`.execute(
        tx,
      );
      await append(tx, boundTo(commission, [opening.entry]));
      return { id, workflowId, team, commission, how: 'opened', isOver: false };
    }),
  async openFor(service, environment) {
    const { rows } = await sql<OpenPlan>`
      select p.id, r.workflow_id, r.team, p.commission->'trigger'->>'type' as type
      from operation_plan p join record r using (reference)
      where p.service = ${service} and p.environment = ${environment} and p.is_open
      order by r.opened_at desc, p.id desc`.execute(db);
    return rows;
  },
  async openOf(service) {
    const { rows } = await sql<OpenPlan>`
      select p.id, r.workflow_id, r.team from operation_plan p join record r using (reference)
      where p.service = ${service} and p.is_open order by r.opened_at desc, p.id desc limit 500`.execute(db);
    return rows;
  },
  async find(id) {
    const { rows } = await sql<Row>`
      select ${columns} from operation_plan p join record r using (reference) where p.id = ${id}`.execute(db);
    return rows[0] && rowOf(rows[0]);
  },
  save: (record, entries, by) =>
    saveRecord(
      db,
      { reference: planReference(record.id), team: record.team, state: record, isOver: isOver(record), entries, by },
      sql`
      update operation_plan p set is_open = kept.closed_at is null, observed_at = ${record.openedAt},
        observation = ${JSON.stringify(observePlan(record))}::jsonb
      from write_0 kept where p.reference = kept.reference`,
    ),
  openedFor: cached(mostOpened, async (id) => {
    const { rows } = await sql<{ commission: unknown }>`
      select commission from operation_plan where id = ${id}`.execute(db);
    return rows[0] && readStored(PlanCommission, rows[0].commission, `the commission of ${id}`);
  }),
  async start({ plan, revision, digest, review }) {
    const { rows } = await sql<{ digest: string }>`
      insert into plan_start (plan, revision, digest)
      select ${plan}, ${revision}::int, ${digest}
      where ${review} = (select id from readiness_review where plan = ${plan} order by number desc limit 1)
      on conflict (plan) do update set revision = excluded.revision, digest = excluded.digest
        where plan_start.digest = excluded.digest
          or not exists (select 1 from runbook_run where belongs_to = ${planReference(plan)})
      returning digest`.execute(db);
    return rows.length > 0;
  },
  async openBefore(id) {
    const { rows } = await sql<Pick<Opened, 'id' | 'workflowId' | 'team' | 'commission'>>`
      select o.id, r.workflow_id, r.team, o.commission
      from operation_plan p join record mine on mine.reference = p.reference
        join operation_plan o on o.service = p.service and o.environment = p.environment and o.is_open and o.id <> p.id
        join record r on r.reference = o.reference and r.opened_at < mine.opened_at
      where p.id = ${id} and o.commission->'trigger'->>'type' = 'deployment'`.execute(db);
    return rows.map(({ commission, ...row }) => ({
      ...row,
      commission: readStored(PlanCommission, commission, `the commission of ${row.id}`),
    }));
  },
  startOf: (plan) => startOf(db, plan),
  startOfRuns: cached(mostOpened, (plan: PlanId) => startOf(db, plan)),
  async saveContent(plan, revision, digest, content) {
    await sql`
      insert into plan_revision (plan, revision, digest, content)
      values (${plan}, ${revision}, ${digest}, ${JSON.stringify(content)}::jsonb) on conflict (plan, revision) do nothing`.execute(
      db,
    );
  },
  async latestRevision(plan) {
    const { rows } = await sql<{ revision: number | null }>`
      select max(revision) as revision from plan_revision where plan = ${plan}`.execute(db);
    return rows[0]?.revision ?? undefined;
  },
  async revisionOf(plan, digest) {
    const { rows } = await sql<{ revision: number }>`
      select revision from plan_revision where plan = ${plan} and digest = ${digest}`.execute(db);
    return rows[0]?.revision;
  },
  content: cached(mostCached, async (plan, revision) => {
    const { rows } = await sql<{ digest: string; content: unknown }>`
      select digest, content from plan_revision where plan = ${plan} and revision = ${revision}`.execute(db);
    return (
      rows[0] && {
        digest: rows[0].digest,
        content: readStored(PlanContent, rows[0].content, `revision ${revision} of ${plan}`),
      }
    );
  }),
  async list({ teams, seated, service, environment, status, after, limit }) {
    const seat = seated === undefined ? null : JSON.stringify({ assignments: [{ person: seated }] });
    const { rows } = await sql<Row>`
      select ${columns} from operation_plan p join record r using (reference)
      where (${isOfTeams(teams)} or r.state @> ${seat}::jsonb) and ${is('service', service)}
        and ${is('environment', environment)} and ${is('status', status)} and ${isBehind(after, sql`r.opened_at`, sql`p.id`)}
      order by r.opened_at desc, p.id desc limit ${limit}`.execute(db);
    return listed(rows, limit, rowOf, ({ openedAt, id }) => ({ at: openedAt, id }));
  },
  noteTold: (triggerKey, plan, triggeredBy) => noteTold(db, triggerKey, plan, triggeredBy),
  async toldBy(record) {
    const { rows } = await sql<{ triggeredBy: TriggeredBy[] }>`
      select t.triggered_by from told_trigger t join operation_plan p on p.id = t.plan
      where p.reference = ${record} order by t.told_at`.execute(db);
    return rows.flatMap(({ triggeredBy }) => triggeredBy);
  },
  async toldOf(triggerKey) {
    const { rows } = await sql<{ plan: PlanId }>`
      select plan from told_trigger where trigger_key = ${triggerKey}`.execute(db);
    return rows[0]?.plan;
  },
});

/**
 * Places in which the work of a plan goes on; one that takes longer than so explains no alert. In a hypercare nothing is done: there
 * each alert counts.
 */
export const plansUnderWay = async (
  tx: Database,
): Promise<{ reference: string; service: string; environment: string }[]> => {
  const { rows } = await sql<{ reference: string; service: string; environment: string }>`
    select p.reference, p.service, p.environment from operation_plan p join record r using (reference)
      join plan_start s on s.plan = p.id
    where p.is_open and r.status in ('running', 'undoing') and s.started_at > now() - interval '2 hours'
      and not (jsonb_path_exists(r.state, '$.activities[*] ? (@.kind == "hypercare" && @.status == "running")')
        and not jsonb_path_exists(r.state, '$.activities[*] ? (@.kind != "hypercare" && @.status == "running")'))`.execute(
    tx,
  );
  return rows;
};

type Candidate = Row & { triggerKey: string };

/**
 * The plan of this trigger, else the open one about the same artifact. An abbreviated hash that fits several commits
 * belongs to none of them.
 */
const choose = (candidates: readonly Candidate[], opening: Opening): Candidate | undefined => {
  const exact =
    candidates.find(({ triggerKey }) => triggerKey === opening.triggerKey) ??
    candidates.find(({ artifact }) => artifact !== null && artifact === opening.artifact);
  const { trigger: told } = opening.commission;
  if (exact || !isOfDeployment(told)) return exact;
  const alike = candidates.filter(({ artifact: key, commission }) => {
    const { trigger } = PlanCommission.parse(commission);
    return (
      key !== null && isOfDeployment(trigger) && isSameArtifact({ key, artifact: trigger.artifact }, told.artifact)
    );
  });
  return alike.length === 1 ? alike[0] : undefined;
};

/** Keeps who triggered the same once more, and the longer hash: what is another commit is told from it. */
const noteAttached = async (
  tx: Database,
  { id, artifact }: Pick<PlanRow, 'id' | 'artifact'>,
  { triggerKey, artifact: told, commission }: Opening,
): Promise<void> => {
  await noteTold(tx, triggerKey, id, commission.trigger.triggeredBy ?? []);
  if (told !== undefined && told.length > (artifact?.length ?? 0))
    await sql`update operation_plan set artifact = ${told} where id = ${id}`.execute(tx);
};

const startOf = async (db: Database, plan: PlanId): Promise<PlanStart | undefined> => {
  const { rows } = await sql<PlanStart>`
    select plan, revision, digest from plan_start where plan = ${plan}`.execute(db);
  return rows[0];
};

const noteTold = async (
  db: Database,
  triggerKey: string,
  plan: PlanId,
  triggeredBy: readonly TriggeredBy[],
): Promise<void> => {
  await sql`
    insert into told_trigger (trigger_key, plan, triggered_by)
    values (${triggerKey}, ${plan}, ${JSON.stringify(triggeredBy)}::jsonb) on conflict do nothing`.execute(db);
};

const columns = sql`p.id, p.service, p.environment, p.artifact, p.commission, ${recordColumns}`;

type Row = Omit<PlanRow, 'record'> & { state: unknown };

const rowOf = ({ state, commission, ...row }: Row): PlanRow => ({
  ...row,
  commission: readStored(PlanCommission, commission, `the commission of ${row.reference}`),
  record: state === null ? null : readStored(OperationPlan, state, row.reference),
});
