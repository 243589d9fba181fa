import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daysAgo, happened } from '../support/backdated.ts';
import { asFiles, document } from '../support/company.ts';
import { declare } from '../support/monitoring.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

const month = new Date().toISOString().slice(0, 7);
const get = (who: string, path: string) => ops.as(who)('GET', path);
const order = (who: string, body: object, key?: string) =>
  ops.as(who)('POST', '/v1/performance-reports', body, key === undefined ? {} : { 'idempotency-key': key });

const written = async (who: string, body: object): Promise<string> => {
  const { body: said } = await order(who, body);
  const id = String(said['report']);
  await ops.client.workflow.getHandle(`performance-report/${id}`).result();
  return id;
};
const mailsAbout = async (reference: string): Promise<string[]> => {
  const { rows } = await sql<{ to: string }>`
    select payload->>'to' as to from outbox where belongs_to = ${reference} order by 1`.execute(ops.db);
  return rows.map(({ to }) => to);
};

const noticed = async (title: string) => {
  const incident = await declare(ops, { title, impactAt: new Date(Date.now() - 20 * 60_000).toISOString() });
  await incident.ask('cid', 'acknowledge');
  await incident.ask('cid', 'resolve', { solution: 'Restarted', strategy: 'restart' });
  await incident.becomes('resolved');
  return incident;
};

test('a report says what a service came to, and is the same whenever it is read', async () => {
  const incident = await noticed('The <b>checkout</b> | is *slow*');
  const id = await written('dan', { service: 'checkout', period: month });
  const { body: report } = await get('vic', `/v1/performance-reports/${id}`);

  expect(report).toMatchObject({
    title: `Operations report: service checkout, ${month}`,
    scope: { service: 'checkout' },
    incidents: [{ number: incident.number, title: 'The <b>checkout</b> | is *slow*' }],
    signals: [
      { kind: 'detection', cluster: 'noticed-by-people', status: 'open', evidence: [`incident/${incident.number}`] },
    ],
  });
  const markdown = await get('vic', `/v1/performance-reports/${id}/markdown`);
  const page = await get('vic', `/v1/performance-reports/${id}/html`);
  expect(markdown.body['text']).toContain(String.raw`The \<b\>checkout\</b\> \| is \*slow\*`);
  expect(page.body['text']).toContain('The &lt;b&gt;checkout&lt;/b&gt; | is *slow*');
  expect(page.body['text']).toContain('<svg');
  expect((await get('vic', `/v1/performance-reports/${id}/markdown`)).body['text']).toBe(markdown.body['text']);
  expect(await mailsAbout(`performance-report/${id}`)).toEqual(['dan@example.org']);
});

