import { sql } from 'kysely';
import { incidentReference, problemReference, problemWorkflowIdOf } from '../domain/identifiers.ts';
import { visibilityOf } from '../domain/privacy.rules.ts';
import { Problem, ProblemCommission } from '../domain/problem.ts';
import type { ProblemFinding } from '../domain/insight/finding.ts';
import { KnownError } from '../domain/problem/known-error.ts';
import type { ProblemStore } from '../domain/problem/ports.ts';
import { isOver } from '../domain/problem/record.rules.ts';
import { cached } from './cache.ts';
import type { Database } from './database.ts';
import { append, boundTo } from './ledger.ts';
import { is, isBehind, isOfTeams, type TeamsPage } from './page.ts';
import { openRecord, recordColumns, type RecordRow, saveRecord } from './record.ts';
import { elementsOf, type Listed, listed, readable, readStored } from './stored.ts';

export interface ProblemRow extends Omit<RecordRow, 'state'> {
  number: number;
  commission: ProblemCommission;
  record: Problem | null;
}

export interface ProblemFilter extends TeamsPage {
  /** Also private ones of this person. */
  person?: string | undefined;
  service?: string | undefined;
  environment?: string | undefined;
  status?: string | undefined;
  /** Those that are not closed alone. */
  open?: boolean | undefined;
}

/** Of a known error. */
export interface KnownErrorUse {
  offered: number;
  applied: number;
  restored: number;
}

export interface ProblemStorage extends ProblemStore {
  find(number: number): Promise<ProblemRow | undefined>;
  /** How often its known error was offered to an incident, its workaround was applied there, by its runbook or by hand, and restored service. Drills do not count. */
  useOf(number: number, runbook: string | undefined): Promise<KnownErrorUse>;
  /** The open problem that a finding belongs to, and the one that was closed last for its pattern. */
  takersOf(finding: ProblemFinding): Promise<{ open: ProblemRow | undefined; last: ProblemRow | undefined }>;
  list(filter: ProblemFilter): Promise<Listed<ProblemRow>>;
  /** Those that an incident is one of, the newest first. */
  ofIncident(incident: number): Promise<ProblemRow[]>;
}

const mostOpened = 2_000;
const mostOfIncident = 20;
const mostKnownErrors = 1_000;

