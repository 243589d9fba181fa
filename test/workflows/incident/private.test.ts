import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tagged } from '../../../api/operation.ts';
import { incidentOperations } from '../../../api/routes/incident/index.ts';
import { act } from '../../support/company.ts';
import { declare, incidentOf } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { minutes, skip } from '../../support/time.ts';

let ops: Ops;

beforeAll(async () => {
  const restores = { strategy: 'restart' as const, policy: 'second-person' };
  const task = {
    name: 'look',
    kind: 'task' as const,
    title: 'Look for the keys',
    instructions: 'In every drawer',
    assignee: { person: 'cid' },
    dueWithin: '1h',
  };
  ops = await startOps({
    restoring: {
      restart: { restores, steps: [act('restart')] },
      search: { restores: { strategy: 'other' }, steps: [task] },
    },
  });
});
afterAll(() => ops.stop());

const secret = 'Keys of the bank were stolen';

test('a private incident is seen by its people alone, in every route, list and mail', async () => {
  const declared = await ops.as('ana')('POST', '/v1/incidents', {
    title: secret,
    service: 'checkout',
    environment: 'production',
    severity: 'SEV-1',
    privateTo: ['cid'],
  });
  const incident = incidentOf(ops, Number(declared.body['incident']));
  const paged = await incident.until(({ escalation }) => escalation.paged.length > 0);
  expect(paged.escalation.paged).toEqual(['cid', 'ana']);
  expect((await incident.ask('cid', 'acknowledge')).status).toBe(200);
  await incident.ask('cid', 'start-runbook', { runbook: 'restart', reason: 'now' });
  await incident.until(({ runbooks }) => runbooks[0]?.status === 'asking');

  const routes = [
    ...tagged('incidents', incidentOperations(ops.context)).filter(({ path }) => path.includes('{id}')),
    { method: 'get', path: '/v1/incidents/{id}/audit' },
    { method: 'get', path: '/v1/incidents/{id}/export' },
  ];
  const statuses = new Set<number>();
  for (const { method, path } of routes) {
    const route = path.replace('{id}', String(incident.number));
    const fields = {
      reason: 'x',
      to: 'vic',
      until: '2099-01-01T00:00:00Z',
      service: 'checkout',
      severity: 'SEV-2',
      role: 'scribe',
    };
    const more = {
      person: 'vic',
      strategy: 'other',
      why: 'vendor',
      solution: 'x',
      code: 'false-positive',
      text: 'x',
      markdown: 'x',
    };
    const body = method === 'post' ? { ...fields, ...more } : undefined;
    // Whatever a body lacks, it is not what they are told.
    statuses.add((await ops.as('dan')(method.toUpperCase(), route, body)).status);
  }
  expect(routes.length).toBeGreaterThan(20);
  expect([...statuses].filter((status) => status !== 404 && status !== 422 && status !== 403)).toEqual([]);
  expect((await ops.as('dan')('GET', `/v1/incidents/${incident.number}`)).status).toBe(404);
  expect((await incident.ask('dan', 'acknowledge')).status).toBe(404);
  expect((await incident.ask('ben', 'sign-review')).status).toBe(404);

  for (const person of ['dan', 'ben', 'vic', 'eva']) {
    const lists = [
      'incidents',
      'tasks',
      'approvals',
      'inbox?state=applied',
      'inbox?state=delivered',
      'stalls',
      'alerts',
    ];
    for (const list of lists) {
      const { body } = await ops.as(person)('GET', `/v1/${list}`);
      // Whoever is asked to agree to its runbook sees that question.
      const seen = body.items.filter(
        (item) => !(list === 'approvals' && person === 'ben' && item['belongsTo'] === incident.reference),
      );
      expect(JSON.stringify(seen)).not.toContain(incident.reference);
      expect(JSON.stringify(seen)).not.toContain(secret);
    }
  }
  const mailed = (await ops.mails()).filter(({ subject }) => subject.includes(secret)).map(({ to }) => to);
  expect([...new Set(mailed)].toSorted()).toEqual(['ana@example.org', 'cid@example.org']);
  expect((await ops.as('cid')('GET', '/v1/incidents')).body.items.map(({ number }) => number)).toEqual([
    incident.number,
  ]);
  expect((await ops.as('aud')('GET', `/v1/incidents/${incident.number}`)).status).toBe(200);
});

