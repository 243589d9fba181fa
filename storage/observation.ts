import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Scope } from '../domain/metric.ts';
import { IncidentObservation, PlanObservation } from '../domain/metric/observation.ts';
import type { ObservationStore, Observed } from '../domain/metric/ports.ts';
import type { Severity } from '../domain/severity.ts';
import type { Database } from './database.ts';
import { is } from './page.ts';
import { elementsOf, readable, readStored } from './stored.ts';

/** Rows that one statement reads: what is more takes longer than a statement may. */
const rowsAtOnce = 5_000;

/** What metrics are computed from, as incidents and plans were saved last. */
export const createObservationStore = (db: Database): ObservationStore => ({
  incidents: (of) => incidentsWhere(db, of, sql`detected_at >= ${of.from} and detected_at < ${of.until}`),
  noticedLater: (of) =>
    incidentsWhere(
      db,
      of,
      sql`detected_at >= ${of.until} and case when jsonb_typeof(observation->'impactAt') = 'number'
        then (observation->>'impactAt')::float8 < ${Date.parse(of.until)} end`,
    ),
  supplied: (of) =>
    incidentsWhere(
      db,
      of,
      sql`detected_at >= ${of.from} and detected_at < ${of.until} and observation->'pauses' @> '[{"why": "vendor"}]'`,
    ),
  plans: (of) =>
    allOf(PlanObservation, (after, limit) =>
      sql<Row>`
        select id, observation from operation_plan
        where observation is not null and observed_at >= ${of.from} and observed_at < ${of.until} and ${isOf(of)}
          and ${after ? sql`(observed_at, id) > (select observed_at, id from operation_plan where id = ${after.id})` : sql`true`}
        order by observed_at, id limit ${limit}`.execute(db),
    ),
  async pages(of) {
    const { rows } = await sql<{ id: string; incident: number; team: string; at: string; severity: Severity }>`
      select distinct on (o.page_turn) o.page_turn as id, i.number as incident, i.observation->>'team' as team,
        o.payload #>> '{page,at}' as at, o.payload #>> '{page,severity}' as severity
      from outbox o join incident i on i.number = (o.payload #>> '{page,incident}')::bigint
      where o.page_turn is not null and o.payload #>> '{page,at}' >= ${of.from} and o.payload #>> '{page,at}' < ${of.until}
        and i.kind = 'real' and i.observation is not null and ${isOf(of)}
      order by o.page_turn, o.payload #>> '{page,at}'`.execute(db);
    return rows.map((row) => ({ ...row, at: Date.parse(row.at) }));
  },
  async alertCounts(of) {
    const isOfTeam = of.service === undefined && of.environment === undefined;
    const { rows } = await sql<{ alerts: number; events: number; keptSince: string | null }>`
      select (select count(*) from alert where last_seen_at >= ${of.from} and first_seen_at < ${of.until}
          and ${is('service', of.service)} and ${is('team', of.team)} and ${is('environment', of.environment)}) as alerts,
        (select coalesce(sum(alerts), 0) from alert_inbox where received_on >= ${of.from}::date and received_on <= ${of.until}::date
          and received_at >= ${of.from} and received_at < ${of.until} and ${is('team', of.team)}) as events,
        (select min(received_on)::timestamptz from alert_inbox) as kept_since`.execute(db);
    const { alerts, events, keptSince } = rows[0]!;
    return { alerts, events: isOfTeam ? events : undefined, keptSince: keptSince ?? undefined };
  },
  async ratings(of) {
    const { rows } = await sql<{ incident: number; person: string; score: number }>`
      select r.incident, r.person, r.score from incident_rating r join incident i on i.number = r.incident
      where i.kind <> 'drill' and i.detected_at >= ${of.from} and i.detected_at < ${of.until} and ${isOf(of)}
      order by r.incident, r.person`.execute(db);
    return rows;
  },
  async actions({ team, service, environment }) {
    const { rows } = await sql<{ id: string; isPrivate: boolean; dueOn: string; doneAt: string | null }>`
      select r.reference || '/action/' || (action->>'number') as id, p.commission ? 'privateTo' as is_private,
        action->>'dueOn' as due_on, action->>'doneAt' as done_at
      from problem p join record r using (reference), ${elementsOf(sql`r.state->'actions'`)} as action
      where action->>'status' <> 'dropped' and action->>'number' is not null and action->>'dueOn' ~ '^\\d{4}-\\d\\d-\\d\\d$' and ${is(sql`r.state->>'team'`, team)}
        and ${is(sql`r.state->>'service'`, service)} and ${is(sql`r.state->>'environment'`, environment)}
      order by id`.execute(db);
    return rows.map(({ doneAt, ...action }) => (doneAt === null ? action : { ...action, doneAt }));
  },
  async problems() {
    const { rows } = await sql<{ incident: number; problem: number }>`
      select (linked->>'number')::bigint as incident, min(p.number) as problem
      from problem p join record r using (reference), ${elementsOf(sql`r.state->'incidents'`)} as linked
      where not p.commission ? 'privateTo' and linked->>'number' ~ '^\\d{1,15}$' group by 1`.execute(db);
    return new Map(rows.map(({ incident, problem }) => [incident, problem]));
  },
  async clusters({ from, until }) {
    const found = new Map<number, { cluster: string; title: string }>();
    for (let after = { at: from, number: -1 }; ;) {
      const { rows } = await sql<{ number: number; at: string; cluster: string; title: string | null }>`
        select incident as number, at, cluster, profile #>> '{templates,0,text}' as title from incident_profile
        where not is_private and at >= ${from} and at < ${until} and (at, incident) > (${after.at}::timestamptz, ${after.number})
        order by at, incident limit ${rowsAtOnce}`.execute(db);
      for (const { number, cluster, title } of rows) found.set(number, { cluster, title: title ?? cluster });
      const last = rows.at(-1);
      if (!last || rows.length < rowsAtOnce) return found;
      after = last;
    }
  },
  async beating() {
    const { rows } = await sql<{ name: string }>`
      select name from heartbeat where beaten_at is not null and silent_since is null`.execute(db);
    return new Set(rows.map(({ name }) => name));
  },
});

