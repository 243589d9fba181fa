import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { declare } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { days, minutes } from '../../support/time.ts';

let ops: Ops;

const person = (name: string) => ({ level: { targets: [{ person: name }], timeout: '5m' } });
const nobody = { level: { targets: [{ schedule: 'empty' }], timeout: '5m' } };

const policy = (...steps: object[]) => ({ steps, repeat: 0 }) as never;

beforeAll(async () => {
  ops = await startOps({ escalation: { steps: [person('ana'), person('ben'), person('cid')], repeat: 1 } });
});
afterAll(() => ops.stop());

const pages = async (incident: Awaited<ReturnType<typeof declare>>) =>
  (await incident.told('paged', 'escalation-exhausted')).map(
    ({ action, minute, detail }) => `${minute} ${action === 'paged' ? String(detail['people']) : action}`,
  );

describe('three levels of five minutes, gone through twice', () => {
  test('page at 0, 5, 10, 15, 20 and 25 minutes, and are exhausted at 30', async () => {
    const incident = await declare(ops, { severity: 'SEV-1' });

    await incident.skip(minutes(40));

    expect(await pages(incident)).toEqual([
      '0 ana',
      '5 ben',
      '10 cid',
      '15 ana',
      '20 ben',
      '25 cid',
      '30 escalation-exhausted',
    ]);
    const keys = (await ops.stores.outbox.of(incident.reference)).map(({ key }) => key.replace(/^.*\/page\//, ''));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('page nobody further once somebody acknowledges', async () => {
    const incident = await declare(ops);
    await incident.skip(minutes(7));

    await incident.ask('ben', 'acknowledge');
    await incident.skip(minutes(60));

    expect(await pages(incident)).toEqual(['0 ana', '5 ben']);
    expect(await incident.now()).toMatchObject({ status: 'investigating', assignee: 'ben' });
  });

  describe('when the turn that paged somebody is carried out again after a crash', () => {
    /** The page of the second level, as an earlier try has left it in the outbox. */
    const left = async (incident: Awaited<ReturnType<typeof declare>>, state: string, ago: string) => {
      const { rows } = await sql<{ key: string; kind: string; payload: object }>`
        select key, kind, payload from outbox where belongs_to = ${incident.reference} and key like '%/page/%'`.execute(
        ops.db,
      );
      const { key, kind, payload } = rows[0]!;
      await sql`
        insert into outbox (key, kind, belongs_to, payload, state, created_at, settled_at)
        values (${key.replace(/0\/ana\/(.+)\/0$/, '1/ben/$1/1')}, ${kind}, ${incident.reference}, ${JSON.stringify(payload)}, ${state},
          now() - interval '30 minutes', ${state === 'pending' ? null : sql`now() - ${ago}::interval`})`.execute(
        ops.db,
      );
    };

    test('count from when the page was sent', async () => {
      const incident = await declare(ops);
      await incident.skip(minutes(2));
      await left(incident, 'sent', '2 minutes');

      await incident.skip(minutes(12));

      expect(await pages(incident)).toEqual(['0 ana', '5 ben', '8 cid', '13 ana']);
    });

    test('count from now, where nobody could send it in between', async () => {
      const incident = await declare(ops);
      await incident.skip(minutes(2));
      await left(incident, 'pending', '');

      await incident.skip(minutes(7));

      expect(await pages(incident)).toEqual(['0 ana', '5 ben']);
    });
  });

  test('go on when whoever acknowledged does not move it on', async () => {
    const incident = await declare(ops);
    await incident.ask('ana', 'acknowledge');

    await incident.skip(minutes(4 * 60 + 3));

    expect(await pages(incident)).toEqual(['0 ana', '240 ana']);
    expect((await incident.told('acknowledgement-expired')).length).toBe(1);
  });

  test('wait for a snooze to end', async () => {
    const incident = await declare(ops);
    const until = new Date(Date.now() + minutes(30)).toISOString();

    expect((await incident.ask('ana', 'snooze', { until, reason: 'known' })).status).toBe(200);
    await incident.skip(minutes(29));
    expect(await pages(incident)).toEqual(['0 ana']);
    await incident.skip(minutes(3));

    expect(await pages(incident)).toEqual(['0 ana', '30 ben']);
  });

  test('are gone on with at once when somebody escalates, whoever has it', async () => {
    const incident = await declare(ops);
    await incident.until(({ escalation }) => escalation.paged.length === 1);
    await incident.ask('ana', 'acknowledge');

    await incident.ask('ana', 'escalate', { reason: 'I need ben' });
    await incident.until(({ escalation }) => escalation.paged.length === 2);

    expect(await pages(incident)).toEqual(['0 ana', '0 ben']);
  });

  test('begin again when the severity is raised', async () => {
    const incident = await declare(ops, { severity: 'SEV-3' });
    await incident.ask('ana', 'acknowledge');
    await incident.skip(minutes(10));

    await incident.ask('ana', 'set-severity', { severity: 'SEV-2', reason: 'it is everybody' });

    await expect.poll(() => pages(incident)).toEqual(['0 ana', '10 ana']);
  });
});

describe('a policy', () => {
  test('that nobody has answered pages whom it names for that, and says so', async () => {
    await ops.apply({ escalation: { steps: [person('ana')], exhausted: [{ person: 'dan' }] }, services: {} });
    const incident = await declare(ops);

    await incident.skip(minutes(6));

    expect((await incident.told('escalation-exhausted')).length).toBe(1);
    const { rows } = await sql<{ to: string; text: string }>`
      select payload->>'to' as "to", payload->>'text' as text from outbox
      where belongs_to = ${incident.reference} and payload->>'to' like 'dan%'`.execute(ops.db);
    expect(rows).toEqual([
      { to: 'dan@example.org', text: expect.stringContaining('Nobody who was paged before you has answered') },
    ]);
  });

  test('whose level has nobody on it passes it at once, and says so', async () => {
    await ops.apply({ escalation: policy(nobody, person('ben')), services: {} });
    const incident = await declare(ops);
    await incident.until(({ escalation }) => escalation.paged.length > 0);

    expect(await incident.told('paged')).toEqual([
      { action: 'paged', minute: 0, detail: { level: 1, loop: 0, people: ['ben'], skipped: 1 } },
    ]);
  });

  test('that asks for two goes on until two have acknowledged', async () => {
    const two = { level: { targets: [{ person: 'ana' }, { person: 'ben' }], timeout: '5m', acknowledgements: 2 } };
    await ops.apply({ escalation: policy(two, person('cid')) });
    const incident = await declare(ops);
    await incident.ask('ana', 'acknowledge');
    await incident.skip(minutes(6));
    expect(await pages(incident)).toEqual(['0 ana,ben', '5 cid']);

    await incident.ask('ben', 'acknowledge');
    await incident.skip(minutes(30));

    expect(await pages(incident)).toEqual(['0 ana,ben', '5 cid']);
  });

  test('waits, tells a channel, and asks how bad it is', async () => {
    const wait = { delay: { for: '10m' } };
    const worst = {
      if: { severity: ['SEV-1'] },
      do: [person('ana')],
      else: [wait, { notify: 'shop-mail' }, person('cid')],
    };
    await ops.apply({ escalation: policy(worst) });
    const [bad, small] = [await declare(ops, { severity: 'SEV-1' }), await declare(ops, { severity: 'SEV-3' })];
    await small.skip(minutes(11));
    await bad.until(({ escalation }) => escalation.paged.length > 0);

    expect(await pages(bad)).toEqual(['0 ana']);
    expect(await pages(small)).toEqual(['10 cid']);
    const sent = (await ops.stores.outbox.of(small.reference)).map(({ key }) => key);
    expect(sent).toContainEqual(expect.stringContaining('/notify/0/0.1.1/shop-mail/'));
  });

  test('is that of the beginning, whatever is applied later', async () => {
    await ops.apply({ escalation: policy(person('ana'), person('ben')) });
    const incident = await declare(ops);

    await ops.apply({ escalation: policy(person('cid'), person('cid')) });
    await incident.skip(minutes(6));

    expect(await pages(incident)).toEqual(['0 ana', '5 ben']);
  });
});

test('what is backfilled pages nobody, and neither does what is cosmetic', async () => {
  const [old, small] = [await declare(ops, { kind: 'backfilled' }), await declare(ops, { severity: 'SEV-5' })];
  await old.skip(minutes(60));
  await small.skip(minutes(60));

  expect([await pages(old), await pages(small)]).toEqual([[], []]);
});

test('whoever is paged from another team may acknowledge; a stranger does not see it', async () => {
  const before = await declare(ops);
  expect((await ops.as('eva')('GET', `/v1/incidents/${before.number}`)).status).toBe(404);
  await ops.apply({ escalation: policy(person('eva')) });
  const incident = await declare(ops);
  await incident.until(({ escalation }) => escalation.paged.includes('eva'));

  expect((await incident.ask('eva', 'acknowledge')).status).toBe(200);
});

test('round robin pages the next one each time that the level is reached again', async () => {
  const inTurn = { level: { targets: [{ person: 'ben' }, { person: 'dan' }], mode: 'round-robin', timeout: '5m' } };
  await ops.apply({ escalation: { steps: [inTurn, person('ana')], repeat: 1 } });
  const incident = await declare(ops, { severity: 'SEV-1' });
  await incident.skip(minutes(25));

  const people = (await pages(incident)).slice(0, 4).map((page) => page.split(' ')[1]);
  expect([people[1], people[3]]).toEqual(['ana', 'ana']);
  expect(new Set([people[0], people[2]])).toEqual(new Set(['ben', 'dan']));
});

test('an acknowledgement does not run out on hold, and has its time anew when the hold is over', async () => {
  const incident = await declare(ops);
  await incident.ask('cid', 'acknowledge');
  const until = new Date(Date.now() + days(2)).toISOString();
  await incident.ask('cid', 'hold', { why: 'vendor', until, reason: 'a ticket' });

  await incident.skip(days(2) + minutes(2));

  expect((await incident.told('hold-expired', 'acknowledgement-expired')).map(({ action }) => action)).toEqual([
    'hold-expired',
  ]);
});
