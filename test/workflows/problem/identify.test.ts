import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asFiles, document } from '../../support/company.ts';
import { declare } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { openProblem, problemOf, problemsWith } from '../../support/problem.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({ services: { web: [], cart: [] } });
});
afterAll(() => ops.stop());

/** Everything that was saved has been looked at, and what was found is delivered. */
const settled = () =>
  expect
    .poll(
      async () => {
        const { rows } = await sql`
          select from incident where profiled < changes union all select from inbox where state = 'accepted' limit 1`.execute(
          ops.db,
        );
        return rows.length;
      },
      { timeout: 15_000 },
    )
    .toBe(0);

const resolve = async (incident: Awaited<ReturnType<typeof declare>>, code = 'fixed', solution = 'Mended it') => {
  await incident.ask('dan', 'acknowledge');
  expect((await incident.ask('dan', 'resolve', { solution, code, strategy: 'restart' })).status).toBe(200);
  await incident.becomes('resolved');
};
const happened = async (title: string, body: object = {}, solution?: string) => {
  const incident = await declare(ops, { title, service: 'web', ...body });
  if (solution !== undefined) await resolve(incident, 'fixed', solution);
  return incident;
};
const problemsOf = async (...incidents: { number: number }[]) => {
  await settled();
  return problemsWith(
    ops,
    incidents.map(({ number }) => number),
    0,
  );
};

describe('a problem opens by itself', () => {
  test('of an incident that was bad, once service is back and not before', async () => {
    const bad = await happened('The shop is down', { severity: 'SEV-1' });
    expect(await problemsOf(bad)).toEqual([]);
    await resolve(bad);
    const [problem] = await problemsWith(ops, [bad.number]);
    expect(problem).toMatchObject({
      title: 'The shop is down',
      identification: 'reactive',
      because: `incident ${bad.number} was SEV-1`,
      service: 'web',
      status: 'new',
    });
    // However often it is saved, there is one.
    await bad.ask('dan', 'note', { text: 'It was the plug' });
    await settled();
    await problemsWith(ops, [bad.number]);

    const mild = await happened('A picture is missing', { severity: 'SEV-3' }, 'Found it');
    expect(await problemsOf(mild)).toEqual([]);
  });

  test('of what was resolved by a workaround alone', async () => {
    const patched = await happened('Mails wait in the outbox');
    await resolve(patched, 'workaround', 'Sent them by hand');
    const [problem] = await problemsWith(ops, [patched.number]);
    expect(problem?.because).toBe(`incident ${patched.number} was resolved by a workaround alone`);
  });

  test('of three that are similar, not of two; the fourth feeds it', async () => {
    const [one, two] = [await happened('Pool eu-1 is empty'), await happened('Pool eu-2 is empty')];
    expect(await problemsOf(one, two)).toEqual([]);
    const three = await happened('Pool ap-1 is empty');
    const [problem] = await problemsWith(ops, [three.number]);
    expect(problem).toMatchObject({
      title: 'Pool <*> is empty',
      identification: 'recurrence',
      because: '3 similar incidents within 30d',
    });
    expect(problem!.incidents.map(({ number }) => number)).toEqual([one.number, two.number, three.number]);

    const four = await happened('Pool us-9 is empty');
    const fed = await problemOf(ops, problem!.number).until(({ incidents }) => incidents.length === 4);
    expect(fed.incidents.at(-1)).toMatchObject({ number: four.number, by: 'evenkeel' });
    await settled();
    await problemsWith(ops, [one.number, four.number]);
  });

  test('of two that seem to come from the same, not of two that do not', async () => {
    const other = [
      await happened('Cart shows nothing', { service: 'cart' }, 'Cleared the cache of sessions'),
      await happened('Prices differ by country', { service: 'cart' }, 'Loaded the rates again'),
    ];
    expect(await problemsOf(...other)).toEqual([]);
    const again = await happened('Some orders are lost', { service: 'cart' }, 'Cleared the cache of sessions');
    const [problem] = await problemsWith(ops, [again.number]);
    expect(problem?.incidents.map(({ number }) => number)).toEqual([other[0]!.number, again.number]);
    expect(problem?.because).toContain('seem to come from the same (solution: cleared the cache of sessions)');
  });

  test('of its people alone where the incident is private', async () => {
    const { body } = await ops.as('ana')('POST', '/v1/incidents', {
      title: 'Keys were stolen',
      service: 'web',
      severity: 'SEV-1',
      privateTo: ['cid'],
    });
    const number = Number(body['incident']);
    const ask = (what: string, more: object = {}) => ops.as('cid')('POST', `/v1/incidents/${number}/${what}`, more);
    await expect.poll(async () => (await ask('acknowledge')).status).toBe(200);
    await ask('resolve', { solution: 'Changed the locks', strategy: 'other' });
    const [problem] = await problemsWith(ops, [number]);
    expect(problem?.privateTo).toEqual(expect.arrayContaining(['ana', 'cid']));
    const seen = await ops.as('vic')('GET', '/v1/problems?limit=200');
    expect(JSON.stringify(seen.body)).not.toContain('Keys were stolen');
    expect((await ops.as('vic')('GET', `/v1/problems/${problem!.number}`)).status).toBe(404);
  });
});