describe('a signal', () => {
  const signal = async () =>
    (await get('vic', '/v1/improvement-signals?service=checkout&kind=detection')).body['items'][0]!;
  const answer = async (who: string, id: unknown, body: object) =>
    ops.as(who)('POST', `/v1/improvement-signals/${String(id)}/answer`, body);

  test('is raised once for what it is about, however many reports there are', async () => {
    const first = await signal();
    await written('dan', { service: 'checkout', period: month });
    const again = (await get('vic', '/v1/improvement-signals?kind=detection')).body['items'];
    expect(again.map(({ id }) => id)).toEqual([first.id]);
  });

  test('is answered by somebody who may, and is done only with what was measured', async () => {
    const { id } = await signal();
    expect((await answer('vic', id, { answer: 'accepted', reason: 'We will' })).status).toBe(403);
    expect((await answer('eva', id, { answer: 'accepted', reason: 'We will' })).status).toBe(404);
    expect((await answer('cid', id, { answer: 'done', reason: 'Already' })).status).toBe(409);
    expect((await answer('cid', id, { answer: 'accepted', reason: 'We will' })).body).toMatchObject({
      status: 'accepted',
    });
    expect((await answer('cid', id, { answer: 'done', reason: 'Alert on latency' })).status).toBe(422);
    const done = await answer('cid', id, {
      answer: 'done',
      reason: 'Alert on latency',
      effect: '0 of 12 noticed by people',
    });
    expect(done.body).toMatchObject({
      status: 'done',
      answers: [{ answer: 'accepted' }, { answer: 'done', by: 'cid' }],
    });
    expect((await answer('cid', id, { answer: 'rejected', reason: 'No' })).status).toBe(409);
  });

  test('is raised again where what was done did not help', async () => {
    const before = await signal();
    await written('dan', { service: 'checkout', period: month });
    const after = await signal();
    expect(after.id).not.toBe(before.id);
    expect(after['status']).toBe('open');
  });

  test('is chased once it is late, each time once', async () => {
    const { id } = await signal();
    const reference = `improvement-signal/${id}`;
    const late = new Date(Date.now() - 1_000).toISOString();
    await sql`update improvement_signal set due_at = ${late}, record = record || jsonb_build_object('dueAt', ${late}::text) where id = ${id}`.execute(
      ops.db,
    );
    const chase = () =>
      ops.client.workflow.execute('chaseSignals', { taskQueue: ops.taskQueue, workflowId: `chase-${Math.random()}` });
    await chase();
    const first = await mailsAbout(reference);
    await chase();
    expect(first).toContain('cid@example.org');
    expect(await mailsAbout(reference)).toEqual(first);
    expect((await get('vic', `/v1/improvement-signals/${id}`)).body).toMatchObject({ chased: 1, status: 'open' });
  });
});

test('a supplier is one that two incidents of half a year have waited for', async () => {
  const waited = async (title: string, days: number): Promise<void> => {
    const number = await happened(ops, title, days);
    const pauses = [{ why: 'vendor', from: Date.parse(daysAgo(days)) }];
    await sql`
      update incident set changes = changes + 1, observation = jsonb_set(observation, '{pauses}', ${JSON.stringify(pauses)}::jsonb)
      where number = ${number}`.execute(ops.db);
  };
  const raised = async (): Promise<string[]> => {
    await written('dan', { service: 'checkout', period: month });
    const { items } = (await get('vic', '/v1/improvement-signals?kind=supplier-below-sla')).body;
    return items.map(({ cluster }) => String(cluster));
  };
  await waited('The bank is slow', 250);
  await waited('The bank does not answer', 40);
  expect(await raised()).toEqual([]);

  await waited('The bank refuses', 120);
  expect(await raised()).toEqual(['vendor']);
});

describe('reports of a month', () => {
  test('are written of everything, of each team and of services with stakeholders, and sent once', async () => {
    const produce = () =>
      ops.client.workflow.execute('produceMonthlyReports', {
        taskQueue: ops.taskQueue,
        workflowId: `monthly-${Math.random()}`,
      });
    await produce();
    const monthly = async () =>
      (await get('admin', '/v1/performance-reports')).body['items'].filter((row) => row['isSent'] === true);
    const first = await monthly();
    expect(first.map((row) => row['scope'])).toEqual(
      expect.arrayContaining([{}, { team: 'shop' }, { service: 'checkout' }]),
    );
    expect(first.every((row) => row['writtenAt'] !== null)).toBe(true);
    const ofService = first.find((row) => (row['scope'] as { service?: string }).service === 'checkout')!;
    const sent = await mailsAbout(`performance-report/${ofService.id}`);
    await produce();
    expect((await monthly()).map(({ id }) => id)).toEqual(first.map(({ id }) => id));
    expect(await mailsAbout(`performance-report/${ofService.id}`)).toEqual(sent);
    expect(sent.length).toBeGreaterThan(0);
  });
});

