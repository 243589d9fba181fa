import { sql } from 'kysely';
import type { Actor } from '../domain/actor.ts';
import type { ShownRow } from '../domain/inbox.ts';
import type { Database } from './database.ts';
import { append } from './ledger.ts';
import { isBehind, isOfTeams, type TeamsPage } from './page.ts';

/** Rows of alerts that were set aside: people look at them as at those of the other inbox, and at no others of alerts. */
export const createParkedAlerts = (db: Database) => ({
  async find(id: string): Promise<ShownRow | undefined> {
    const { rows } = await sql<Row>`
      select ${columns} from alert_inbox where state = 'parked' and id = ${id}`.execute(db);
    return rows[0] && shown(rows[0]);
  },
  async list({ teams, after, limit }: TeamsPage): Promise<ShownRow[]> {
    const { rows } = await sql<Row>`
      select ${columns} from alert_inbox
      where state = 'parked' and ${isOfTeams(teams)} and ${isBehind(after, sql`received_at`, sql`id`)}
      order by received_at desc, id desc limit ${limit}`.execute(db);
    return rows.map(shown);
  },
  /** Has it correlated once more; false when it is not parked. */
  redeliver: (id: string, by: Actor, at: string): Promise<boolean> =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql`
        update alert_inbox set state = 'accepted', reason = null where state = 'parked' and id = ${id} returning id`.execute(
        tx,
      );
      if (!rows[0]) return false;
      await append(tx, {
        key: `inbox/${id}/redelivered/${at}`,
        at,
        actor: by,
        action: 'inbox.redelivered',
        subject: `inbox/${id}`,
      });
      await sql`notify alerts`.execute(tx);
      return true;
    }),
});

const columns = sql.raw('id, source, format, team, body_hash, reason, received_at');

interface Row extends Pick<ShownRow, 'id' | 'source' | 'team' | 'bodyHash' | 'receivedAt'> {
  format: string;
  reason: string | null;
}

const shown = ({ format, reason, ...row }: Row): ShownRow => ({
  ...row,
  kind: 'fact',
  name: format,
  state: 'parked',
  verdict: reason === null ? null : { reason },
  actor: senderIn(row.source),
  attempts: 1,
});

/** Whoever used the API is a source of their own: `api/service/shop/pipeline`. */
const senderIn = (source: string): Actor => {
  const [api, type, ...names] = source.split('/');
  const name = names.at(-1);
  if (api !== 'api' || name === undefined) return { type: 'service', name: `source/${source}` };
  return { type: type === 'person' || type === 'system' ? type : 'service', name };
};
