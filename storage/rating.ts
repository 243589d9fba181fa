import { sql } from 'kysely';
import type { Actor } from '../domain/actor.ts';
import { canonical } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { incidentReference } from '../domain/identifiers.ts';
import type { Rating, RatingAsk } from '../domain/incident/rating.ts';
import type { Database } from './database.ts';
import { append, boundTo } from './ledger.ts';

interface Row extends Omit<Rating, 'comment'> {
  comment: string | null;
}

const columns = sql.raw('person, score, comment, at');
const ratingOf = ({ comment, ...rating }: Row): Rating => (comment === null ? rating : { ...rating, comment });

/** Ratings in PostgreSQL. They outlive the workflow of their incident, so it has no part in them. */
export const createRatingStore = (db: Database) => ({
  /** Keeps what a person says, in place of what they said before. The same id again changes nothing, and is refused with another rating. */
  rate: (id: string, number: number, ask: RatingAsk, by: Actor, at: string): Promise<Rating> =>
    db.transaction().execute(async (tx) => {
      const belongsTo = incidentReference(number);
      const subject = `rating/${number}/${by.name}`;
      const key = `${subject}/${id}`;
      const { score, comment = null } = ask;
      // A person's ratings come one after the other.
      await sql`select pg_advisory_xact_lock(hashtextextended(${subject}, 0))`.execute(tx);
      const { rows: known } = await sql<{ body: string }>`select body from ledger_entry where key = ${key}`.execute(tx);
      if (known[0]) {
        if (canonical((JSON.parse(known[0].body) as { detail: unknown }).detail) !== canonical(ask))
          throw new DomainError(
            'conflict',
            'this Idempotency-Key was used before with another rating',
            'Idempotency-Key',
          );
        const { rows } = await sql<Row>`
          select ${columns} from incident_rating where incident = ${number} and person = ${by.name}`.execute(tx);
        return ratingOf(rows[0]!);
      }
      const { rows } = await sql<Row>`
        insert into incident_rating (incident, person, score, comment, at)
        values (${number}, ${by.name}, ${score}, ${comment}, ${at})
        on conflict (incident, person) do update set score = excluded.score, comment = excluded.comment, at = excluded.at
        returning ${columns}`.execute(tx);
      const rating = ratingOf(rows[0]!);
      const entry = { key, at, actor: by, action: 'incident.rated', subject, belongsTo, detail: ask } as const;
      await append(tx, boundTo(rating, [entry]));
      return rating;
    }),
  /** What people said of an incident, the first at first. */
  async of(number: number): Promise<Rating[]> {
    const { rows } = await sql<Row>`
      select ${columns} from incident_rating where incident = ${number} order by at, person`.execute(db);
    return rows.map(ratingOf);
  },
});
