import { sql } from 'kysely';
import { evenkeel } from '../domain/actor.rules.ts';
import { incidentReference } from '../domain/identifiers.ts';
import type { StatusPageStore } from '../domain/ports.ts';
import type { PublishedIncident } from '../domain/status-feed.ts';
import type { PublicUpdate } from '../domain/status-page.ts';
import type { Database } from './database.ts';
import { append, boundTo } from './ledger.ts';

interface StatusPageStorage extends StatusPageStore {
  /** Incidents of these services of which something was published: open ones, and those that ended in the last 14 days. */
  published(services: readonly string[]): Promise<PublishedIncident[]>;
  /** What was published about an incident, the first at first. */
  of(incident: number): Promise<Published[]>;
  /** When the page was applied as it is now. */
  appliedAt(page: string): Promise<string | undefined>;
}

type Published = PublicUpdate & { title: string | null };
const columns = sql.raw('id, at, status, title, text');

const mostIncidents = 100;
const recentDays = 14;

/** What people published, in PostgreSQL. */
export const createStatusPageStore = (db: Database): StatusPageStorage => ({
  publish: (number, { command, at, status, title, text }) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql<Published>`
        insert into public_update (command, incident, at, status, title, text)
        values (${command}, ${number}, ${at}, ${status}, ${title ?? null}, ${text}) on conflict do nothing
        returning ${columns}`.execute(tx);
      const [update] = rows;
      if (!update) return;
      const belongsTo = incidentReference(number);
      const subject = `public-update/${update.id}`;
      const entry = { key: subject, at, actor: evenkeel, subject, belongsTo, detail: { status } };
      await append(tx, boundTo(update, [{ ...entry, action: 'incident.published' }]));
    }),
  async of(number) {
    const { rows } = await sql<Published>`
      select ${columns} from public_update where incident = ${number} order by number`.execute(db);
    return rows;
  },
  async published(services) {
    // Whatever let something in, nothing private and no drill gets out.
    const { rows } = await sql<PublishedIncident>`
      select i.service, r.status, m.severity, said.title, said.updates,
        r.state #>> '{times,restoredAt}' as restored_at,
        coalesce(r.state #>> '{times,resolvedAt}', r.state ->> 'endedAt') as ended_at
      from (
        select u.incident, (array_agg(u.title order by u.number desc) filter (where u.title is not null))[1] as title,
          jsonb_agg(jsonb_build_object('id', u.id, 'at', to_char(u.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'status', u.status, 'text', u.text) order by u.number) as updates,
          min(u.at) as first_at, max(u.at) as last_at
        from public_update u group by u.incident) as said
      join incident i on i.number = said.incident
      -- What was merged goes on with what it was merged into.
      join incident m on m.number = coalesce(i.merged_into, i.number) join record r on r.reference = m.reference
      where i.service = any(${services}) and i.kind = 'real' and not i.commission ? 'privateTo'
        and (r.status not in ('resolved', 'review', 'closed', 'cancelled')
          or greatest(said.last_at, coalesce(r.state #>> '{times,resolvedAt}', r.state ->> 'endedAt')::timestamptz)
            > now() - make_interval(days => ${recentDays}))
      order by r.status in ('resolved', 'review', 'closed', 'cancelled'), said.first_at desc limit ${mostIncidents}`.execute(
      db,
    );
    return rows;
  },
  async appliedAt(page) {
    const { rows } = await sql<{ appliedAt: string }>`
      select applied_at from document d join revision r on r.number = d.revision
      where d.kind = 'StatusPage' and d.name = ${page} order by d.revision desc limit 1`.execute(db);
    return rows[0]?.appliedAt;
  },
});