/** Problems in PostgreSQL: what each was opened for, its incidents, and the readable copy of what its workflow owns. */
export const createProblemStore = (db: Database): ProblemStorage => ({
  async find(number) {
    const { rows } = await sql<Row>`
      select ${columns} from problem p join record r using (reference) where p.number = ${number}`.execute(db);
    return rows[0] && rowOf(rows[0]);
  },
  openedFor: cached(mostOpened, async (number) => {
    const { rows } = await sql<{ commission: unknown }>`
      select commission from problem where number = ${number}`.execute(db);
    return rows[0] && readStored(ProblemCommission, rows[0].commission, `the commission of problem ${number}`);
  }),
  save: (record, entries, by) =>
    saveRecord(
      db,
      {
        reference: problemReference(record.number),
        team: visibilityOf(problemReference(record.number), record),
        state: record,
        isOver: isOver(record),
        entries,
        by,
      },
      sql`
      update problem p set service = ${record.service ?? null}, environment = ${record.environment ?? null}
      from write_0 kept where p.reference = kept.reference`,
    ),
  open: (triggerKey, opening, pattern) =>
    db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`problem ${pattern ?? triggerKey}`}, 0))`.execute(tx);
      const known = await sql<{ number: number }>`
        select p.number from problem p join record r using (reference)
        where p.trigger_key = ${triggerKey} or (p.pattern = ${pattern ?? null} and r.status <> 'closed') order by p.number limit 1`.execute(
        tx,
      );
      if (known.rows[0]) return known.rows[0].number;
      const { rows } = await sql<{ number: number }>`select nextval('problem_number') as number`.execute(tx);
      const { number } = rows[0]!;
      const { commission, entry } = opening(number);
      const reference = problemReference(number);
      const { service = null, environment = null } = commission;
      const workflowId = problemWorkflowIdOf(number);
      await openRecord(tx, { reference, workflowId, team: visibilityOf(reference, commission), status: 'new' });
      await sql`
        insert into problem (number, reference, trigger_key, service, environment, pattern, commission)
        values (${number}, ${reference}, ${triggerKey}, ${service}, ${environment}, ${pattern ?? null}, ${JSON.stringify(ProblemCommission.parse(commission))}::jsonb)`.execute(
        tx,
      );
      await append(tx, boundTo(commission, [entry]));
      return number;
    }),
  takersOf: (finding) => takersOf(db, finding),
  async knownErrors() {
    const { rows } = await sql<{ number: number; team: string; owner: string | null; knownError: unknown }>`
      select p.number, r.team, r.state->>'owner' as owner, r.state->'knownError' as known_error from problem p join record r using (reference)
      where r.kind = 'problem' and r.status <> 'closed' and r.state ? 'knownError' and not p.commission ? 'privateTo'
      order by r.state->'knownError'->>'publishedAt' desc limit ${mostKnownErrors}`.execute(db);
    return readable(rows, (row) => ({
      ...row,
      knownError: readStored(KnownError, row.knownError, `the known error of problem ${row.number}`),
    }));
  },
  async useOf(number, runbook) {
    const { rows } = await sql<KnownErrorUse>`
      select count(distinct r.reference) filter (where r.state->'knownErrors' @> ${JSON.stringify([number])}::jsonb)::int as offered,
        count(used.restored)::int as applied, count(*) filter (where used.restored)::int as restored
      from record r left join lateral (
        select run->>'status' = 'restored' as restored from ${elementsOf(sql`r.state->'runbooks'`)} as run
          where r.state->'knownErrors' @> ${JSON.stringify([number])}::jsonb and run->>'runbook' = ${runbook ?? null} and run->>'status' in ('restored', 'failed')
        union all
        select done->>'restored' = 'true' from ${elementsOf(sql`r.state->'workarounds'`)} as done
          where done->>'problem' = ${String(number)}) as used on true
      where r.kind = 'incident' and r.state->>'kind' <> 'drill'
        and (r.state->'knownErrors' @> ${JSON.stringify([number])}::jsonb or r.state->'workarounds' @> ${JSON.stringify([{ problem: number }])}::jsonb)`.execute(
      db,
    );
    return rows[0]!;
  },
  async incidentCourses(number) {
    const { rows } = await sql<{
      openedAt: string;
      impactAt: string | null;
      detectedAt: string;
      mitigatedAt: string | null;
    }>`
      select r.opened_at, i.commission->>'impactAt' as impact_at, i.commission->>'detectedAt' as detected_at,
        coalesce(r.state #>> '{times,mitigatedAt}', r.state #>> '{times,restoredAt}') as mitigated_at
      from record own, jsonb_to_recordset(own.state->'incidents') as linked(number bigint)
        join incident i using (number) join record r on r.reference = i.reference
      where own.reference = ${problemReference(number)} and i.kind <> 'drill' and r.status <> 'cancelled' order by r.opened_at`.execute(
      db,
    );
    return rows.map(({ impactAt, mitigatedAt, ...row }) => ({
      ...row,
      impactAt: impactAt ?? undefined,
      mitigatedAt: mitigatedAt ?? undefined,
    }));
  },
  async list({ teams, person, service, environment, status, open, after, limit }) {
    const { rows } = await sql<Row>`
      select ${columns} from problem p join record r using (reference)
      where (${isOfTeams(teams)} or ${isConcernedIn(person)})
        and ${is('service', service)} and ${is('environment', environment)} and ${is('status', status)}
        and ${open === true ? sql`r.status <> 'closed'` : sql`true`}
        and ${isBehind(after, sql`r.opened_at`, sql`p.number::text`)}
      order by r.opened_at desc, p.number::text desc limit ${limit}`.execute(db);
    return listed(rows, limit, rowOf, ({ openedAt, number }) => ({ at: openedAt, id: String(number) }));
  },
  async ofIncident(incident) {
    const { rows } = await sql<Row>`
      select ${columns} from problem p join record r using (reference)
      where r.kind = 'problem' and r.state->'incidents' @> ${JSON.stringify([{ number: incident }])}::jsonb
      order by p.number desc limit ${mostOfIncident}`.execute(db);
    return readable(rows, rowOf);
  },
});

/** By its pattern, by an incident that it has, or by its team's known error that one of the incidents shows; what is private goes by its pattern alone. */
const takersOf = async (db: Database, { pattern, incidents, privateTo, team }: ProblemFinding) => {
  const linked = incidents.map((number) => JSON.stringify([{ number }]));
  const ofIncidents =
    privateTo === undefined
      ? sql`or (not p.commission ? 'privateTo' and (r.state->'incidents' @> any(${linked}::jsonb[]) or p.commission->>'team' = ${team} and p.number::text in (
          select shown #>> '{}' from record i, ${elementsOf(sql`i.state->'knownErrors'`)} as shown
          where i.reference = any(${incidents.map(incidentReference)}) and i.state ? 'knownErrors')))`
      : sql``;
  const { rows } = await sql<Row>`
    select ${columns} from problem p join record r using (reference)
    where r.kind = 'problem' and r.status <> 'closed' and (p.pattern = ${pattern} ${ofIncidents})
    order by p.pattern = ${pattern} desc nulls last, p.number limit 1`.execute(db);
  const closed = await sql<Row>`
    select ${columns} from problem p join record r using (reference)
    where p.pattern = ${pattern} and r.status = 'closed' order by p.number desc limit 1`.execute(db);
  return { open: rows[0] && rowOf(rows[0]), last: closed.rows[0] && rowOf(closed.rows[0]) };
};

/** Whoever opened it, is one of its people, answers for it, or has an action in it. */
const isConcernedIn = (person: string | undefined) =>
  person === undefined
    ? sql`false`
    : sql`(p.commission->'privateTo' ? ${person} or p.commission->'openedBy' @> ${JSON.stringify({ type: 'person', name: person })}::jsonb or r.state->>'owner' = ${person}
        or jsonb_path_exists(r.state, '$.actions[*] ? (@.owner == $person)', ${JSON.stringify({ person })}::jsonb))`;

const columns = sql`p.number, p.commission, ${recordColumns}`;

type Row = Omit<ProblemRow, 'record' | 'commission'> & { state: unknown; commission: unknown };

const rowOf = ({ state, commission, ...row }: Row): ProblemRow => ({
  ...row,
  commission: readStored(ProblemCommission, commission, `the commission of ${row.reference}`),
  record: state === null ? null : readStored(Problem, state, row.reference),
});
