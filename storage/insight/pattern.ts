import { sql } from 'kysely';
import { IncidentProfile } from '../../domain/insight/profile.ts';
import type { ChangedAlert } from '../../domain/pattern/evidence.ts';
import type { PatternEvidenceStore } from '../../domain/pattern/ports.ts';
import type { Database } from '../database.ts';
import { is } from '../page.ts';
import { readable, readStored } from '../stored.ts';
import { problemsTaking } from './neighbour.ts';

/** What one statement reads: more takes longer than a statement may. */
const rowsAtOnce = 10_000;
const clustersAtOnce = 5_000;
const mostAlerts = 5_000;

/** What patterns are found in, as it was saved last. */
export const createPatternEvidenceStore = (db: Database): PatternEvidenceStore => ({
  async profiles({ service, team, from, until }) {
    const found: IncidentProfile[] = [];
    for (let after: Row | undefined; ;) {
      const { rows } = await sql<Row>`
        select incident as number, at, profile from incident_profile
        where not is_private and at >= ${from} and at < ${until} and ${is('team', team)} and ${is(sql`profile->>'service'`, service)}
          and (at, incident) > (${after?.at ?? from}::timestamptz, ${after?.number ?? -1})
        order by at, incident limit ${rowsAtOnce}`.execute(db);
      found.push(
        ...readable(rows, ({ number, profile }) =>
          readStored(IncidentProfile, profile, `the profile of incident ${number}`),
        ),
      );
      after = rows.at(-1);
      if (rows.length < rowsAtOnce) return found;
    }
  },
  async since() {
    const { rows } = await sql<{ at: string }>`select at from incident_profile order by at limit 1`.execute(db);
    return rows[0]?.at;
  },
  async changedAlerts({ service, team, from }) {
    const { rows } = await sql<Omit<ChangedAlert, 'service'> & { service: string | null }>`
      select fingerprint, title, team, service,
        coalesce(array(select (told->>0)::float8 from jsonb_array_elements(state->'states') as told), '{}') as changes
      from alert where last_seen_at >= ${from} and jsonb_array_length(coalesce(state->'states', '[]')) > 3
        and ${is('team', team)} and ${is('service', service)}
      order by fingerprint limit ${mostAlerts}`.execute(db);
    return rows.map((row) => ({ ...row, service: row.service ?? undefined }));
  },
  async problemsTaking(clusters) {
    const found = new Map<string, number>();
    for (let from = 0; from < clusters.length; from += clustersAtOnce)
      for (const [cluster, problem] of await problemsTaking(db, clusters.slice(from, from + clustersAtOnce)))
        found.set(cluster, problem);
    return found;
  },
});

interface Row {
  number: number;
  at: string;
  profile: unknown;
}
