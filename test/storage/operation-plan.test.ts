import { planReference } from '../../domain/identifiers.ts';
import { commission } from '../support/commission.ts';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHistoryStore } from '../../storage/history.ts';
import type { Opening } from '../../storage/operation-plan.ts';
import { comparableKeyOf } from '../../domain/trigger/commit.ts';
import { createStores, type Stores } from '../../workers/ports.ts';
import { entry, morning, plan, run, step, task, savedBy } from '../support/builders.ts';
import { createDatabase, patiently, type TestDatabase } from '../support/database.ts';
import { planId, runId } from '../support/id.ts';

let database: TestDatabase;
let stores: Stores;
beforeAll(async () => {
  database = await createDatabase();
  stores = createStores(database.db);
});
afterAll(() => database.drop());

const fresh = (): string => crypto.randomUUID();
const opening = (trigger: string, more: Partial<Opening> = {}): Opening => ({
  id: planId(`checkout.production.${trigger}`),
  workflowId: `operation-plan/checkout.production.${trigger}`,
  triggerKey: trigger,
  commission,
  service: 'checkout',
  environment: 'production',
  team: 'shop',
  artifact: fresh(),
  entry: entry(`plan/${trigger}/opened`, { subject: `plan/${trigger}` }),
  ...more,
});

describe('an opening', () => {
  test('of two triggers about one artifact, two hundred times at once, is one plan', async () => {
    const [one, other, artifact] = [fresh(), fresh(), fresh()];
    const opened = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        patiently(() => stores.plans.open(opening(index % 2 === 0 ? one : other, { artifact }))),
      ),
    );

    const { rows } = await sql<{ id: string }>`select id from operation_plan where artifact = ${artifact}`.execute(
      database.db,
    );
    expect(rows).toHaveLength(1);
    expect(new Set(opened.map(({ id }) => id))).toEqual(new Set([rows[0]!.id]));
    expect(opened.filter(({ how }) => how === 'opened')).toHaveLength(1);
    expect(opened.filter(({ how }) => how === 'attached')).toHaveLength(100);
    const noted = await sql`
      select 1 from ledger_entry where key in (${`plan/${one}/opened`}, ${`plan/${other}/opened`})`.execute(
      database.db,
    );
    expect(noted.rows).toHaveLength(1);
  });

  test('of a trigger that is known is the plan of then, also when it is over', async () => {
    const trigger = fresh();
    const first = await stores.plans.open(opening(trigger));
    const { id, workflowId } = first;
    await stores.plans.save(plan({ id, workflowId, status: 'completed' }), [], savedBy());

    expect(await stores.plans.open(opening(trigger))).toEqual({ ...first, how: 'found', isOver: true });
  });

  test('of an artifact whose plan is over is a new plan', async () => {
    const artifact = fresh();
    const first = await stores.plans.open(opening(fresh(), { artifact }));
    await stores.plans.save(plan({ id: first.id, status: 'failed' }), [], savedBy());

    expect(await stores.plans.open(opening(fresh(), { artifact }))).toMatchObject({ how: 'opened' });
  });

  test('of an artifact somewhere else is another plan', async () => {
    const artifact = fresh();
    await stores.plans.open(opening(fresh(), { artifact }));

    expect(await stores.plans.open(opening(fresh(), { artifact, environment: 'staging' }))).toMatchObject({
      how: 'opened',
    });
  });
});

describe('a commit that is told whole and abbreviated', () => {
  const about = (artifact: string, environment: string) => {
    const trigger = { ...commission.trigger, artifact };
    return stores.plans.open(
      opening(fresh(), { artifact: comparableKeyOf(artifact), environment, commission: { ...commission, trigger } }),
    );
  };
  const [whole, other] = ['4f1c2aa0'.repeat(5), `4f1c2aa0${'b'.repeat(32)}`];

  test('is one plan, in whichever order', async () => {
    for (const artifacts of [
      [`pkg:github/acme/shop@${whole}`, '4f1c2aa', '4F1C2AA04F1C', whole],
      ['4f1c2aa', '4F1C2AA04F1C', `pkg:github/acme/shop@${whole}`],
    ]) {
      const environment = fresh();
      const opened: string[] = [];
      for (const artifact of artifacts) opened.push((await about(artifact, environment)).how);
      expect(opened).toEqual(['opened', ...artifacts.slice(1).map(() => 'attached')]);
    }
  });

  test('is no other commit, though the abbreviation fits both', async () => {
    const environment = fresh();
    await about('4f1c2aa', environment);

    expect(await about(whole, environment)).toMatchObject({ how: 'attached' });
    expect(await about(other, environment)).toMatchObject({ how: 'opened' });
    // It fits two: nobody knows which is meant.
    expect(await about('4f1c2aa0', environment)).toMatchObject({ how: 'opened' });
  });

  test('is another plan in another place', async () => {
    await about(whole, fresh());

    expect(await about('4f1c2aa', fresh())).toMatchObject({ how: 'opened' });
  });
});

test('the plan that is open for a place is the latest, until it is over', async () => {
  const environment = fresh();
  const { id } = await stores.plans.open(opening(fresh(), { environment }));

  expect(await stores.plans.openFor('checkout', environment)).toMatchObject([{ id }]);
  await stores.plans.save(plan({ id, status: 'cancelled' }), [], savedBy());
  expect(await stores.plans.openFor('checkout', environment)).toEqual([]);
});

