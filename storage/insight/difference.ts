import { sql } from 'kysely';
import type { Actor } from '../../domain/actor.ts';
import { incidentReference } from '../../domain/identifiers.ts';
import type { Database } from '../database.ts';
import { append } from '../ledger.ts';

interface Difference {
  incident: number;
  other: number;
  reason: string;
  by: Actor;
  at: string;
}

/** Remembers for ever that two incidents are not the same; what was said first stays. The later one leaves the cluster of the earlier. */
export const keepDifference = (db: Database, { incident, other, reason, by, at }: Difference): Promise<void> =>
  db.transaction().execute(async (tx) => {
    const [earlier, later] = [Math.min(incident, other), Math.max(incident, other)];
    const { rows } = await sql`
      insert into incident_difference (incident, other, said_by, reason, said_at)
      values (${earlier}, ${later}, ${JSON.stringify(by)}::jsonb, ${reason}, ${at}) on conflict do nothing returning incident`.execute(
      tx,
    );
    if (rows.length === 0) return;
    await sql`update incident set changes = changes + 1 where number = ${later}`.execute(tx);
    await append(tx, {
      key: `incident/${later}/not-similar/${earlier}`,
      at,
      actor: by,
      action: 'incident.not-similar',
      subject: incidentReference(incident),
      belongsTo: incidentReference(incident),
      reason,
      detail: { other },
    });
  });
