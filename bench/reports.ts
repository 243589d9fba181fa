import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { ListedReport, Ordered } from '../api/routes/performance-report.ts';
import { idOf } from '../domain/identifiers.ts';
import type { InboxRow } from '../domain/inbox.ts';
import { report } from './figure.ts';
import type { Stage } from './stage.ts';

const incidents = Number(process.env['REPORT_INCIDENTS'] ?? 100_000);
const reports = Number(process.env['REPORTS'] ?? 20);
const atOnce = 10_000;
const period = { from: '2026-01-01T00:00:00.000Z', until: '2026-02-01T00:00:00.000Z' };

/** From the order of a report over so many incidents until it can be read, one at a time, through the API. */
export const reportsOver = async ({ admin }: Stage, db: pg.Pool): Promise<void> => {
  for (let after = 0; after < incidents; after += atOnce) await insert(db, after, Math.min(atOnce, incidents - after));
  await db.query('analyze incident');
  const values: number[] = [];
  // The first warms caches and compilers.
  for (let count = 0; count <= reports; count += 1) {
    const since = performance.now();
    const { accepted } = await admin.command<Ordered>('/v1/performance-reports', period, `bench-${count}`);
    await written(admin, accepted);
    if (count > 0) values.push(performance.now() - since);
  }
  report('report ordered to written', 'ms', values, { incidents });
};

/** Waits until it is written; the row of its order says which it is. */
const written = async (admin: Stage['admin'], accepted: string): Promise<void> => {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(25)) {
    const { verdict } = await admin.get<InboxRow>(`/v1/inbox/${accepted}`);
    const ordered = verdict?.records?.[0];
    const { items } = await admin.get<{ items: ListedReport[] }>('/v1/performance-reports?limit=1');
    if (ordered && items.some(({ id, writtenAt }) => id === idOf(ordered) && writtenAt !== null)) return;
  }
  throw new Error(`the report of ${accepted} was not written in a minute`);
};

/** Closed incidents of a month, one after the other, as their workflows would have saved them: about a hundred failure modes. */
const insert = async (db: pg.Pool, after: number, count: number): Promise<void> => {
  await db.query(
    `with made as (
       select n, nextval('incident_number') as number,
         timestamptz '${period.from}' + (n * 26.78 + n * 7 % 26) * interval '1 second' as at
       from generate_series($1::int + 1, $1::int + $2::int) as n),
     recorded as (
       insert into record (reference, kind, workflow_id, team, status, rev, opened_at, closed_at)
       select 'incident/' || number, 'incident', 'incident/' || number, 'shop', 'closed', 1, at, at + interval '2 hours' from made)
     insert into incident (number, reference, is_open, service, environment, severity, kind, commission, told, has_begun,
       detected_at, observation)
     select number, 'incident/' || number, false, 'checkout', 'production', 'SEV-' || 2 + n % 4, 'real', '{}', 1, true, at,
       jsonb_build_object('number', number, 'kind', 'real', 'isPrivate', false, 'status', 'closed', 'team', 'shop',
         'service', 'checkout', 'environment', 'production', 'severity', 'SEV-' || 2 + n % 4,
         'detectedBy', case n % 5 when 0 then 'person' else 'alert' end, 'openedAt', ms, 'detectedAt', ms,
         'impactAt', ms - 60000, 'notifiedAt', ms + 5000, 'acknowledgedAt', ms + n % 17 * 60000, 'ownedAt', ms + n % 17 * 60000,
         'mitigatedAt', ms + (20 + n % 31) * 60000, 'restoredAt', ms + (20 + n % 67) * 60000,
         'resolvedAt', ms + (90 + n % 67) * 60000,
         'open', jsonb_build_array(jsonb_build_object('from', ms, 'until', ms + (20 + n % 67) * 60000)),
         'pauses', '[]'::jsonb, 'reopened', n % 40 / 39, 'resolution', 'fixed',
         'restoredBy', case n % 3 when 0 then 'automation' else 'person' end,
         'key', 'key-' || n % 97, 'alerts', 1 + n % 7, 'affectedUsers', n % 1000, 'assignees', '["ana"]'::jsonb, 'actions', '[]'::jsonb)
     from made, lateral (select (extract(epoch from at) * 1000)::bigint as ms) as instant`,
    [after, count],
  );
};
