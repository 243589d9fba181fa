import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asFiles, company } from '../support/company.ts';
import { type Mailbox, startMailbox } from '../support/mailbox.ts';
import { alertmanagerBody } from '../support/monitoring.ts';
import { teamOf, teams } from '../support/teams.ts';
import { type Acknowledged, boundOf, duplicatesIn, lateIn, missingOf, type Page, pagesIn } from './account.ts';
import { killAll } from './kills.ts';
import { setStage, type Stage } from './stage.ts';

/** Kills of each part, and incidents that are open meanwhile: `npm run test:faults` has 50 kills and 200 incidents. */
const killsEach = Number(process.env['FAULT_KILLS'] ?? 1);
const incidentCount = Number(process.env['FAULT_INCIDENTS'] ?? 20 * killsEach);
/** Ten incidents of one team would be a storm, and one. */
const servicesEach = 5;
/** Such that escalations fall due while parts are killed. */
const timeoutMs = Math.max(8_000, 150 * incidentCount);
const soonMs = 5_000;
/** What a worker had in its hands when it was killed is given to another by Temporal after its workflow task timeout. */
const givenAgainAfterMs = 10_000;
const everyMs = 40;

let stage: Stage;
let mailbox: Mailbox;
let db: pg.Pool;
beforeAll(async () => {
  mailbox = await startMailbox();
  stage = await setStage('127.0.0.1:9', undefined, { EVENKEEL_SMTP_URL: mailbox.url });
  db = new pg.Pool({ connectionString: stage.databaseUrl, max: 2 });
  db.on('error', () => {});
});
afterAll(async () => {
  await db?.end();
  await stage?.stop();
  await mailbox?.stop();
});

const documents = () => [
  ...company({ target: 'http://127.0.0.1:9' }),
  ...teams(teamOf(incidentCount, servicesEach) + 1, timeoutMs, servicesEach),
];

