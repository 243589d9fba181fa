import { sql } from 'kysely';
import { DomainError } from '../domain/errors.ts';
import { automaticLimits, type Restoration } from '../domain/restoration.ts';
import { incidentReference } from '../domain/identifiers.ts';
import { Incident, IncidentCommission } from '../domain/incident.ts';
import { visibilityOf } from '../domain/incident/privacy.rules.ts';
import { isOver, reopensUntil, takesAlerts } from '../domain/incident/record.rules.ts';
import type { IncidentStore } from '../domain/incident/ports.ts';
import { cached } from './cache.ts';
import type { Database } from './database.ts';
import { alertTitles, situationOf } from './incident-alert.ts';
import { bringNews, nextNumbers, openedBy, openIncident, wakeTeller } from './incident-open.ts';
import { splitAlerts } from './incident-split.ts';
import { is, isBehind, isOfTeams, type TeamsPage } from './page.ts';
import { recordColumns, type RecordRow, saveRecord } from './record.ts';
import { type Listed, listed, readStored } from './stored.ts';

export interface IncidentRow extends Omit<RecordRow, 'state'> {
  number: number;
  commission: IncidentCommission;
  record: Incident | null;
}

export interface IncidentFilter extends TeamsPage {
  /** Also private ones of this person. */
  person?: string | undefined;
  service?: string | undefined;
  environment?: string | undefined;
  severity?: string | undefined;
  status?: string | undefined;
  /** Those that are not over alone. */
  open?: boolean | undefined;
}

/** An incident that its workflow has to be told of. */
export interface ToldIncident {
  number: number;
  workflowId: string;
  team: string;
  commission: IncidentCommission;
  news: number;
  /** Its workflow has not begun, though it was told. */
  isLate: boolean;
}

export interface IncidentStorage extends IncidentStore {
  /** Those that have it as their parent. */
  childrenOf(number: number): Promise<IncidentRow[]>;
  list(filter: IncidentFilter): Promise<Listed<IncidentRow>>;
  find(number: number): Promise<IncidentRow | undefined>;
  /** Claims incidents with news, at most one telling a second each, and those that were told and have not begun. */
  claimNews(most: number): Promise<ToldIncident[]>;
  /** The workflow has heard of all news up to this one. */
  noteTold(number: number, news: number): Promise<void>;
  /** Whether it may be merged into the other one: not while that is being merged itself, or both would end as a duplicate of one that is over. */
  claimMerge(number: number, into: number): Promise<boolean>;
  /** It could not be told: once more in so many milliseconds. */
  putBack(number: number, delayMs: number): Promise<void>;
}

const mostOpened = 5_000;
const mostChildren = 200;
const leaseSeconds = 15;
/** By then a merge that was asked for is refused, or has closed its incident. */
const mergingSeconds = 60;
/** Until an incident that was told must have begun. */
const lateSeconds = 10;
/** Tellings that a workflow may be behind: it gets no more until it has heard some. */
const mostUnheard = 20;

