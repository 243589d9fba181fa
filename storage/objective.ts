import { sql } from 'kysely';
import { AlertWords, type ObjectiveNews, objectiveSource } from '../domain/alert/objective.ts';
import type { AlertFormat } from '../domain/alert/readers.ts';
import { sha256 } from '../domain/digest.ts';
import type { Verdict } from '../domain/objective/evaluate.ts';
import type { ObjectiveStore, Place } from '../domain/objective/ports.ts';
import { ObjectiveState } from '../domain/objective/state.ts';
import type { Span } from '../domain/objective/window.ts';
import { type AlertArrival, putAlerts } from './alert-inbox.ts';
import { type Database, prepared } from './database.ts';
import { readable, readStored } from './stored.ts';

type SlotStore = Pick<ObjectiveStore, 'progress' | 'fill' | 'read' | 'prune' | 'settle' | 'states'>;

export interface ObjectiveStorage extends SlotStore {
  state(name: string): Promise<ObjectiveState | undefined>;
  /** Alerts of an objective that fire, with when they began. */
  firing(objective: string): Promise<{ alert: string; raisedAt: string }[]>;
  /** What a series has of a span, by steps of so many milliseconds that begin with it. */
  steps(series: string, span: Span, stepMs: number): Promise<{ at: string; good: number; total: number }[]>;
}

const hour = 3_600_000;
const keptHoursMs = 3 * 366 * 24 * hour;
const iso = (at: number): string => new Date(at).toISOString();

