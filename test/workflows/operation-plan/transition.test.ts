import { afterAll, beforeAll, expect, test } from 'vitest';
import { act } from '../../support/company.ts';
import { type Ops, startOps } from '../../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({
    steps: [act('one')],
    plans: { goLive: 'acceptance', handOver: 'acceptance' },
    templates: {
      acceptance: {
        checklists: {},
        activities: [
          { name: 'verify', runbook: 'work' },
          { name: 'explain', when: 'transition.kind == "hand-over" && transition.to == "other"', runbook: 'work' },
        ],
      },
    },
  });
});
afterAll(() => ops.stop());

const place = { service: 'checkout', environment: 'production' };
const report = (person: string, body: object, key: string = crypto.randomUUID()) =>
  ops.as(person)('POST', '/v1/transitions', { ...place, ...body }, { 'idempotency-key': key });

test('a service that goes live opens the plan that it names for that', async () => {
  const { body } = await report('cid', { kind: 'go-live', link: 'https://example.org/minutes' });

  const plan = await (await ops.opened(body['accepted'])).becomes('completed');

  expect(plan.trigger).toMatchObject({ type: 'transition', kind: 'go-live', from: 'shop', to: 'shop' });
  expect(plan.activities.map(({ name }) => name)).toEqual(['verify']);
});

test('a hand-over knows who gives and who receives', async () => {
  const { body } = await report('cid', { kind: 'hand-over', to: 'other' });

  const plan = await (await ops.opened(body['accepted'])).becomes('completed');

  expect(plan.trigger).toMatchObject({ kind: 'hand-over', from: 'shop', to: 'other' });
  expect(plan.activities.map(({ name }) => name)).toEqual(['verify', 'explain']);
});

test.each<[string, object, string]>([
  ['to a team that is none', { kind: 'hand-over', to: 'nobody' }, 'no team nobody'],
  ['to the team that has it', { kind: 'hand-over', to: 'shop' }, 'belongs to team shop already'],
  ['to no team', { kind: 'hand-over' }, 'a hand-over names the team that receives'],
  ['for which the service names no plan', { kind: 'retirement' }, 'plans.retirement'],
  ['of a service that names none at all', { kind: 'go-live', service: 'orphan' }, 'plans.goLive'],
])('a transition %s is refused', async (_, body, detail) => {
  const reply = await report('cid', body);

  expect([reply.status, JSON.stringify(reply.body)]).toEqual([422, expect.stringContaining(detail)]);
});

test('a responder may not report one, and to another team the service is not there', async () => {
  expect((await report('dan', { kind: 'go-live' })).status).toBe(403);
  expect((await report('eva', { kind: 'go-live' })).status).toBe(404);
});
