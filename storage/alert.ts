import { type RawBuilder, sql } from 'kysely';
import type { Alert, EventClass } from '../domain/alert.ts';
import type { Actor } from '../domain/actor.ts';
import { incidentReference } from '../domain/identifiers.ts';
import { type Database, prepared } from './database.ts';
import { bringNews, wakeTeller } from './incident/open.ts';
import { append } from './ledger.ts';
import { is, isBehind, isOfTeams, type TeamsPage } from './page.ts';

export interface AlertFilter extends TeamsPage {
  state?: 'firing' | 'ended' | 'flapping' | 'shelved' | undefined;
  class?: EventClass | undefined;
  service?: string | undefined;
  environment?: string | undefined;
  source?: string | undefined;
  incident?: number | undefined;
  /** Those that belong nowhere alone. */
  gap?: boolean | undefined;
}

const columns = sql.raw(
  `fingerprint, source, team, service, environment, title, severity, class, is_firing as "isFiring", gap, incident, held_by as "heldBy",
    correlation_key as "correlationKey", state, count, first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt", changed_at as "changedAt", resolves_at as "resolvesAt",
    expires_at as "expiresAt", quiet_ms as "quietMs", flaps_until as "flapsUntil", shelved_until as "shelvedUntil", shelving`,
);

/** Alerts in PostgreSQL, by fingerprint. */
export const createAlertStore = (db: Database) => ({
  async find(fingerprint: string): Promise<Alert | undefined> {
    const { rows } = await sql<Alert>`select ${columns} from alert where fingerprint = ${fingerprint}`.execute(db);
    return rows[0];
  },
  /** Nobody is paged for it until then (ISO 8601): its incident hears so. False where there is no such alert. */
  shelve: (
    fingerprint: string,
    until: string,
    { by, reason, at }: { by: Actor; reason: string; at: string },
  ): Promise<boolean> =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ incident: number | null; team: string }>`
        update alert set shelved_until = ${until}, shelving = ${JSON.stringify({ by: by.name, reason, at })}::jsonb
        where fingerprint = ${fingerprint} returning incident, team`.execute(tx);
      const [alert] = rows;
      if (!alert) return false;
      const subject = `alert/${fingerprint}`;
      const isOver = until <= at;
      await append(tx, {
        key: `${subject}/${at}`,
        at,
        actor: by,
        action: isOver ? 'alert.unshelved' : 'alert.shelved',
        subject,
        ...(alert.incident === null ? {} : { belongsTo: incidentReference(alert.incident) }),
        reason,
        detail: { until },
      });
      await bringNews(tx, alert.incident === null ? [] : [alert.incident]);
      await wakeTeller(tx);
      return true;
    }),
  /** The one that was seen first lately is the first. */
  async list({ teams, after, limit, state, incident, gap, ...filter }: AlertFilter): Promise<Alert[]> {
    const { rows } = await sql<Alert>`
      select ${columns} from alert
      where ${isOfTeams(teams)} and ${isInState(state)}
        and ${is('class', filter.class)} and ${is('service', filter.service)} and ${is('environment', filter.environment)}
        and ${is('source', filter.source)} and ${incident === undefined ? sql`true` : sql`incident = ${incident}`}
        and ${gap === true ? sql`gap is not null` : sql`true`}
        and ${isBehind(after, sql`first_seen_at`, sql`fingerprint`)}
      order by first_seen_at desc, fingerprint desc limit ${limit}`.execute(db);
    return rows;
  },
});

const isInState = (state: AlertFilter['state']) => {
  if (state === undefined) return sql`true`;
  if (state === 'shelved') return sql`shelved_until > now()`;
  return state === 'flapping' ? sql`flaps_until > now()` : sql`is_firing = ${state === 'firing'}`;
};

const correlating = 7_310_001;

/**
 * One transaction in which nobody else correlates; `otherwise` where somebody does. Two that fold the same alert at once would each miss
 * what the other has seen.
 */