/** Slots of objectives in PostgreSQL, with their hours. */
export const createObjectiveStore = (db: Database): ObjectiveStorage => ({
  async progress(series) {
    const { rows } = await sql<{ measuredFrom: string; measuredUntil: string; lastDataAt: string | null }>`${prepared}
      select measured_from, measured_until, last_data_at from objective_series where series = ${series}`.execute(db);
    const [row] = rows;
    if (!row) return undefined;
    return {
      from: Date.parse(row.measuredFrom),
      until: Date.parse(row.measuredUntil),
      lastDataAt: row.lastDataAt === null ? undefined : Date.parse(row.lastDataAt),
    };
  },
  fill: (series, span, slots) =>
    db.transaction().execute(async (tx) => {
      const rows = slots.map(({ at, good, total }) => ({ at: iso(at), good, total }));
      const { rows: written } = await sql<{ hour: string }>`${prepared}
        with written as (
          insert into objective_slot as known (series, at, good, total)
          select ${series}, at, good, total from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
            as t(at timestamptz, good double precision, total double precision) order by at
          on conflict (series, at) do update set good = excluded.good, total = excluded.total
          where (known.good, known.total) is distinct from (excluded.good, excluded.total) and excluded.total > 0
          returning at)
        select distinct date_trunc('hour', at, 'UTC') as hour from written`.execute(tx);
      await sumUp(
        tx,
        series,
        written.map(({ hour: at }) => at),
      );
      const last = slots.findLast(({ total }) => total > 0)?.at;
      const lastDataAt = last === undefined ? null : iso(last);
      await sql`${prepared}
        insert into objective_series as s (series, measured_from, measured_until, last_data_at)
        values (${series}, ${iso(span.from)}, ${iso(span.until)}, ${lastDataAt})
        on conflict (series) do update set measured_from = least(s.measured_from, excluded.measured_from),
          measured_until = greatest(s.measured_until, excluded.measured_until),
          last_data_at = greatest(s.last_data_at, excluded.last_data_at)
        where s.measured_from <= excluded.measured_until and s.measured_until >= excluded.measured_from`.execute(tx);
    }),
  async read(series, spans) {
    const parts = spans.flatMap((span, n) => partsOf(span).map((part) => ({ n, ...part })));
    const { rows } = await sql<{ n: number; good: number; total: number; slots: number; empty: number }>`${prepared}
      with part as (select * from jsonb_to_recordset(${JSON.stringify(parts)}::jsonb)
        as t(n int, hours boolean, since timestamptz, until timestamptz))
      select n, sum(good) as good, sum(total) as total, sum(slots)::int as slots, sum(empty)::int as empty from (
        select p.n, s.good, s.total, s.slots, s.empty from part p, lateral (
          select sum(good) as good, sum(total) as total, sum(slots) as slots, sum(empty) as empty from objective_hour h
          where p.hours and h.series = ${series} and h.at >= p.since and h.at < p.until) s
        union all
        select p.n, s.good, s.total, s.slots, s.empty from part p, lateral (
          select sum(good) as good, sum(total) as total, count(*) as slots, count(*) filter (where total = 0) as empty
          from objective_slot m where not p.hours and m.series = ${series} and m.at >= p.since and m.at < p.until) s
      ) as sums group by n`.execute(db);
    const found = new Map(rows.map((row) => [row.n, row]));
    return spans.map((_, n) => {
      const { good, total, slots, empty } = found.get(n) ?? {};
      return { good: good ?? 0, total: total ?? 0, slots: slots ?? 0, empty: empty ?? 0 };
    });
  },
  async prune(series, before) {
    await sql`${prepared} delete from objective_slot where series = ${series} and at < ${iso(before)}`.execute(db);
    const oldest = iso(before - keptHoursMs);
    await sql`${prepared} delete from objective_hour where series = ${series} and at < ${oldest}`.execute(db);
  },
  settle: (place, state, verdicts, at) =>
    db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`objective/${place.objective}`}, 0))`.execute(tx);
      if (state) {
        const { rows } = await sql`${prepared}
          insert into objective as known (name, state, evaluated_at)
          values (${state.name}, ${JSON.stringify(state)}::jsonb, ${iso(at)})
          on conflict (name) do update set state = excluded.state, evaluated_at = excluded.evaluated_at
          where known.evaluated_at <= excluded.evaluated_at returning name`.execute(tx);
        if (rows.length === 0) return false;
      } else await sql`delete from objective where name = ${place.objective}`.execute(tx);
      const news = await turnedAlerts(tx, place, verdicts, iso(at));
      if (news.length > 0)
        await putAlerts(
          tx,
          news.map((one) => arrivalOf(one, place)),
        );
      return true;
    }),
  async state(name) {
    const { rows } = await sql<{ state: unknown }>`select state from objective where name = ${name}`.execute(db);
    return rows[0] && readStored(ObjectiveState, rows[0].state, `objective ${name}`);
  },
  async states() {
    const { rows } = await sql<{ name: string; state: unknown }>`
      select name, state from objective order by name limit 5000`.execute(db);
    return readable(rows, ({ name, state }) => readStored(ObjectiveState, state, `objective ${name}`));
  },
  async firing(objective) {
    const { rows } = await sql<{ alert: string; raisedAt: string }>`
      select alert, raised_at from objective_alert where objective = ${objective} and raised_at is not null order by alert`.execute(
      db,
    );
    return rows;
  },
  async steps(series, { from, until }, stepMs) {
    const { rows } = await sql<{ at: string; good: number; total: number }>`
      select date_bin(make_interval(secs => ${stepMs / 1000}), at, ${iso(from)}::timestamptz) as at, sum(good) as good, sum(total) as total
      from objective_hour where series = ${series} and at >= ${iso(from)} and at < ${iso(until)} group by 1 order by 1`.execute(
      db,
    );
    return rows;
  },
});

/** A span as whole hours and the slots at both ends. */
const partsOf = ({ from, until }: Span): { hours: boolean; since: string; until: string }[] => {
  const [first, last] = [Math.ceil(from / hour) * hour, Math.floor(until / hour) * hour];
  if (first >= last) return [{ hours: false, since: iso(from), until: iso(until) }];
  return [
    { hours: false, since: iso(from), until: iso(first) },
    { hours: true, since: iso(first), until: iso(last) },
    { hours: false, since: iso(last), until: iso(until) },
  ].filter((part) => part.since < part.until);
};

const sumUp = async (tx: Database, series: string, hours: readonly string[]): Promise<void> => {
  if (hours.length === 0) return;
  await sql`${prepared}
    insert into objective_hour (series, at, good, total, slots, empty)
    select ${series}, date_trunc('hour', s.at, 'UTC'), sum(s.good), sum(s.total), count(*), count(*) filter (where s.total = 0)
    from unnest(${hours}::timestamptz[]) as touched(at) join objective_slot s
      on s.series = ${series} and s.at >= touched.at and s.at < touched.at + interval '1 hour'
    group by 2 order by 2
    on conflict (series, at) do update set good = excluded.good, total = excluded.total, slots = excluded.slots, empty = excluded.empty`.execute(
    tx,
  );
};

interface AlertRow {
  alert: string;
  since: string;
  raisedAt: string | null;
  told: unknown;
}

/** What begins or ends, each once; what nobody can say of stays as it is, and what is asked no more has ended. */
const turnedAlerts = async (
  tx: Database,
  { objective, service }: Place,
  verdicts: readonly Verdict[],
  at: string,
): Promise<ObjectiveNews[]> => {
  const { rows: known } = await sql<AlertRow>`${prepared}
    select alert, since, raised_at, told from objective_alert where objective = ${objective}`.execute(tx);
  const before = new Map(known.map((row) => [row.alert, row]));
  const news: ObjectiveNews[] = [];
  for (const verdict of verdicts) {
    if (!verdict.fires) continue;
    const { alert, response, why, afterMs } = verdict;
    const row = before.get(alert);
    const since = row?.since ?? at;
    const isDue = row?.raisedAt === null || row === undefined ? Date.parse(at) - Date.parse(since) >= afterMs : false;
    if (isDue)
      news.push({ ...saying(objective, service, alert, { response, why }), status: 'firing', startedAt: at, at });
    if (row === undefined || isDue)
      await sql`${prepared}
        insert into objective_alert (objective, alert, since, raised_at, told)
        values (${objective}, ${alert}, ${since}, ${isDue ? at : null}, ${JSON.stringify({ response, why })}::jsonb)
        on conflict (objective, alert) do update set raised_at = excluded.raised_at, told = excluded.told`.execute(tx);
  }
  const staying = verdicts.filter(({ fires }) => fires !== false).map(({ alert }) => alert);
  const ended = known.filter(({ alert }) => !staying.includes(alert));
  for (const { alert, raisedAt, told } of ended) {
    await sql`delete from objective_alert where objective = ${objective} and alert = ${alert}`.execute(tx);
    if (raisedAt === null) continue;
    news.push({ ...saying(objective, service, alert, wordsOf(told)), status: 'resolved', startedAt: raisedAt, at });
  }
  return news;
};

/** An alert ends, whatever somebody has made of its words. */
const wordsOf = (told: unknown): AlertWords =>
  AlertWords.safeParse(told).data ?? { response: 'ticket', why: 'what it said cannot be read' };

const saying = (objective: string, service: string, alert: string, { response, why }: AlertWords) => ({
  objective,
  alert,
  severity: response === 'page' ? ('critical' as const) : ('warning' as const),
  why,
  service,
});

const arrivalOf = (news: ObjectiveNews, { team }: Place): AlertArrival => {
  const body = Buffer.from(JSON.stringify(news));
  const { alert, status, startedAt, at } = news;
  return {
    source: objectiveSource(news.objective),
    dedupKey: `${alert}/${startedAt}/${status}`,
    format: 'objective' satisfies AlertFormat,
    team,
    body,
    bodyHash: sha256(body),
    alerts: 1,
    receivedAt: at,
  };
};
