import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Actor } from '../domain/actor.ts';
import type { CalendarFeed } from '../domain/calendar-feed.ts';
import { sha256 } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import type { Database } from './database.ts';
import { append } from './ledger.ts';
import { is } from './page.ts';

interface Row extends Omit<CalendarFeed, 'of'> {
  schedule: string | null;
  person: string | null;
}

const columns = sql.raw('id, schedule, person, owner, created_at, last_used_at');

const feedOf = ({ schedule, person, ...rest }: Row): CalendarFeed => ({
  ...rest,
  of: schedule === null ? { person: person! } : { schedule },
});

/** Calendars in PostgreSQL. The secret of each is 256 random bits and is kept as a hash, as those of tokens are. */
export const createCalendarFeedStore = (db: Database) => ({
  /** Makes one; its secret is returned this once. Refuses an id that has been used. */
  create: (id: string, of: CalendarFeed['of'], owner: string, by: Actor, at: string) =>
    db.transaction().execute(async (tx) => {
      const secret = randomBytes(32).toString('base64url');
      const { schedule = null, person = null } = { ...of } as { schedule?: string; person?: string };
      const { rows } = await sql<Row>`
        insert into calendar_feed (id, hash, schedule, person, owner, created_at, created_by)
        values (${id}, ${sha256(secret)}, ${schedule}, ${person}, ${owner}, ${at}, ${JSON.stringify(by)}::jsonb)
        on conflict (id) do nothing returning ${columns}`.execute(tx);
      if (!rows[0])
        throw new DomainError(
          'conflict',
          `this Idempotency-Key has made calendar ${id} already, and its address is shown only once: revoke it and make another`,
          'Idempotency-Key',
        );
      const subject = `calendar/${id}`;
      await append(tx, { key: `${subject}/created`, at, actor: by, action: 'calendar.created', subject, detail: of });
      return { feed: feedOf(rows[0]), secret };
    }),
  /** The one with this secret; undefined when unknown or revoked. */
  async find(secret: string): Promise<CalendarFeed | undefined> {
    const { rows } = await sql<Row>`
      select ${columns} from calendar_feed where hash = ${sha256(secret)} and revoked_at is null`.execute(db);
    const feed = rows.map(feedOf)[0];
    // Once an hour is exact enough to see which are still in use.
    if (feed && (feed.lastUsedAt === null || Date.now() - Date.parse(feed.lastUsedAt) > 3_600_000))
      await sql`update calendar_feed set last_used_at = now() where id = ${feed.id}`.execute(db);
    return feed;
  },
  /** Those of a person, or of all; the latest 200, the newest first. */
  async list(owner?: string): Promise<CalendarFeed[]> {
    const { rows } = await sql<Row>`
      select ${columns} from calendar_feed
      where revoked_at is null and ${is('owner', owner)}
      order by created_at desc, id desc limit 200`.execute(db);
    return rows.map(feedOf);
  },
  /** Undefined when there is none with this id, of this person or of anybody. */
  revoke: (id: string, owner: string | undefined, by: Actor, at: string) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql<Row>`
        update calendar_feed set revoked_at = ${at}
        where id = ${id} and revoked_at is null and ${is('owner', owner)}
        returning ${columns}`.execute(tx);
      const [revoked] = rows.map(feedOf);
      if (!revoked) return undefined;
      const subject = `calendar/${id}`;
      await append(tx, { key: `${subject}/revoked`, at, actor: by, action: 'calendar.revoked', subject });
      return revoked;
    }),
});
