import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ops, startOps } from '../support/ops.ts';

/** Documents come, change and go; what has begun keeps the revision that it began with. */
let ops: Ops;
beforeAll(async () => {
  ops = await startOps({ steps: [{ name: 'look', kind: 'wait', for: '1s' }] });
});
afterAll(() => ops.stop());

const document = (kind: string, name: string, spec: object, labels: Record<string, string> = {}) => ({
  apiVersion: 'evenkeel/v1',
  kind,
  metadata: { name, labels },
  spec,
});
const apply = (documents: object[], more: object = {}, who = 'admin') =>
  ops.as(who)('POST', '/v1/catalogue', {
    files: documents.map((text, at) => ({ path: `${at}.json`, text: JSON.stringify(text) })),
    ...more,
  });
const remove = (kind: string, name: string, who = 'admin') => ops.as(who)('DELETE', `/v1/catalogue/${kind}/${name}`);
const namesOf = async (kind: string): Promise<string[]> =>
  ((await ops.as('admin')('GET', `/v1/catalogue/${kind}`)).body.items as unknown as { name: string }[]).map(
    ({ name }) => name,
  );
const wait = { steps: [{ name: 'w', kind: 'wait', for: '1s' }] };

describe('a document', () => {
  test('that nothing names is deleted, and may come again', async () => {
    await apply([document('Runbook', 'old', wait)]);

    expect((await remove('Runbook', 'old')).status).toBe(204);

    expect(await namesOf('Runbook')).not.toContain('old');
    expect((await ops.as('admin')('GET', '/v1/catalogue/Runbook/old')).status).toBe(404);
    expect((await remove('Runbook', 'old')).status).toBe(404);
    expect((await apply([document('Runbook', 'old', wait)])).body['changes']).toMatchObject([{ change: 'added' }]);
  });

  test('that others name stays, and the answer says who', async () => {
    const reply = await remove('Team', 'shop');

    expect(reply.status).toBe(409);
    expect(reply.body.detail).toContain('Team shop is still used by Service checkout (spec.owner)');
    expect(reply.body.detail).toContain('change that first');
    expect(await namesOf('Team')).toContain('shop');
  });

  test('that is a team stays while the team answers for something that is not over', async () => {
    const plans = { deployment: 'release' };
    const brief = (owner: string) => document('Service', 'brief', { description: 'b', owner, plans });
    await ops.apply({ steps: [{ name: 'look', kind: 'wait', for: '5s' }] });
    await apply([document('Team', 'shop-to-go', { members: [{ person: 'ana', role: 'admin' }] }), brief('shop-to-go')]);
    const deployed = { service: 'brief', environment: 'production', artifact: 'v-1' };
    const { body } = await ops.as('admin')('POST', '/v1/deployments', deployed, { 'idempotency-key': 'brief-1' });
    await apply([brief('shop')]);

    const reply = await remove('Team', 'shop-to-go');

    expect([reply.status, reply.body.detail]).toEqual([
      409,
      `team shop-to-go answers for plan/${body.plans[0]}, which is not over`,
    ]);
    expect((await remove('Service', 'brief')).status).toBe(204);
  });

  test('is deleted by whoever may change it', async () => {
    await apply([document('Runbook', 'shared', wait)]);

    expect((await remove('Runbook', 'shared', 'eva')).status).toBe(403);
    expect((await remove('Service', 'checkout', 'eva')).status).toBe(404);
    expect((await remove('Runbook', 'shared', 'dan')).status).toBe(403);
    expect(await namesOf('Runbook')).toContain('shared');
  });

  test('that a running plan needs is there for that plan', async () => {
    await ops.apply({ steps: [{ name: 'look', kind: 'wait', for: '2s' }] });
    const plan = await ops.deploy();
    await plan.becomes('running');
    const { catalogueRevision } = (await ops.stores.plans.find(plan.id))!.commission;
    const release = await ops.as('admin')('GET', '/v1/catalogue/PlanTemplate/release');
    const plans = { deployment: undefined };
    await apply([document('Service', 'checkout', { description: 'c', owner: 'shop', plans })]);

    expect((await remove('PlanTemplate', 'release')).status).toBe(204);

    await plan.becomes('completed');
    expect(await ops.stores.catalogue.find('PlanTemplate', 'release', catalogueRevision)).toEqual(release.body['spec']);
    expect(await ops.stores.catalogue.find('PlanTemplate', 'release')).toBeUndefined();
    await ops.apply();
  });
});

describe('documents that carry a label', () => {
  const labels = { from: 'shop-repository' };
  const [one, two] = ['one', 'two'].map((name) => document('Runbook', name, wait, labels));
  const other = document('Runbook', 'other', wait, { from: 'elsewhere' });
  const user = (runbook: string, more = {}) =>
    document('PlanTemplate', 'user', { checklists: {}, activities: [{ name: 'a', runbook }] }, more);

  test('are deleted when they are not in the files any more, in the same revision', async () => {
    const { body: before } = await apply([one!, two!, other]);
    const dry = await apply([one!], { prune: labels, dryRun: true });
    const { body } = await apply([one!], { prune: labels });

    expect(dry.body['changes']).toEqual(body['changes']);
    expect(body).toMatchObject({
      revision: Number(before['revision']) + 1,
      changes: [
        { name: 'one', change: 'unchanged' },
        { kind: 'Runbook', name: 'two', change: 'deleted' },
      ],
    });
    expect(await namesOf('Runbook')).toEqual(expect.arrayContaining(['one', 'other']));
    expect(await namesOf('Runbook')).not.toContain('two');
  });

  test('stay together when one of them is named by what stays', async () => {
    await apply([one!, two!, user('two')]);

    const reply = await apply([one!], { prune: labels });

    expect(reply).toMatchObject({
      status: 422,
      body: { errors: ['Runbook two is still used by PlanTemplate user (spec.activities.0.runbook)'] },
    });
    expect(await namesOf('Runbook')).toContain('two');
    expect((await apply([one!, user('one')], { prune: labels })).status).toBe(200);
    expect(await namesOf('Runbook')).not.toContain('two');
  });

  test('are not meant by no label at all, and belong to whoever may change them', async () => {
    expect((await apply([one!], { prune: {} })).status).toBe(422);
    await apply([two!]);
    expect((await apply([document('Runbook', 'evas', wait)], { prune: labels }, 'eva')).status).toBe(403);
    expect(await namesOf('Runbook')).toContain('two');
  });
});

describe('a window that has opened for the last time', () => {
  const once = (opens: string) => document('MaintenanceWindow', 'move', { zone: 'UTC', opens, lasts: '2h' });

  test.each(['0 5 10 28 11 * 2020', '2020-11-28T10:05'])('(%s) is a warning, and holds up nothing', async (opens) => {
    const applied = await apply([once(opens)]);

    expect(applied).toMatchObject({
      status: 200,
      body: { warnings: [expect.stringContaining('has no opening in the next 90 days or later')] },
    });
    expect(await namesOf('MaintenanceWindow')).toContain('move');
    expect((await apply([document('Environment', 'elsewhere', {})])).status).toBe(200);
    expect((await apply([once('0 22 * * 6')])).body).toMatchObject({
      warnings: [],
      changes: [{ name: 'move', change: 'changed' }],
    });
  });
});