/** Incidents in PostgreSQL: the guard of their correlation key, and the readable copy of what their workflows own. */
export const createIncidentStore = (db: Database): IncidentStorage => ({
  async find(number) {
    const { rows } = await sql<Row>`
      select ${columns} from incident i join record r using (reference) where i.number = ${number}`.execute(db);
    return rows[0] && rowOf(rows[0]);
  },
  openedFor: cached(mostOpened, async (number) => {
    const { rows } = await sql<{ commission: unknown }>`
      select commission from incident where number = ${number}`.execute(db);
    return rows[0] && readStored(IncidentCommission, rows[0].commission, `the commission of incident ${number}`);
  }),
  save: (record, entries, by) =>
    saveRecord(
      db,
      {
        reference: incidentReference(record.number),
        team: visibilityOf(record),
        state: record,
        isOver: isOver(record),
        entries,
        by,
      },
      sql`
      update incident i set is_open = ${takesAlerts(record)} and not exists (
          select from incident other where other.correlation_key = i.correlation_key and other.is_open and other.number <> i.number),
        has_begun = true, severity = ${record.severity}, service = ${record.service ?? null},
        environment = ${record.environment ?? null}, reopens_until = ${reopensUntil(record) ?? null}::timestamptz, parent = ${record.parent ?? null}
      from write_0 kept where i.reference = kept.reference`,
    ),
  situationOf: (number) => situationOf(db, number),
  order: ({ incident, number, ...ordered }) =>
    db.transaction().execute(async (tx) => {
      const { runbook, revision, service, environment, digest, orderedBy, isAutomatic } = ordered;
      await sql`select pg_advisory_xact_lock(hashtextextended(${`restore ${service} ${environment}`}, 0))`.execute(tx);
      const known = await restorationOf(tx, incident, number);
      if (known) return known;
      const { rows } = await sql<{ count: number }>`
        select count(*) from restoration where is_automatic and service = ${service} and environment = ${environment}
          and ordered_at > now() - interval '1 hour'`.execute(tx);
      if (isAutomatic && rows[0]!.count >= automaticLimits.perHour)
        throw new DomainError(
          'conflict',
          `${rows[0]!.count} runbooks ran by themselves for ${service} in the last hour`,
        );
      await sql`
        insert into restoration (incident, number, runbook, revision, service, environment, digest, ordered_by, is_automatic)
        values (${incident}, ${number}, ${runbook}, ${revision}, ${service}, ${environment}, ${digest}, ${orderedBy}, ${isAutomatic})`.execute(
        tx,
      );
      return (await restorationOf(tx, incident, number))!;
    }),
  restoration: (incident, number) => restorationOf(db, incident, number),
  restorationBy: (incident, digest) => restorationOf(db, incident, digest),
  alertTitles: (number) => alertTitles(db, number),
  async list({ teams, person, service, environment, severity, status, open, after, limit }) {
    const { rows } = await sql<Row>`
      select ${columns} from incident i join record r using (reference)
      where (${isOfTeams(teams)} or ${isConcernedIn(person)})
        and ${is('service', service)} and ${is('environment', environment)} and ${is('severity', severity)}
        and ${is('status', status)} and ${open === true ? sql`r.closed_at is null and r.status <> 'closed'` : sql`true`}
        and ${isBehind(after, sql`r.opened_at`, sql`i.number::text`)}
      order by r.opened_at desc, i.number::text desc limit ${limit}`.execute(db);
    return listed(rows, limit, rowOf, ({ openedAt, number }) => ({ at: openedAt, id: String(number) }));
  },
  open: (triggerKey, opening) =>
    db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`incident ${triggerKey}`}, 0))`.execute(tx);
      const known = await openedBy(tx, triggerKey);
      if (known !== undefined) return known;
      const [number = 0] = await nextNumbers(tx, 1);
      await openIncident(tx, { ...opening(number), triggerKey });
      await wakeTeller(tx);
      return number;
    }),
  async claimNews(most) {
    const { rows } = await sql<Omit<ToldIncident, 'commission'> & { commission: unknown }>`
      update incident i set due_at = now() + make_interval(secs => ${leaseSeconds})
      from record r
      where r.reference = i.reference and i.number in (
        select number from incident n join record o using (reference)
        where n.due_at <= now() and o.closed_at is null
          and (n.told < n.news or (not n.has_begun and n.due_at <= now() - make_interval(secs => ${lateSeconds})))
          and n.told - coalesce((o.state->'alerts'->>'news')::bigint, 0) < ${mostUnheard}
        order by n.severity, n.due_at limit ${most} for update of n skip locked)
      returning i.number, r.workflow_id, r.team, i.commission, i.news, not i.has_begun and i.told > 0 as is_late`.execute(
      db,
    );
    // One that cannot be read takes no other along.
    return rows.flatMap(({ commission, ...row }) => {
      const { data } = IncidentCommission.safeParse(commission);
      return data ? [{ ...row, commission: data }] : [];
    });
  },
  async noteTold(number, news) {
    await sql`
      update incident set told = greatest(told, ${news}), due_at = now() + interval '1 second' where number = ${number}`.execute(
      db,
    );
  },
  merge: (number, into) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql`
        update incident set merged_into = ${into}
        where (number = ${number} or merged_into = ${number}) and merged_into is distinct from ${into} returning number`.execute(
        tx,
      );
      if (rows.length === 0) return;
      await sql`update alert set incident = ${into} where incident = ${number}`.execute(tx);
      await bringNews(tx, [into]);
      await wakeTeller(tx);
    }),
  claimMerge: (number, into) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ number: number; isMerging: boolean }>`
        select number, merging_at > now() - make_interval(secs => ${mergingSeconds}) is true as is_merging
        from incident where number = any(${[number, into]}::bigint[]) order by number for update`.execute(tx);
      if (rows.some((row) => row.number === into && row.isMerging)) return false;
      await sql`update incident set merging_at = now() where number = ${number}`.execute(tx);
      return true;
    }),
  split: (ask) => splitAlerts(db, ask),
  async childrenOf(number) {
    const { rows } = await sql<Row>`
      select ${columns} from incident i join record r using (reference) where i.parent = ${number} order by i.number limit ${mostChildren}`.execute(
      db,
    );
    return rows.map(rowOf);
  },
  async putBack(number, delayMs) {
    await sql`update incident set due_at = now() + make_interval(secs => ${delayMs / 1000}) where number = ${number}`.execute(
      db,
    );
  },
  async tellAgain(number) {
    await sql`update incident set news = news + 1, due_at = now() where number = ${number}`.execute(db);
  },
});

/** Whoever declared it, is one of its people, was paged, or has a part in it. */
const isConcernedIn = (person: string | undefined) =>
  person === undefined
    ? sql`false`
    : sql`(i.commission->'privateTo' ? ${person} or i.commission->'detectedBy' @> ${JSON.stringify({ by: 'person', name: person })}::jsonb
        or r.state->>'assignee' = ${person} or r.state->'escalation'->'paged' ? ${person}
        or jsonb_path_exists(r.state, '$.roles.* ? (@ == $person)', ${JSON.stringify({ person })}::jsonb))`;

const restorationOf = async (
  on: Database,
  incident: number,
  which: number | string,
): Promise<Restoration | undefined> => {
  const { rows } = await sql<Restoration>`
    select incident, number, runbook, revision, service, environment, digest, ordered_by, is_automatic, ordered_at
    from restoration where incident = ${incident} and ${typeof which === 'number' ? sql`number = ${which}` : sql`digest = ${which}`}
    order by number desc limit 1`.execute(on);
  return rows[0];
};

const columns = sql`i.number, i.commission, ${recordColumns}`;

type Row = Omit<IncidentRow, 'record' | 'commission'> & { state: unknown; commission: unknown };

const rowOf = ({ state, commission, ...row }: Row): IncidentRow => ({
  ...row,
  commission: readStored(IncidentCommission, commission, `the commission of ${row.reference}`),
  record: state === null ? null : readStored(Incident, state, row.reference),
});
