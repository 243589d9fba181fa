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

test('a private incident is linked to no problem that others see', async () => {
  const incident = await declare(ops, { title: secret, privateTo: ['cid'] }, 'ana');
  const problem = await openProblem(ops, {}, 'ana');

  const refused = await problem.ask('ana', 'link', { incident: incident.number });
  const unseen = await problem.ask('dan', 'link', { incident: incident.number });

  expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining('private problems alone')]);
  expect([unseen.status, unseen.body.detail]).toEqual([422, expect.stringContaining('there is no incident')]);
});