describe('whoever orders a report', () => {
  test('gets one for each key, and no other one under it', async () => {
    const one = await order('dan', { service: 'checkout', period: month }, 'k1');
    const same = await order('dan', { service: 'checkout', period: month }, 'k1');
    const other = await order('dan', { team: 'shop', period: month }, 'k1');
    expect(same.body['report']).toBe(one.body['report']);
    expect(other.status).toBe(409);
  });
  test('sees those of their teams alone, and sends none to others without the role', async () => {
    const id = await written('dan', { team: 'shop', period: month });
    for (const as of ['', '/markdown', '/html'])
      expect((await get('eva', `/v1/performance-reports/${id}${as}`)).status).toBe(404);
    expect((await order('dan', { service: 'checkout', send: true })).status).toBe(403);
    expect((await order('vic', { service: 'checkout' })).status).toBe(403);
    expect((await order('eva', { service: 'checkout' })).status).toBe(404);
    expect((await order('dan', {})).status).toBe(422);
    const all = await written('admin', { period: month });
    expect((await get('vic', `/v1/performance-reports/${all}`)).status).toBe(404);
  });
  test('does not find what is private in it', async () => {
    await ops.as('ana')('POST', '/v1/incidents', {
      title: 'Keys were stolen',
      service: 'checkout',
      environment: 'production',
      severity: 'SEV-1',
      privateTo: ['cid'],
    });
    const id = await written('dan', { service: 'checkout', period: month });
    expect(JSON.stringify((await get('vic', `/v1/performance-reports/${id}`)).body)).not.toContain('Keys were stolen');
  });
  test('gets nothing of a report that nobody has ordered, whatever workflow asks', async () => {
    const forged = ops.client.workflow.execute('produceReport', {
      taskQueue: ops.taskQueue,
      workflowId: 'performance-report/forged',
      args: [{ workflowId: 'performance-report/forged', report: '019a0000-0000-7000-8000-000000000000' }],
    });
    await expect(forged).rejects.toThrow('Workflow execution failed');
  });
});

test('signals go to where their team has them: as an event for machines, and as an issue', async () => {
  const shop = document('Team', 'shop', {
    signals: ['upstream', 'work'],
    members: [
      { person: 'ana', role: 'approver' },
      { person: 'cid', role: 'operator' },
      { person: 'vic', role: 'viewer' },
    ],
  });
  const upstream = document('NotificationChannel', 'upstream', {
    type: 'webhook',
    url: 'https://upstream.example.org/signals',
    secret: 'upstream',
  });
  const work = document('NotificationChannel', 'work', {
    type: 'github',
    repository: 'shop/checkout',
    token: 'github',
  });
  const applied = await ops.as('admin')('POST', '/v1/catalogue', {
    files: asFiles([shop, upstream, work]),
  });
  expect(applied.status).toBe(200);
  await written('cid', { service: 'checkout', period: month });
  const { rows } = await sql<{ payload: { type: string; data: { kind: string } } }>`
    select payload from outbox where key like 'improvement-signal/%/upstream'`.execute(ops.db);
  expect(rows.map(({ payload }) => [payload.type, payload.data.kind])).toContainEqual([
    'io.evenkeel.signal.raised',
    'detection',
  ]);
  const { rows: issues } = await sql<{ payload: object; belongsTo: string }>`
    select payload, belongs_to from outbox where key like 'improvement-signal/%/work' and payload->>'subject' like '%: detection of %'`.execute(
    ops.db,
  );
  expect(issues).toMatchObject([
    {
      belongsTo: expect.stringMatching(/^improvement-signal\//),
      payload: { kind: 'github', subject: expect.stringMatching(/^Improvement signal: detection of checkout/) },
    },
  ]);
});

test('an issue is for a signal: no stakeholder has its mail there', async () => {
  const work = document('NotificationChannel', 'work', {
    type: 'github',
    repository: 'shop/checkout',
    token: 'github',
  });
  const checkout = document('Service', 'checkout', { description: 'c', owner: 'shop', stakeholders: ['work'] });
  const applied = await ops.as('admin')('POST', '/v1/catalogue', { files: asFiles([work, checkout]) });
  expect(applied.status).toBe(422);
  expect(applied.body['errors']).toEqual([
    expect.stringContaining('work is of type github, which takes the signals of a team and nothing else'),
  ]);
});