test('a runbook of a private incident, its tasks and what is asked of them are seen by its people alone', async () => {
  const incident = await declare(ops, { title: 'Keys are gone', severity: 'SEV-3', privateTo: ['cid'] }, 'ana');
  expect((await incident.ask('cid', 'start-runbook', { runbook: 'search', reason: 'now' })).status).toBe(200);
  const tasks = async (person: string) =>
    (await ops.as(person)('GET', `/v1/tasks?belongsTo=${incident.reference}`)).body.items;
  await expect.poll(() => tasks('cid')).toHaveLength(1);
  const [{ id, workflowId } = { id: '', workflowId: '' }] = await tasks('cid');
  const task = `/v1/tasks/${id}`;
  const reassign = (person: string, to: string) => ops.as(person)('POST', `${task}/reassign`, { to, reason: 'away' });

  for (const person of ['dan', 'ben', 'vic', 'eva']) {
    expect(await tasks(person)).toEqual([]);
    expect((await ops.as(person)('GET', task)).status).toBe(404);
    expect((await reassign(person, 'cid')).status).toBe(['ben', 'eva'].includes(person) ? 404 : 403);
  }
  expect(await tasks('ana')).toHaveLength(1);
  expect((await ops.as('ana')('GET', task)).status).toBe(200);
  await skip(ops.client, String(workflowId), minutes(70));
  const late = async () => (await ops.mails()).filter(({ subject }) => subject.startsWith('Late:'));
  await expect.poll(late).not.toEqual([]);
  expect((await late()).map(({ to }) => to).toSorted()).toEqual(['ana@example.org', 'cid@example.org']);

  expect((await reassign('ana', 'dan')).status).toBe(200);
  await expect.poll(async () => (await tasks('dan')).map(({ assignee }) => assignee)).toEqual([{ person: 'dan' }]);
  expect((await ops.as('dan')('POST', `${task}/complete`, { result: 'done' })).status).toBe(200);
  await incident.until(({ runbooks }) => runbooks[0]?.endedAt !== undefined);
  const asked = async (person: string) =>
    JSON.stringify((await ops.as(person)('GET', '/v1/inbox?state=applied&limit=200')).body.items);
  expect(await asked('vic')).not.toContain('Task');
  const { rows } = await sql`select distinct team from inbox where belongs_to = ${incident.reference}`.execute(ops.db);
  expect(rows).toEqual([{ team: `private.incident.${incident.number}` }]);
});

test('what is reported of a private incident is mailed to its people alone', async () => {
  const title = 'Somebody reads our mails';
  const incident = await declare(ops, { title, severity: 'SEV-3', privateTo: ['cid'] }, 'ana');
  await incident.ask('cid', 'acknowledge');
  expect((await incident.ask('cid', 'report-status', { text: 'We look into it' })).status).toBe(200);
  await incident.until(({ updates }) => updates.sent === 1);
  await incident.ask('cid', 'resolve', { solution: 'Passwords were changed', strategy: 'other' });
  expect((await incident.ask('cid', 'close', { reason: 'a known pattern' })).status).toBe(200);
  const reports = async () =>
    (await ops.mails()).filter(({ subject }) => subject.includes(`Incident ${incident.number} closed`));
  await expect.poll(reports).toHaveLength(2);

  const mailed = (await ops.mails()).filter(({ subject }) => subject.includes(String(incident.number)));
  expect([...new Set(mailed.map(({ to }) => to))].toSorted()).toEqual(['ana@example.org', 'cid@example.org']);
});

test('a list has what somebody of another team was given, and what is closed is not open', async () => {
  const incident = await declare(ops, { title: 'Nobody can pay' });
  const listedFor = async (person: string, query = '') =>
    (await ops.as(person)('GET', `/v1/incidents?limit=100${query}`)).body.items.map(({ number }) => number);
  expect(await listedFor('eva')).not.toContain(incident.number);

  await incident.ask('dan', 'assign', { to: 'eva' });
  await incident.until(({ assignee }) => assignee === 'eva');

  await expect.poll(() => listedFor('eva')).toContain(incident.number);
  expect(await listedFor('dan', '&open=true')).toContain(incident.number);
  await incident.ask('dan', 'acknowledge');
  await incident.ask('dan', 'resolve', { solution: 'Restarted', strategy: 'restart' });
  await incident.ask('dan', 'close', { reason: 'a known pattern' });
  await incident.becomes('closed');
  expect(await listedFor('dan', '&open=true')).not.toContain(incident.number);
});