/** Sends until it is acknowledged, as Alertmanager does: what had no answer may be there or not. */
const send = async (service: number, name: string, severity: string): Promise<Acknowledged> => {
  const labels = { service: `service-${service}`, case: name, severity };
  const body = alertmanagerBody({ labels, annotations: { summary: `Case ${name}` } });
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(200)) {
    const answer = await fetch(`${stage.url}/v1/hooks/alertmanager/monitor-${teamOf(service, servicesEach)}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', authorization: 'Bearer events-secret' },
      signal: AbortSignal.timeout(5_000),
    }).catch(() => undefined);
    if (answer?.status === 202) {
      const { accepted } = (await answer.json()) as { accepted: string[] };
      return { row: accepted[0]!, cases: [name] };
    }
    if (answer && answer.status < 500) throw new Error(`${answer.status}: ${await answer.text()}`);
  }
  throw new Error('a post was not acknowledged in time');
};

/** Everything runs again: what comes in now pages somebody. */
const recovery = async (): Promise<number> => {
  await send(incidentCount, 'afterwards', 'critical');
  return (await mailbox.until(({ subject }) => subject.endsWith('Case afterwards'), 120_000)).at;
};

/** What is known of pages that were late, to see what they have waited for. */
const reasonsOf = async (late: readonly { incident: string; ms: number }[]): Promise<string[]> => {
  const { rows } = await db.query<{ incident: string; attempts: number; waited: number }>(
    `select i.number as incident, o.attempts, extract(epoch from o.settled_at - o.created_at)::float as waited
     from incident i join outbox o on o.belongs_to = i.reference where o.payload->>'to' like 'second-%' and i.number = any($1)`,
    [late.map(({ incident }) => incident)],
  );
  return late.map(({ incident, ms }) => {
    const mail = rows.find((row) => row.incident === incident);
    return `${incident}: ${ms} ms late, ${mail?.waited} s of it in the outbox, ${mail?.attempts} attempts`;
  });
};

const reached = (pages: readonly Page[], person: string): Map<string, number> =>
  new Map(pages.filter(({ key }) => key.includes(` ${person}-`)).map(({ incident, at }) => [incident, at]));

/** Posts what was told before, and warnings, of which nobody is paged, until it is over. */
const load = (acknowledged: Acknowledged[]): { end(): Promise<void> } => {
  let isOver = false;
  const lanes = Array.from({ length: 4 }, async (_, lane) => {
    for (let next = 0; !isOver; next += 1) {
      const service = (next * 4 + lane) % incidentCount;
      const isRepeat = next % 3 === 2;
      const name = isRepeat ? `incident-${service}` : `more-${lane}-${next}`;
      acknowledged.push(await send(service, name, isRepeat ? 'critical' : 'warning'));
      await sleep(everyMs);
    }
  });
  return {
    async end() {
      isOver = true;
      await Promise.all(lanes);
    },
  };
};

test('whatever is killed: no acknowledged alert is missing, every incident pages in time, and nobody is paged twice', async () => {
  const applied = await fetch(`${stage.url}/v1/catalogue`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ files: asFiles(documents()) }),
  });
  expect(applied.status).toBe(200);
  await sleep(2_500);

  const acknowledged: Acknowledged[] = [];
  for (let service = 0; service < incidentCount; service += 1)
    acknowledged.push(await send(service, `incident-${service}`, 'critical'));
  const first = (): ReturnType<typeof reached> => reached(pagesIn(mailbox.mails), 'first');
  await expect.poll(() => first().size, { timeout: 120_000 }).toBe(incidentCount);
  const firstAt = first();

  const loading = load(acknowledged);
  const { kills, workerKilledAt } = await killAll(stage, killsEach);
  const killedAt = Date.now();
  const pagedAgainAt = await recovery();
  await loading.end();

  const recoveredAt = Math.max(pagedAgainAt, workerKilledAt + givenAgainAfterMs);
  const dueAt = (incident: string): number => Math.max(firstAt.get(incident)! + timeoutMs, recoveredAt);
  const escalated = (): ReturnType<typeof reached> =>
    new Map([...reached(pagesIn(mailbox.mails), 'second')].filter(([incident]) => firstAt.has(incident)));
  const lastDue = Math.max(...[...firstAt.keys()].map(dueAt));
  await expect
    .poll(() => escalated().size, { timeout: lastDue - Date.now() + 120_000, interval: 200 })
    .toBe(incidentCount);
  await expect
    .poll(async () => (await db.query("select from alert_inbox where state = 'accepted' limit 1")).rows, {
      timeout: 60_000,
    })
    .toEqual([]);

  expect(await missingOf(db, acknowledged)).toEqual([]);
  expect(duplicatesIn(pagesIn(mailbox.mails))).toEqual([]);
  expect(await reasonsOf(lateIn(escalated(), dueAt, soonMs))).toEqual([]);
  const opened = await db.query<{ count: number }>('select count(*)::int as count from incident');
  expect(opened.rows[0]!.count).toBe(incidentCount + 1);
  const repeats = mailbox.mails.length - new Set(mailbox.mails.map(({ messageId }) => messageId)).size;
  const latest = Math.max(...lateIn(escalated(), dueAt, -Infinity).map(({ ms }) => ms));
  console.log(
    `${kills} kills of ${incidentCount} open incidents. Missing of what was acknowledged: ${boundOf(acknowledged.length)}. ` +
      `Paged twice: ${boundOf(2 * incidentCount)}; ${repeats} mails came again under their key. ` +
      `Paged later than ${soonMs} ms after it was due and all was back: ${boundOf(incidentCount)}; the latest after ${latest} ms. ` +
      `A new alert paged ${pagedAgainAt - killedAt} ms after the last kill. A kill that does any of it: ${boundOf(kills)}`,
  );
});

test('the same accounts show what is lost, who is paged twice, and who too late', async () => {
  // A product that loses every other alert, holds each mail up, and sends it under a second key.
  await db.query(`
    create function lose() returns trigger language plpgsql as 'begin delete from alert_inbox where id = new.id; return new; end';
    create trigger lose after insert on alert_inbox for each row when (new.dedup_key < '8' and position('"warning"'::bytea in new.body) > 0) execute function lose();
    create function send_again() returns trigger language plpgsql as 'begin
      insert into outbox (key, kind, belongs_to, payload, state) values (new.key || ''/again'', new.kind, new.belongs_to, new.payload, ''pending''); return new; end';
    create trigger send_again after insert on outbox for each row when (new.key not like '%/again') execute function send_again();
    create function hold_up() returns trigger language plpgsql as 'begin new.due_at := now() + interval ''7 seconds''; return new; end';
    create trigger hold_up before insert on outbox for each row execute function hold_up();
  `);
  const acknowledged: Acknowledged[] = [];
  for (let count = 0; count < 20; count += 1) acknowledged.push(await send(0, `planted-${count}`, 'warning'));
  // Another incident, since none takes its alerts any more.
  await db.query('update incident set is_open = false, reopens_until = null');
  const sentAt = Date.now();
  acknowledged.push(await send(1, 'planted-page', 'critical'));
  const planted = (): Page[] =>
    pagesIn(mailbox.mails.filter(({ at, subject }) => at > sentAt && subject.endsWith('Case planted-page')));

  await expect.poll(async () => (await missingOf(db, acknowledged)).length).toBeGreaterThan(0);
  await expect.poll(() => planted().length, { timeout: 30_000 }).toBeGreaterThan(1);
  expect(duplicatesIn(planted()).length).toBeGreaterThan(0);
  expect(lateIn(reached(planted(), 'first'), () => sentAt, soonMs).length).toBeGreaterThan(0);
});
