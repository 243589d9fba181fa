import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type pg from 'pg';
import { asFiles } from '../test/support/company.ts';
import { alertmanagerBody } from '../test/support/monitoring.ts';
import { teams } from '../test/support/teams.ts';
import { connectionOptions } from '../workers/temporal.ts';
import { inParallel, percentiles, report } from './figure.ts';
import { memoryOf } from './memory.ts';
import { configOf, eventsSecret, type Stage } from './stage.ts';

/** One incident after the other, so far apart that each meets an idle machine. */
const apartMs = 500;
const idle = Number(process.env['PAGES'] ?? 50);
/** Incidents whose escalations fall due in the same minute, at a thousand of them. */
const crowd = Number(process.env['OPEN_INCIDENTS'] ?? 100);
const crowdApartMs = 60;
const serviceCount = 100;
const warmUps = 5;

/** Until a time in milliseconds since 1970. */
const until = (at: number): Promise<void> => sleep(Math.max(0, at - Date.now()));

const apply = async ({ admin }: Stage, documents: ReturnType<typeof teams>): Promise<void> =>
  void (await admin.command('/v1/catalogue', { files: asFiles(documents) }));

const fire = async ({ url }: Stage, index: number): Promise<void> => {
  const answer = await fetch(`${url}/v1/hooks/alertmanager/monitor-${index}`, {
    method: 'POST',
    body: alertmanagerBody({ labels: { service: `service-${index}` }, annotations: { summary: `Case ${index}` } }),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${eventsSecret}` },
  });
  if (answer.status !== 202) throw new Error(`answered with ${answer.status}`);
};

/** From the alert's post to the page at the mail server, and from when the escalation is due, counted from the post, to its page; beside a bare Temporal. */
export const pages = async (stage: Stage): Promise<void> => {
  const count = idle + warmUps;
  const timeoutMs = count * apartMs + 5_000;
  await apply(stage, teams(count, timeoutMs));
  // The catalogue is looked at again by then.
  await sleep(3_000);
  const sentAt: number[] = [];
  for (let index = 0; index < count; index += 1) {
    sentAt.push(Date.now());
    await fire(stage, index);
    await until(sentAt[index]! + apartMs);
  }
  const arrival = async (to: string, index: number): Promise<number> => {
    const subject = new RegExp(`: Case ${index}$`);
    const mail = await stage.mailbox.until(
      (each) => each.to === `${to}@example.org` && subject.test(each.subject),
      timeoutMs + 60_000,
    );
    return mail.at - sentAt[index]!;
  };
  const [first, second]: [number[], number[]] = [[], []];
  for (let index = warmUps; index < count; index += 1) {
    first.push(await arrival(`first-${index}`, index));
    second.push((await arrival(`second-${index}`, index)) - timeoutMs);
  }
  const bare = await besideBare(stage, async (tell) => {
    for (let index = 0; index < count; index += 1) await tell({ signal: true }, apartMs);
  });
  report('alert posted to page at the mail server, idle', 'ms', first, {
    bare: percentiles(bare.slice(warmUps)),
  });
  report('escalation due to its page at the mail server, idle', 'ms', second);
};

/** How late pages are when many incidents are open and their escalations fall due one after the other. */
export const timers = async (stage: Stage, db: pg.Pool): Promise<void> => {
  const spanMs = crowd * crowdApartMs;
  const waitMs = Math.ceil(1.5 * spanMs) + 15_000;
  await apply(stage, teams(serviceCount, waitMs));
  await sleep(3_000);
  const begun = Date.now();
  const numbers = await declareMany(stage, db, crowd, (index) => until(begun + index * crowdApartMs));
  const { rows } = await db.query<{ number: string; due: Date }>(
    `select i.number, (r.state->'escalation'->>'nextAt')::timestamptz as due from incident i join record r using (reference)
     where i.number = any($1)`,
    [numbers],
  );
  if (rows.some(({ due }) => due.getTime() < Date.now() || due.getTime() > Date.now() + 2 * waitMs))
    throw new Error('it took too long to open them: some were due before all were open');
  const late: number[] = [];
  for (const { number, due } of rows) {
    const link = new RegExp(`/v1/incidents/${number}\\s`);
    const mail = await stage.mailbox.until(
      (each) => each.to.startsWith('second-') && link.test(`${each.text}\n`),
      180_000,
    );
    late.push(mail.at - due.getTime());
  }
  const bare = await besideBare(stage, async (tell) => {
    const since = Date.now();
    const inOrder = Array.from({ length: crowd }, (_, index) => index);
    await Promise.all(
      inOrder.map(async (index) => {
        await until(since + (index * crowdApartMs) / 4);
        await tell({ timer: since + spanMs / 4 + 5_000 + index * crowdApartMs });
      }),
    );
  });
  report('escalation due to its page, with many open incidents', 'ms', late, {
    overSeconds: spanMs / 1_000,
    bare: percentiles(bare),
  });
};

/** Declares incidents, each as soon as its time has come, and waits until the first page of each is written down; their numbers. */
const declareMany = async (
  stage: Stage,
  db: pg.Pool,
  count: number,
  time: (index: number) => Promise<void> = async () => {},
): Promise<string[]> => {
  const ana = await stage.asPerson('ana');
  const title = randomUUID();
  await inParallel(count, 16, async (index) => {
    await time(index);
    await ana.command('/v1/incidents', {
      title,
      service: `service-${index % serviceCount}`,
      environment: 'production',
      severity: 'SEV-2',
    });
  });
  for (const end = Date.now() + 60_000 + 200 * count; Date.now() < end; await sleep(250)) {
    const { rows } = await db.query<{ number: string }>(
      `select i.number from incident i join record r using (reference)
       where r.state->>'title' = $1 and r.state->'escalation'->>'nextAt' is not null`,
      [title],
    );
    if (rows.length === count) return rows.map(({ number }) => number);
  }
  throw new Error('not every incident was paged');
};

/** What so many open incidents cost each process. */
export const memoryOfIncidents = async (stage: Stage, db: pg.Pool): Promise<void> => {
  await apply(stage, teams(serviceCount, 6 * 3_600_000));
  await memoryOf('open incidents', stage, crowd, () => declareMany(stage, db, crowd));
};

interface Telling {
  /** Starts it with a signal, or with a timer that is due at this time. */
  signal?: true;
  timer?: number;
}

/** Milliseconds from the signal, or from when the timer is due, to the activity of a bare workflow. */
const besideBare = async (
  stage: Stage,
  work: (tell: (how: Telling, apart?: number) => Promise<void>) => Promise<void>,
): Promise<number[]> => {
  const connection = await NativeConnection.connect(connectionOptions(configOf(stage)));
  const since = new Map<string, number>();
  const values: number[] = [];
  const worker = await Worker.create({
    connection,
    namespace: 'evenkeel',
    taskQueue: 'bare',
    workflowsPath: fileURLToPath(new URL('bare.ts', import.meta.url)),
    activities: { tell: async (key: string) => void values.push(Date.now() - since.get(key)!) },
    maxCachedWorkflows: 500,
  });
  const client = new Client({ connection, namespace: 'evenkeel' });
  await worker.runUntil(async () => {
    const ends: Promise<unknown>[] = [];
    await work(async ({ timer }, apart = 0) => {
      const workflowId = randomUUID();
      const at = Date.now();
      since.set(workflowId, timer ?? at);
      const placed = { taskQueue: 'bare', workflowId };
      const handle =
        timer === undefined
          ? await client.workflow.signalWithStart('bareSignal', { ...placed, args: [workflowId], signal: 'heard' })
          : await client.workflow.start('bareTimer', { ...placed, args: [workflowId, timer] });
      ends.push(handle.result());
      await until(at + apart);
    });
    await Promise.all(ends);
  });
  await connection.close();
  return values.map((value) => Math.max(0, value));
};
