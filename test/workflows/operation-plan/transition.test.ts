import { afterAll, beforeAll, expect, test } from 'vitest';
import { act } from '../../support/company.ts';
import { type Ops, startOps } from '../../support/ops.ts';

const place = { service: 'checkout', environment: 'production' };

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({
    steps: [act('one')],
    plans: { goLive: 'acceptance', handOver: 'acceptance' },
    sources: {
      platform: {
        format: 'cloudevents',
        team: 'shop',
        secrets: ['events'],
        transitions: [{ on: 'service.published', kind: 'go-live', to: place }],
      },
    },
    templates: {
      acceptance: {
        checklists: {},
        activities: [
          { name: 'verify', runbook: 'work' },
          {
            name: 'explain',
            when: 'transition.kind == "hand-over" && transition.to == "other"',
            task: { title: 'Explain it to them', assignee: { team: '{{receiver}}' } },
          },
        ],
      },
    },
  });
});
afterAll(() => ops.stop());
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

  const opened = await ops.opened(body['accepted']);
  const plan = await opened.until(({ tasks }) => tasks.length > 0);

  expect(plan.trigger).toMatchObject({ kind: 'hand-over', from: 'shop', to: 'other' });
  // The team that receives it has to say that it was told.
  expect(plan.tasks[0]?.assignee).toMatchObject({ team: 'other' });
  const task = plan.tasks[0]!.id;
  expect((await ops.as('eva')('POST', `/v1/tasks/${task}/complete`, { result: 'done' })).status).toBe(200);
  await opened.becomes('completed');
});

test('a CDEvent that the source maps is a go-live, once', async () => {
  const data = {
    context: {
      version: '0.4.1',
      id: 'published-1',
      source: '/platform',
      type: 'dev.cdevents.service.published.0.2.0',
      timestamp: '2026-03-20T14:27:05Z',
    },
    subject: { id: 'checkout', type: 'service', content: { environment: { id: 'eu' } } },
    customData: { triggeredBy: { github: 'ana-k' } },
  };
  const { id, source, type } = data.context;
  const send = async () => {
    const reply = await fetch(`${ops.url}/v1/hooks/cloudevents/platform`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json', authorization: 'Bearer events-secret' },
      body: JSON.stringify({ specversion: '1.0', id, source, type, subject: 'checkout', data }),
    });
    return (await reply.json()) as { accepted: string[]; note?: string };
  };
  const [first, again] = [await send(), await send()];

  expect(again).toEqual(first);
  expect(first.note).toBeUndefined();
  const plan = await (await ops.opened(first.accepted[0])).becomes('completed');
  expect(plan.trigger).toMatchObject({
    type: 'transition',
    kind: 'go-live',
    source: 'platform',
    triggeredBy: [{ system: 'github', login: 'ana-k', people: ['ana'] }],
  });
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