export const correlateAlone = <Result>(
  db: Database,
  otherwise: Result,
  work: (tx: Database) => Promise<Result>,
): Promise<Result> =>
  db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${correlating}) as mine`.execute(tx);
    return rows[0]!.mine ? work(tx) : otherwise;
  });

/** The alerts of these fingerprints, as they stand, locked for the caller's transaction in one order. */
export const lockAlerts = async (tx: Database, fingerprints: readonly string[]): Promise<Map<string, Alert>> => {
  const { rows } = await sql<Alert>`${prepared}
    select ${columns} from alert where fingerprint = any(${fingerprints}) order by fingerprint for update`.execute(tx);
  return new Map(rows.map((row) => [row.fingerprint, row]));
};

/** Those of these alerts that belong to the incident, locked for the caller's transaction. */
export const lockAlertsOf = async (
  tx: Database,
  incident: number,
  fingerprints: readonly string[],
): Promise<Alert[]> => {
  const { rows } = await sql<Alert>`
    select ${columns} from alert where incident = ${incident} and fingerprint = any(${fingerprints})
    order by fingerprint for update`.execute(tx);
  return rows;
};

/**
 * Locks what was found, in one order, for the caller's transaction. It is found first, by an index of its own: a planner that is asked
 * for an order and a limit at once reads all alerts there are, to find that none is due.
 */
const lockFound = async (tx: Database, found: RawBuilder<unknown>, still: RawBuilder<unknown>): Promise<Alert[]> => {
  const { rows } = await sql<Alert>`
    with found as materialized (${found})
    select ${columns} from alert where fingerprint = any(array(select fingerprint from found)) and ${still}
    order by fingerprint for update skip locked`.execute(tx);
  return rows;
};

/** Alerts whose time without news is over, locked for the caller's transaction. */
export const lockOverdue = (tx: Database, most: number): Promise<Alert[]> => {
  const isOverdue = sql`is_firing and resolves_at <= now()`;
  return lockFound(
    tx,
    sql`select fingerprint from alert where ${isOverdue} order by resolves_at limit ${most}`,
    isOverdue,
  );
};

/**
 * Alerts that have stopped flapping, locked for the caller's transaction. Whoever has ended an incident meanwhile knew how its
 * alerts stood: that they have calmed down opens nothing again.
 */
export const lockSettled = async (tx: Database, most: number): Promise<Alert[]> => {
  await sql`
    update alert a set flaps_until = null from incident i join record r using (reference)
    where a.flaps_until <= now() and i.number = a.incident and r.closed_at is not null`.execute(tx);
  const hasSettled = sql`flaps_until <= now()`;
  return lockFound(
    tx,
    sql`select fingerprint from alert where ${hasSettled} order by flaps_until limit ${most}`,
    hasSettled,
  );
};

/** Writes alerts as they stand now, in the caller's transaction, which has locked them. */
export const writeAlerts = async (tx: Database, alerts: readonly Alert[]): Promise<void> => {
  if (alerts.length === 0) return;
  const rows = alerts.toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
  await sql`${prepared}
    insert into alert (fingerprint, source, team, service, environment, title, severity, class, is_firing, gap, incident, held_by, correlation_key, state, count,
      first_seen_at, last_seen_at, changed_at, resolves_at, expires_at, quiet_ms, flaps_until, shelved_until, shelving)
    select fingerprint, source, team, service, environment, title, severity, class, "isFiring", gap, incident, "heldBy", "correlationKey", state, count,
      "firstSeenAt", "lastSeenAt", "changedAt", "resolvesAt", "expiresAt", "quietMs", "flapsUntil", "shelvedUntil", shelving
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t(fingerprint text, source text, team text, service text,
      environment text, title text, severity text, class text, "isFiring" boolean, gap text, incident bigint, "heldBy" text, "correlationKey" text, state jsonb, count bigint,
      "firstSeenAt" timestamptz, "lastSeenAt" timestamptz, "changedAt" timestamptz, "resolvesAt" timestamptz, "expiresAt" timestamptz,
      "quietMs" bigint, "flapsUntil" timestamptz, "shelvedUntil" timestamptz, shelving jsonb)
    on conflict (fingerprint) do update set service = excluded.service, environment = excluded.environment, team = excluded.team,
      title = excluded.title, severity = excluded.severity, class = excluded.class, is_firing = excluded.is_firing, gap = excluded.gap,
      incident = excluded.incident, held_by = excluded.held_by, correlation_key = excluded.correlation_key, state = excluded.state, count = excluded.count, last_seen_at = excluded.last_seen_at,
      changed_at = excluded.changed_at, resolves_at = excluded.resolves_at, expires_at = excluded.expires_at, quiet_ms = excluded.quiet_ms,
      flaps_until = excluded.flaps_until, shelved_until = excluded.shelved_until, shelving = excluded.shelving`.execute(
    tx,
  );
};

/** Alerts that fire and whose incident had ended before it could hear of them, locked for the caller's transaction. */
export const lockOrphans = async (tx: Database, most: number): Promise<Alert[]> => {
  // What is about to be merged keeps its alerts until then.
  const hasEnded = sql`r.reference = i.reference and i.told < i.news and r.status in ('closed', 'cancelled')
    and (r.state->'cancellation' ? 'of' and i.merged_into is null) is not true`;
  await sql`
    update incident i set told = news from record r
    where ${hasEnded} and not exists (select from alert a where a.incident = i.number and a.is_firing)`.execute(tx);
  return lockFound(
    tx,
    sql`select a.fingerprint from incident i, record r, lateral (
        select fingerprint from alert where incident = i.number and is_firing limit ${most}) as a
      where ${hasEnded} limit ${most}`,
    sql`is_firing and incident is not null`,
  );
};

/** Alerts that fire and are kept from opening an incident, or were shelved until now, and none that is on the shelf; locked for the caller's transaction. */
export const lockHeld = (tx: Database, most: number): Promise<Alert[]> =>
  lockFound(
    tx,
    sql`select fingerprint from (
        select fingerprint from alert where is_firing and held_by is not null and (shelved_until is null or shelved_until <= now())
        union select fingerprint from alert where is_firing and shelved_until <= now()) as held
      order by random() limit ${most}`,
    sql`is_firing and (shelved_until is null or shelved_until <= now())`,
  );

const mostFiring = 1_000;

/** Alerts of these teams that fire, neither held nor shelved, the worst first: what may explain another. */
export const openlyFiringOf = async (tx: Database, teams: readonly string[]): Promise<Alert[]> => {
  const { rows } = await sql<Alert>`
    select ${columns} from alert where is_firing and team = any(${teams}) and class <> 'informational' and (held_by is null or class <> 'exception')
      and (shelved_until is null or shelved_until <= now())
    order by array_position(array['critical', 'error', 'warning'], severity), first_seen_at limit ${mostFiring}`.execute(
    tx,
  );
  return rows;
};

/** Alerts of these correlation keys that fire. */
export const firingOfKeys = async (
  tx: Database,
  keys: readonly string[],
): Promise<Pick<Alert, 'fingerprint' | 'correlationKey' | 'changedAt'>[]> => {
  const { rows } = await sql<Pick<Alert, 'fingerprint' | 'correlationKey' | 'changedAt'>>`
    select fingerprint, correlation_key as "correlationKey", changed_at as "changedAt" from alert
    where is_firing and correlation_key = any(${keys}) limit 10000`.execute(tx);
  return rows;
};
