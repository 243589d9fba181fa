import { sql } from 'kysely';
import type { InboxState } from '../domain/inbox.ts';
import type { Database } from './database.ts';

/** Deliveries of one source that led nowhere on one day (UTC), for the team whose source it is. */
export interface Trouble {
  team: string;
  source: string;
  state: Extract<InboxState, 'gap' | 'dead' | 'parked'>;
  day: string;
  count: number;
  /** Why, of the latest. */
  reason: string | null;
}

/** Of the last two days: what is older has been told of, or is over. */
export const troubleIn = async (db: Database): Promise<Trouble[]> => {
  const { rows } = await sql<Trouble>`
    select team, source, state, to_char(received_at at time zone 'UTC', 'YYYY-MM-DD') as day, count(*),
      (array_agg(reason order by received_at desc))[1] as reason
    from (
      select team, source, state, received_at, verdict->>'reason' as reason from inbox
      where state in ('gap', 'dead', 'parked') and team is not null
      union all
      select team, source, state, received_at, reason from alert_inbox where state = 'parked') as trouble
    where received_at > now() - interval '2 days'
    group by 1, 2, 3, 4`.execute(db);
  return rows;
};