interface Row {
  id: number | string;
  observation: unknown;
}

/** In the order in which they were detected. */
const incidentsWhere = (db: Database, of: Observed, condition: RawBuilder<unknown>) =>
  allOf(IncidentObservation, (after, limit) =>
    sql<Row>`
      select number as id, observation from incident
      where observation is not null and ${condition} and ${isOf(of)}
        and ${after ? sql`(detected_at, number) > (select detected_at, number from incident where number = ${after.id})` : sql`true`}
      order by detected_at, number limit ${limit}`.execute(db),
  );

/** Reads everything, a part at a time, the next while this one is parsed; a row that nobody can read stops no figure. */
const allOf = async <Schema extends z.ZodType>(
  schema: Schema,
  read: (after: Row | undefined, limit: number) => Promise<{ rows: Row[] }>,
): Promise<z.output<Schema>[]> => {
  const values: z.output<Schema>[] = [];
  let reading: ReturnType<typeof read> | undefined = read(undefined, rowsAtOnce);
  while (reading) {
    const { rows }: { rows: Row[] } = await reading;
    reading = rows.length < rowsAtOnce ? undefined : read(rows.at(-1), rowsAtOnce);
    const parsed = readable(rows, ({ id, observation }) => readStored(schema, observation, `the observation of ${id}`));
    for (const value of parsed) values.push(value);
  }
  return values;
};

const isOf = ({ service, team, environment }: Scope | Observed) =>
  sql`${is(sql`observation->>'service'`, service)} and ${is(sql`observation->>'team'`, team)}
    and ${is(sql`observation->>'environment'`, environment)}`;
