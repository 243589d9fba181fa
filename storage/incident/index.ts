import { sql } from 'kysely';
import { incidentReference } from '../../domain/identifiers.ts';
import { Incident, IncidentCommission } from '../../domain/incident.ts';
import { visibilityOf } from '../../domain/privacy.rules.ts';
import { observeIncident } from '../../domain/metric/observation.ts';
import { hasEnded, isOver, reopensUntil, takesAlerts } from '../../domain/incident/record.rules.ts';
import type { IncidentStore } from '../../domain/incident/ports.ts';
import { cached } from '../cache.ts';
import type { Database } from '../database.ts';
import { is, isBehind, isOfTeams, type TeamsPage } from '../page.ts';
import { recordColumns, type RecordRow, saveRecord } from '../record.ts';
import { type Listed, listed, readable, readStored } from '../stored.ts';
import { alertNames, alertTitles, situationOf } from './alert.ts';
import { createMerging, type IncidentMerging } from './merge.ts';
import { createIncidentNews, type IncidentNews } from './news.ts';
import { nextNumbers, openedBy, openIncident, wakeTeller } from './open.ts';
import { createRestorations } from './restoration.ts';
import { splitAlerts } from './split.ts';

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

export interface IncidentStorage extends IncidentStore, IncidentNews, IncidentMerging {
  /** Those that have it as their parent. */
  childrenOf(number: number): Promise<IncidentRow[]>;
  list(filter: IncidentFilter): Promise<Listed<IncidentRow>>;
  find(number: number): Promise<IncidentRow | undefined>;
  /** Whose matter private incidents of this person are, as if they were teams. */
  privateOf(person: string): Promise<string[]>;
  /** Those of these numbers that there are, the newest first. */
  findAll(numbers: readonly number[]): Promise<IncidentRow[]>;
}

const mostOpened = 5_000;
const mostChildren = 200;

/** Incidents in PostgreSQL: the guard of their correlation key, and the readable copy of what their workflows own. */
export const createIncidentStore = (db: Database): IncidentStorage => ({
  ...createIncidentNews(db),
  ...createRestorations(db),
  ...createMerging(db),
  async find(number) {
    const { rows } = await sql<Row>`
      select ${columns} from incident i join record r using (reference) where i.number = ${number}`.execute(db);
    return rows[0] && rowOf(rows[0]);
  },
  async listOpen(most) {
    const { rows } = await sql<Row>`
      select ${columns} from incident i join record r using (reference)
      where i.is_open and r.closed_at is null order by i.number desc limit ${most}`.execute(db);
    return readable(rows, rowOf);
  },
  async findAll(numbers) {
    if (numbers.length === 0) return [];
    const { rows } = await sql<Row>`
      select ${columns} from incident i join record r using (reference)
      where i.number = any(${numbers}::bigint[]) order by i.number desc`.execute(db);
    return readable(rows, rowOf);
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
        team: visibilityOf(incidentReference(record.number), record),
        state: record,
        isOver: isOver(record),
        entries,
        by,
      },
      sql`
      update incident i set is_open = ${takesAlerts(record)} and not exists (
          select from incident other where other.correlation_key = i.correlation_key and other.is_open and other.number <> i.number),
        has_begun = true, severity = ${record.severity}, service = ${record.service ?? null},
        environment = ${record.environment ?? null}, told = case when ${hasEnded(record)} then least(told, ${record.alerts.news}) else told end, reopens_until = ${reopensUntil(record) ?? null}::timestamptz, parent = ${record.parent ?? null},
        changes = changes + 1, detected_at = ${record.detectedAt}, observation = ${JSON.stringify(observeIncident(record))}::jsonb
      from write_0 kept where i.reference = kept.reference`,
    ),
  situationOf: (number) => situationOf(db, number),
  alertNames: (number) => alertNames(db, number),
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
  async privateOf(person) {
    const { rows } = await sql<{ team: string }>`
      select r.team from incident i join record r using (reference)
      where i.commission ? 'privateTo' and ${isConcernedIn(person)}`.execute(db);
    return rows.map(({ team }) => team);
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
  split: (ask) => splitAlerts(db, ask),
  async childrenOf(number) {
    const { rows } = await sql<Row>`
      select ${columns} from incident i join record r using (reference) where i.parent = ${number} order by i.number limit ${mostChildren}`.execute(
      db,
    );
    return rows.map(rowOf);
  },
});

/** Whoever declared it, is one of its people, was paged, or has a part in it. */
const isConcernedIn = (person: string | undefined) =>
  person === undefined
    ? sql`false`
    : sql`(i.commission->'privateTo' ? ${person} or i.commission->'detectedBy' @> ${JSON.stringify({ by: 'person', name: person })}::jsonb
        or r.state->>'assignee' = ${person} or r.state->'escalation'->'paged' ? ${person}
        or jsonb_path_exists(r.state, '$.roles.* ? (@ == $person)', ${JSON.stringify({ person })}::jsonb))`;

const columns = sql`i.number, i.commission, ${recordColumns}`;

type Row = Omit<IncidentRow, 'record' | 'commission'> & { state: unknown; commission: unknown };

const rowOf = ({ state, commission, ...row }: Row): IncidentRow => ({
  ...row,
  commission: readStored(IncidentCommission, commission, `the commission of ${row.reference}`),
  record: state === null ? null : readStored(Incident, state, row.reference),
});
