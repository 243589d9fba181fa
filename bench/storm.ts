import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { asFiles, company } from '../test/support/company.ts';
import { alertmanagerBody } from '../test/support/monitoring.ts';
import { needle, stormAlert, stormServices } from '../test/support/storm.ts';
import { report } from './figure.ts';
import { runLoad } from './load.ts';
import { eventsSecret, type Stage } from './stage.ts';

/** Of ten thousand in a minute, as many as there is time for. */
const count = Number(process.env['STORM_ALERTS'] ?? 2_000);
const perSecond = 10_000 / 60;
const needleAt = 0.6;
const lists = ['/v1/alerts?limit=100', '/v1/alerts?state=firing&class=exception&limit=100', '/v1/incidents?limit=100'];

/** How long a critical alert in a storm takes to its page, and how lists answer meanwhile. */
export const storm = async (stage: Stage, db: pg.Pool): Promise<void> => {
  const services = Object.fromEntries(stormServices.map((name) => [name, []]));
  await stage.admin.command('/v1/catalogue', { files: asFiles(company({ target: 'http://127.0.0.1:9', services })) });
  await sleep(3_000);
  const ana = await stage.asPerson('ana');
  const post = { url: stage.url, path: '/v1/hooks/alertmanager/monitoring', authorization: `Bearer ${eventsSecret}` };
  const bodies = Array.from({ length: 100 }, (_, index) => alertmanagerBody(stormAlert(index, '{serial}')));
  const loading = runLoad({ ...post, bodies, count, perSecond, connections: 16 });

  let isOver = false;
  const answers: number[] = [];
  const looking = (async () => {
    for (let next = 0; !isOver; next += 1) {
      const since = performance.now();
      await ana.get(lists[next % lists.length]!);
      answers.push(performance.now() - since);
      await sleep(100);
    }
  })();
  await sleep((needleAt * count * 1_000) / perSecond);
  const sentAt = Date.now();
  const { authorization } = post;
  await fetch(`${post.url}${post.path}`, {
    method: 'POST',
    body: alertmanagerBody(needle),
    headers: { authorization },
  });
  const page = await stage.mailbox.until(({ text }) => text.includes('It loses data'), 60_000);
  const { statuses, latencies, begun, ended } = await loading;
  isOver = true;
  await looking;
  const { rows } = await db.query<{ alerts: number; incidents: number }>(
    `select (select count(*)::int from alert where title in ('It is slow', 'It loses data')) as alerts,
       (select count(distinct incident)::int from alert where title in ('It is slow', 'It loses data')) as incidents`,
  );
  report('list answered during a storm', 'ms', answers, {
    alerts: count,
    services: stormServices.length,
    overSeconds: Math.round((ended - begun) / 1_000),
    statuses,
    kept: rows[0]!.alerts,
    incidents: rows[0]!.incidents,
    criticalPagedAfterMs: page.at - sentAt,
    mails: stage.mailbox.mails.length,
  });
  report('post answered during a storm', 'ms', latencies);
};
