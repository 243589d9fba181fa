import { sql } from 'kysely';
import type { Document } from '../domain/document.ts';
import { scheduleWith } from '../domain/override.rules.ts';
import type { CatalogueStore, ScheduleStore } from '../domain/ports.ts';
import type { Database } from './database.ts';
import type { OverrideStore } from './override.ts';

export interface ScheduleStorage extends ScheduleStore {
  list(): Promise<Document<'Schedule'>[]>;
  /** How often who is on call has been changed, by documents and by overrides, and when it was last (milliseconds). */
  changes(name: string): Promise<{ count: number; lastAt: number }>;
}

/** Schedules as they count: those of the catalogue with the overrides that people have accepted. */
export const createScheduleStore = (
  db: Database,
  catalogue: CatalogueStore,
  overrides: Pick<OverrideStore, 'accepted'>,
): ScheduleStorage => ({
  async find(name, revision) {
    const spec = await catalogue.find('Schedule', name, revision);
    return spec && scheduleWith(spec, await overrides.accepted(name));
  },
  async list() {
    const [documents, accepted] = await Promise.all([catalogue.list('Schedule'), overrides.accepted()]);
    return documents.map((document) => ({
      ...document,
      spec: scheduleWith(
        document.spec,
        accepted.filter(({ schedule }) => schedule === document.name),
      ),
    }));
  },
  async changes(name) {
    const { rows } = await sql<{ count: number; lastAt: string }>`
      with change as (
        select applied_at as at, 1 as times from document d join revision r on r.number = d.revision
        where d.kind = 'Schedule' and d.name = ${name}
        union all
        select changed_at, case when record ->> 'status' = 'accepted' then 1 else 2 end from on_call_override
        where schedule = ${name} and accepted_at is not null)
      select coalesce(sum(times), 0)::integer as count, coalesce(max(at), to_timestamp(0)) as last_at from change`.execute(
      db,
    );
    return { count: rows[0]!.count, lastAt: Date.parse(rows[0]!.lastAt) };
  },
});