describe('no problem opens', () => {
  test('of what people have said is not the same', async () => {
    const [one, two] = [await happened('Disk of log 1 is full'), await happened('Disk of log 2 is full')];
    await settled();
    await ops.as('dan')('POST', `/v1/incidents/${two.number}/not-similar`, {
      other: one.number,
      reason: 'another disk',
    });
    const three = await happened('Disk of log 3 is full');
    expect(await problemsOf(one, two, three)).toEqual([]);
  });

  test('of drills, of what was cancelled, nor of what came too long ago', async () => {
    const drills = [];
    for (const at of [1, 2, 3]) drills.push(await happened(`Rehearsal of outage ${at}`, { kind: 'drill' }));
    expect(await problemsOf(...drills)).toEqual([]);

    const old = [await happened('Search node 1 hangs'), await happened('Search node 2 hangs')];
    await settled();
    await sql`
      update record set state = jsonb_set(state, '{detectedAt}', to_jsonb(to_char(now() - interval '40 days', 'YYYY-MM-DD"T"HH24:MI:SS.000"Z"')))
      where reference = any(${old.map(({ reference }) => reference)})`.execute(ops.db);
    await sql`update incident set changes = changes + 1 where number = any(${old.map(({ number }) => number)}::bigint[])`.execute(
      ops.db,
    );
    await settled();
    expect(await problemsOf(await happened('Search node 3 hangs'), ...old)).toEqual([]);
  });

  test('where a person has opened one: it is fed', async () => {
    const first = await happened('Login of team 1 fails');
    const mine = await openProblem(ops, { title: 'Logins fail', service: 'web', incidents: [first.number] });
    const [second, third] = [await happened('Login of team 2 fails'), await happened('Login of team 3 fails')];
    await mine.until(({ incidents }) => incidents.length === 3);
    await settled();
    await problemsWith(ops, [first.number, second.number, third.number]);

    // Whoever unlinks an incident has the last word.
    await mine.ask('dan', 'unlink', { incident: third.number, reason: 'a typo' });
    await third.ask('dan', 'acknowledge');
    await settled();
    expect((await mine.now())?.incidents.map(({ number }) => number)).toEqual([first.number, second.number]);
  });

  test('where its team does not want any', async () => {
    const quiet = document('ProblemPolicy', 'quiet', { rules: [] });
    const team = (await ops.stores.catalogue.find('Team', 'shop'))!;
    const shop = document('Team', 'shop', { ...team, problemPolicy: 'quiet' });
    const applied = await ops.as('admin')('POST', '/v1/catalogue', { files: asFiles([quiet, shop]) });
    expect(applied.status).toBe(200);
    const bad = await happened('The shop is down once more', { severity: 'SEV-1' }, 'Plugged it in');
    expect(await problemsOf(bad)).toEqual([]);
  });
});
