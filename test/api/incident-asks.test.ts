import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { declare, incidentOf } from '../support/monitoring.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

describe('an incident that is declared', () => {
  const declared = (more: object) =>
    ops.as('dan')('POST', '/v1/incidents', {
      title: 'Nobody can pay',
      service: 'checkout',
      environment: 'production',
      ...more,
    });

  test.each(['0000-01-01T00:00:00Z', '1999-12-31T23:59:59Z', '9999-12-31T23:59:59-12:00', ago(-5)])(
    'is not felt since %s',
    async (impactAt) => {
      const { status, body } = await declared({ impactAt });

      expect([status, body['field']]).toEqual([422, 'impactAt']);
    },
  );

  test('follows none that is open, and none that nobody knows of', async () => {
    const before = await declare(ops);
    const follows = before.number;
    expect((await declared({ follows })).status).toBe(409);
    expect((await declared({ follows: 999_999 })).status).toBe(422);

    await before.ask('dan', 'cancel', { code: 'not-an-incident', reason: 'gone' });
    await before.becomes('cancelled');
    const again = await declare(ops, { follows });
    expect((await again.now())?.follows).toBe(follows);
  });

  test('may be felt since an hour, or since now by a clock that is ahead', async () => {
    for (const impactAt of [ago(60), ago(-0.5)]) {
      const { number } = await declare(ops, { impactAt });
      expect((await ops.as('dan')('GET', `/v1/incidents/${number}`)).status).toBe(200);
    }
  });
});

describe('a machine', () => {
  test.each(['pipeline', 'admin'])('acknowledges nothing and signs nothing: %s', async (holder) => {
    const incident = await declare(ops);

    for (const what of ['acknowledge', 'sign-review']) {
      const { status, body } = await incident.ask(holder, what);
      expect([status, body.detail]).toEqual([403, expect.stringMatching(/^people .*, with a personal token$/)]);
    }
    expect((await incidentOf(ops, incident.number).now())?.assignee).toBeUndefined();
  });
});

test('two that are linked to each other at once are shown as one parent and one child', async () => {
  const [older, newer] = [await declare(ops), await declare(ops)];
  const pairs = [
    [older, newer],
    [newer, older],
  ] as const;
  const asked = pairs.map(([from, to]) => from.ask('dan', 'link', { parent: to.number }));
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  const linked = pairs.filter((_, at) => statuses[at] === 200).map(([from]) => from);
  await Promise.all(linked.map((each) => each.until(({ parent }) => parent !== undefined)));
  const linksOf = async ({ number }: typeof older) =>
    (await ops.as('dan')('GET', `/v1/incidents/${number}`)).body['links'] as {
      parent: { number: number } | null;
      children: { number: number }[];
    };

  const told = async () => {
    const [first, second] = [await linksOf(older), await linksOf(newer)];
    const parents = [first, second].flatMap(({ parent }) => parent?.number ?? []);
    return { parents: parents.length, children: first.children.length + second.children.length };
  };
  expect(await told()).toEqual({ parents: 1, children: 1 });
});
