import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { monitoringOf } from '../support/monitoring.ts';
import { type Ops, startOps } from '../support/ops.ts';
import { needle, stormAlert, stormServices } from '../support/storm.ts';

const count = 10_000;
const inPost = 5;
/** From so many on, they are one incident of their team. */
const stormBegins = 10;

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({ services: Object.fromEntries(stormServices.map((name) => [name, []])) });
});
afterAll(() => ops.stop());

test('a storm is a handful of incidents, every alert is in it, and the critical one pages', async () => {
  const { fire } = monitoringOf(ops);
  const posts = Array.from({ length: count / inPost }, (_, post) =>
    Array.from({ length: inPost }, (__, index) => stormAlert(post * inPost + index, `${post}-${index}`)),
  );
  posts.splice(Math.floor(posts.length / 2), 0, [needle]);
  const lanes = Array.from({ length: 8 }, async () => {
    for (let post = posts.shift(); post; post = posts.shift()) expect((await fire(...post)).status).toBe(202);
  });
  await Promise.all(lanes);

  const alerts = async () =>
    (
      await sql<{ alerts: number; errors: number; homeless: number }>`
        select count(*)::int as alerts, count(*) filter (where class = 'exception')::int as errors,
          count(*) filter (where class = 'exception' and incident is null)::int as homeless from alert`.execute(ops.db)
    ).rows[0];
  await expect
    .poll(alerts, { timeout: 50_000, interval: 200 })
    .toEqual({ alerts: count + 1, errors: count / 2 + 1, homeless: 0 });
  const { items: incidents } = await ops.stores.incidents.list({ limit: 100 });
  expect(incidents.length).toBeLessThanOrEqual(stormBegins);

  const { rows } = await sql<{ incident: number }>`select incident from alert where title = 'It loses data'`.execute(
    ops.db,
  );
  const pages = async () =>
    (
      await sql<{ to: string; text: string; subject: string }>`
        select payload->>'to' as "to", payload->>'text' as text, payload->>'subject' as subject from outbox
        where kind = 'email' and belongs_to = ${`incident/${rows[0]?.incident}`}`.execute(ops.db)
    ).rows;
  await expect
    .poll(async () => (await pages()).filter(({ text }) => text.includes('It loses data')).map(({ to }) => to))
    .toContain('dan@example.org');
  const [raised] = (await pages()).filter(({ text }) => text.includes('It loses data'));
  expect(raised?.subject).toMatch(/^SEV-2 /);
  // Once when it opened, and once when it got worse.
  const toDan = (await pages()).filter(({ to }) => to === 'dan@example.org');
  expect(toDan.length).toBeLessThanOrEqual(2);
});