test('tasks of a plan are found by themselves, and a late record does not open them again', async () => {
  const { id } = await stores.plans.open(opening(fresh()));
  const open = task(fresh(), { belongsTo: planReference(id) });
  await stores.plans.save(plan({ id, rev: 1, tasks: [open] }), [], savedBy());
  await stores.plans.save(plan({ id, rev: 2, tasks: [{ ...open, status: 'done' }] }), [], savedBy());
  await stores.plans.save(plan({ id, rev: 1, tasks: [open] }), [], savedBy());

  expect(await stores.tasks.find(open.id)).toMatchObject({ team: 'shop', task: { status: 'done' } });
});

test('the list turns pages, and shows a team only what is its own', async () => {
  const team = fresh();
  const ids: string[] = [];
  for (let index = 0; index < 3; index += 1) ids.push((await stores.plans.open(opening(fresh(), { team }))).id);
  const page = await stores.plans.list({ teams: [team], limit: 2 });
  const rest = await stores.plans.list({ teams: [team], limit: 2, after: page.next });

  expect([...page.items, ...rest.items].map(({ id }) => id)).toEqual(ids.toReversed());
  expect(rest.next).toBeUndefined();
  expect(await stores.plans.list({ teams: ['nobody'], limit: 2 })).toEqual({ items: [], unreadable: 0 });
});

test('a run of a runbook is kept in its newest revision', async () => {
  const { id } = await stores.plans.open(opening(fresh()));
  const announced = {
    id: runId(`${id}.run.work.1`),
    belongsTo: planReference(id),
    workflowId: `${id}/run-1`,
    activity: 'work',
  };
  await stores.runs.announce({ ...announced, kind: 'run', number: 1 });
  const of = (rev: number, status: 'planned' | 'done') => run([step('go', { status })], { ...announced, rev });
  await stores.runs.save(of(2, 'done'), 'shop', [], savedBy());
  await stores.runs.save(of(1, 'planned'), 'shop', [], savedBy());

  expect(await stores.runs.of(planReference(id))).toEqual([of(2, 'done')]);
});

test('each run that saved something is archived once, and is missed while it is not', async () => {
  const histories = createHistoryStore(database.db);
  const { id, workflowId } = await stores.plans.open(opening(fresh()));
  await stores.plans.save(plan({ id, workflowId, status: 'completed' }), [], savedBy('r1'));
  const missing = async () => (await histories.gaps(0)).filter((gap) => gap.belongsTo === planReference(id));

  expect(await missing()).toEqual([{ workflowId, runId: 'r1', belongsTo: planReference(id) }]);
  const history = {
    workflowId,
    runId: 'r1',
    belongsTo: planReference(id),
    events: 3,
    sha256: 'a',
    gzip: Buffer.from('one'),
  };
  await histories.keep(history);
  await histories.keep({ ...history, gzip: Buffer.from('other') });
  expect(await missing()).toEqual([]);
  expect(await histories.of(planReference(id))).toMatchObject([{ events: 3, gzip: Buffer.from('one') }]);
});

test('a path that a lost worker saved is told, not written over, and gives way to the one that is numbered behind it', async () => {
  const { id, workflowId } = await stores.plans.open(opening(fresh()));
  const noted = (rev: number) => ({
    key: `${workflowId}/${rev}`,
    at: morning,
    actor: { type: 'system' as const, name: 'evenkeel' },
    action: 'plan.fact-heard' as const,
    subject: `plan/${id}`,
    belongsTo: planReference(id),
  });
  const [early, late] = [Date.parse(morning), Date.parse(morning) + 10_000];
  await stores.plans.save(plan({ id, workflowId, rev: 2, status: 'completed' }), [noted(1), noted(2)], {
    runId: 'r',
    at: early,
  });
  // The same again is no other path, and neither is what comes in late.
  expect(
    await stores.plans.save(plan({ id, workflowId, rev: 2, status: 'completed' }), [noted(1), noted(2)], {
      runId: 'r',
      at: early,
    }),
  ).toBe(undefined);

  expect(await stores.plans.save(plan({ id, workflowId, rev: 2 }), [noted(2)], { runId: 'r', at: late })).toBe(2);
  expect((await stores.plans.find(id))?.status).toBe('completed');

  expect(
    await stores.plans.save(plan({ id, workflowId, rev: 4 }), [noted(3), noted(4)], { runId: 'r', at: late }),
  ).toBe(undefined);
  expect(await stores.plans.find(id)).toMatchObject({ rev: 4, status: 'draft' });
  expect((await stores.plans.openFor('checkout', 'production')).map((open) => open.id)).toContain(id);
});

test('a start whose answer was lost gives way to a later revision, until a run is announced', async () => {
  const { id } = await stores.plans.open(opening(fresh(), { environment: fresh() }));
  const review = `review-${id}`;
  await sql`insert into readiness_review (id, plan, record) values (${review}, ${id}, '{}')`.execute(database.db);
  const start = (revision: number) =>
    stores.plans.start({ plan: id, revision, digest: `digest of ${revision}`, review });

  expect(await start(1)).toBe(true);
  expect(await start(2)).toBe(true);
  const place = { belongsTo: planReference(id), activity: 'work', kind: 'run', number: 1 } as const;
  await stores.runs.announce({ ...place, id: runId(`plan.${id}.run.work.1`), workflowId: `${id}/run-1` });
  expect(await start(3)).toBe(false);
  expect(await stores.plans.startOf(id)).toMatchObject({ revision: 2 });
});
