import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { act } from '../../support/company.ts';
import { type Ops, startOps } from '../../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({
    runbooks: { rotate: [act('rotate', { undo: undefined, body: '{"secret":"{{parameter.secret}}"}' })] },
    templates: {
      rotation: {
        checklists: {},
        approvalPolicy: 'second-person',
        requestableBy: 'operator',
        parameters: {
          secret: { description: 'Which one', choices: ['database', 'mail'] },
          days: { description: 'How long both are good', type: 'number', atLeast: 1, default: 7 },
        },
        activities: [
          { name: 'rotate', runbook: 'rotate' },
          { name: 'keep', when: 'parameter.days > 30', runbook: 'work' },
        ],
      },
    },
  });
});
afterAll(() => ops.stop());

const rotation = { service: 'checkout', environment: 'production', template: 'rotation' };
const request = (person: string, body: object, key: string = crypto.randomUUID()) =>
  ops.as(person)('POST', '/v1/requests', body, { 'idempotency-key': key });

describe('somebody requests a plan by a template', () => {
  test('it is approved by another person, and its steps have the parameters', async () => {
    const { status, body } = await request('cid', { ...rotation, parameters: { secret: 'mail' }, note: 'It leaked' });
    const plan = await ops.opened(body['accepted']);

    expect(status).toBe(202);
    const asked = await plan.becomes('awaiting-approval');
    expect(asked).toMatchObject({
      trigger: { type: 'request', requester: 'cid', note: 'It leaked' },
      parameters: { secret: 'mail', days: 7 },
    });
    expect((await plan.vote('cid')).status).toBe(403);
    await plan.vote('ana');

    expect((await plan.becomes('completed')).activities.map(({ name }) => name)).toEqual(['rotate']);
    expect(ops.target.calls.find(({ route }) => route === 'POST /rotate')?.body).toBe('{"secret":"mail"}');
  });

  test('the same key opens one plan, and another body with it is refused', async () => {
    const key = crypto.randomUUID();
    const first = await request('cid', { ...rotation, parameters: { secret: 'mail' } }, key);
    const again = await request('cid', { ...rotation, parameters: { secret: 'mail' } }, key);
    const other = await request('cid', { ...rotation, parameters: { secret: 'database' } }, key);

    const [one, two] = await Promise.all([first, again].map(({ body }) => ops.opened(body['accepted'])));
    expect(one?.id).toBe(two?.id);
    expect(other.status).toBe(409);
    await one?.ask('cid', 'cancel', { reason: 'the story ends' });
  });

  test('two requests are two plans, and a deployment joins neither', async () => {
    const bodies = [];
    for (const secret of ['mail', 'mail'])
      bodies.push((await request('cid', { ...rotation, parameters: { secret } })).body);
    const [one, two] = await Promise.all(bodies.map((body) => ops.opened(body['accepted'])));

    const deployment = await ops.deploy();

    expect(new Set([one?.id, two?.id, deployment.id]).size).toBe(3);
    for (const plan of [one, two]) await plan?.ask('cid', 'cancel', { reason: 'the story ends' });
  });

  test.each<[string, object, number, string]>([
    ['a value that is no choice', { parameters: { secret: 'root' } }, 422, 'expected one of database, mail'],
    ['a value that is missing', {}, 422, 'parameter secret has to be given'],
    ['a parameter that is none', { parameters: { secret: 'mail', x: 1 } }, 422, 'has no parameter x'],
    ['a number below its limit', { parameters: { secret: 'mail', days: 0 } }, 422, 'expected at least 1'],
    ['a text for a number', { parameters: { secret: 'mail', days: 'soon' } }, 422, 'expected a number'],
    ['a template that is none', { template: 'rotatoin' }, 422, 'no plan template rotatoin'],
    ['a template that nobody may request', { template: 'release' }, 403, 'cannot be requested'],
    ['a service that is none', { service: 'chekout' }, 422, 'no service chekout'],
  ])('%s is refused', async (_, change, status, detail) => {
    const reply = await request('cid', { ...rotation, ...change });

    expect([reply.status, reply.body.detail]).toEqual([status, expect.stringContaining(detail)]);
  });

  test('a role below that of the template is refused, and to another team the service is not there', async () => {
    const body = { ...rotation, parameters: { secret: 'mail' } };

    expect((await request('dan', body)).status).toBe(403);
    expect((await request('eva', body)).status).toBe(404);
  });
});
