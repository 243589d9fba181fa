import { afterAll, beforeAll, expect, test } from 'vitest';
import { tagged } from '../../../api/operation.ts';
import { problemOperations } from '../../../api/routes/problem/index.ts';
import { declare } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { openProblem } from '../../support/problem.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

const secret = 'Somebody sells our keys';

test('a private problem is seen by its people alone, in every route, list and mail', async () => {
  const incident = await declare(ops, { title: secret, privateTo: ['cid'] }, 'ana');
  const problem = await openProblem(ops, { title: secret, privateTo: ['cid'], incidents: [incident.number] }, 'ana');
  await problem.ask('cid', 'assess', { impact: 1, urgency: 1 });
  await problem.ask('ana', 'assign', { to: 'cid' });
  await problem.ask('cid', 'close', { resolution: 'cannot-reproduce', reason: 'nothing was found' });
  await problem.becomes('closed');

  const routes = [
    ...tagged('problems', problemOperations(ops.context)).filter(({ path }) => path.includes('{id}')),
    { method: 'get', path: '/v1/problems/{id}/audit' },
    { method: 'get', path: '/v1/problems/{id}/export' },
  ];
  const statuses = new Set<number>();
  for (const { method, path } of routes) {
    const body = method === 'post' ? {} : undefined;
    statuses.add(
      (await ops.as('dan')(method.toUpperCase(), path.replace('{id}', String(problem.number)), body)).status,
    );
  }
  expect([...statuses].filter((status) => ![404, 422, 403].includes(status))).toEqual([]);
  expect((await ops.as('dan')('GET', `/v1/problems/${problem.number}`)).status).toBe(404);
  for (const person of ['dan', 'ben', 'vic', 'eva'])
    for (const list of ['problems', 'incidents', 'inbox?state=applied', 'inbox?state=delivered']) {
      const { body } = await ops.as(person)('GET', `/v1/${list}`);
      expect(JSON.stringify(body)).not.toContain(secret);
      expect(JSON.stringify(body)).not.toContain(problem.reference);
    }
  expect((await ops.as('cid')('GET', '/v1/problems')).body.items.map(({ number }) => number)).toEqual([problem.number]);
  await expect.poll(() => ops.subjects()).toContain(`Problem ${problem.number} closed: ${secret}`);
  const mailed = (await ops.mails()).filter(({ subject }) => subject.includes(secret)).map(({ to }) => to);
  expect([...new Set(mailed)].toSorted((a, b) => a.localeCompare(b))).toEqual(['ana@example.org', 'cid@example.org']);
});

test('the risk of a private problem is accepted by its people alone', async () => {
  const alone = await openProblem(ops, { title: secret, privateTo: ['cid'] }, 'ana');
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString();
  const lonely = await alone.ask('ana', 'accept-risk', { until, reason: 'cid is suspected' });
  expect([lonely.status, lonely.body.detail]).toEqual([409, expect.stringContaining('nobody could agree')]);

  const shared = await openProblem(ops, { title: secret, privateTo: ['ben'] }, 'cid');
  expect((await shared.ask('cid', 'accept-risk', { until, reason: 'rare' })).status).toBe(200);
  const { risk } = await shared.until(({ risk: asked }) => asked?.approval !== undefined);
  const approval = (await ops.stores.approvals.find(risk!.approval!))!;
  expect(approval.stages[0]?.eligible).toEqual(['ben']);
});

test('a private problem that a service account opened is not shown to a person of its name', async () => {
  const { secret: token } = (
    await ops.as('admin')('POST', '/v1/tokens', { kind: 'service', name: 'dan', team: 'shop', scope: 'operator' })
  ).body;
  const reply = await fetch(`${ops.url}/v1/problems`, {
    method: 'POST',
    headers: { authorization: `Bearer ${String(token)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ title: secret, service: 'checkout', privateTo: ['cid'] }),
  });
  const { problem } = (await reply.json()) as { problem: number };

  expect(problem).toBeGreaterThan(0);
  expect((await ops.as('dan')('GET', `/v1/problems/${problem}`)).status).toBe(404);
  expect((await ops.as('cid')('GET', `/v1/problems/${problem}`)).status).toBe(200);
});

test('a private incident is linked to no problem that others see', async () => {
  const incident = await declare(ops, { title: secret, privateTo: ['cid'] }, 'ana');
  const problem = await openProblem(ops, {}, 'ana');

  const refused = await problem.ask('ana', 'link', { incident: incident.number });
  const unseen = await problem.ask('dan', 'link', { incident: incident.number });

  expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining('private problems alone')]);
  expect([unseen.status, unseen.body.detail]).toEqual([422, expect.stringContaining('there is no incident')]);
});

test('a private problem is named by no public one that is the same', async () => {
  const hidden = await openProblem(ops, { title: secret, privateTo: ['cid'] }, 'ana');
  const open = await openProblem(ops, {}, 'cid');
  const same = { resolution: 'duplicate', duplicateOf: hidden.number, reason: 'it is the same' };
  const refused = await open.ask('cid', 'close', same);
  expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining('private problems alone')]);
  const shared = await openProblem(ops, { title: secret, privateTo: ['cid'] }, 'ana');
  expect((await shared.ask('cid', 'close', same)).status).toBe(200);
});
