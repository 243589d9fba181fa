import { setTimeout as sleep } from 'node:timers/promises';
import type { ApprovalId, PlanId } from '../../domain/id.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { castVote } from '../../domain/approval/vote.rules.ts';
import { type Document, type Kind, specs } from '../../domain/document.ts';
import {
  activity,
  approval,
  ballot,
  content,
  digest,
  entry,
  morning,
  plan,
  review,
  savedBy,
} from '../support/builders.ts';
import { storesInMemory, storesInPostgres, type StoresUnderTest } from './stores.ts';
import { approvalId, planId, planReference } from '../support/id.ts';

let count = 0;
/** An id that no other test has. */
const fresh = (): PlanId => planId(`checkout.production.${(count += 1)}`);

describe.each([
  ['in memory', storesInMemory],
  ['in PostgreSQL', storesInPostgres],
])('a store %s', (_, create) => {
  let stores: StoresUnderTest;
  beforeAll(async () => {
    stores = await create();
  });
  afterAll(() => stores.close());

  const planned = async (): Promise<PlanId> => {
    const id = fresh();
    await stores.openPlan(id);
    return id;
  };

  describe('of plans', () => {
    test('knows a plan before its workflow has said anything', async () => {
      const id = await planned();

      expect(await stores.plans.find(id)).toMatchObject({
        record: null,
        workflowId: `operation-plan/${id}`,
        team: 'shop',
      });
      expect(await stores.plans.find(planId('ghost'))).toBeUndefined();
    });

    test('keeps the newer of two records, in whatever order they come', async () => {
      const id = await planned();
      await stores.plans.save(plan({ id, rev: 3, status: 'staffing' }), [], savedBy());
      await stores.plans.save(plan({ id, rev: 2, status: 'assessed' }), [], savedBy());

      expect((await stores.plans.find(id))?.record).toMatchObject({ rev: 3, status: 'staffing' });
    });

    test('gives a record back as it was saved', async () => {
      const id = await planned();
      const saved = plan({ id, rev: 1, activities: [activity('work', { doneSteps: [{ name: 'one', round: 2 }] })] });
      await stores.plans.save(saved, [], savedBy());

      expect((await stores.plans.find(id))?.record).toEqual(saved);
    });

    test('writes each entry once, also when the record was saved before', async () => {
      const id = await planned();
      const entries = [entry(`${id}/a`), entry(`${id}/b`)];
      await stores.plans.save(plan({ id, rev: 2 }), entries, savedBy());
      await stores.plans.save(plan({ id, rev: 2 }), entries, savedBy());
      await stores.plans.save(plan({ id, rev: 1 }), [entry(`${id}/c`)], savedBy());

      const keys = (await stores.ledgerKeys()).filter((key) => key.startsWith(`${id}/`));
      expect(keys).toEqual([`${id}/a`, `${id}/b`, `${id}/c`]);
    });

    test('keeps the first content of a revision', async () => {
      const id = await planned();
      await stores.plans.saveContent(id, 1, digest, content(id, { needMs: 1 }));
      await stores.plans.saveContent(id, 1, 'e'.repeat(64), content(id, { needMs: 2 }));
      await stores.plans.saveContent(id, 2, 'f'.repeat(64), content(id, { revision: 2 }));

      expect(await stores.plans.content(id, 1)).toEqual({ digest, content: content(id, { needMs: 1 }) });
      expect(await stores.plans.content(id, 2)).toMatchObject({ digest: 'f'.repeat(64) });
      expect(await stores.plans.content(id, 3)).toBeUndefined();
    });
  });

  describe('of approvals', () => {
    const ask = async (more: Parameters<typeof approval>[0] = {}) => {
      const of = await planned();
      return stores.approvals.open(
        approval({ id: approvalId(`${of}.approval.1`), belongsTo: planReference(of), ...more }),
        `operation-plan/${of}`,
      );
    };
    const vote = (id: ApprovalId, voter: string) => {
      const { key: _key, ...noted } = entry('', { action: 'approval.vote-approve' });
      return stores.approvals.change(id, noted, (now) => castVote(now, ballot(voter)));
    };
    const everybody = {
      stages: [['ana', 'ben', 'cid']],
      escalated: [],
      joined: { triggeredBy: [], people: [], executors: [] },
    };
    const two = { stages: [{ quorum: { count: 2 } }] };

    test('keeps the first request of an id', async () => {
      const first = await ask({ question: 'First?' });
      const again = await stores.approvals.open({ ...first, question: 'Second?' }, 'w');

      expect(again).toEqual(first);
      expect(await stores.approvals.of(first.belongsTo)).toEqual([first]);
      expect(await stores.approvals.find(approvalId('ghost'))).toBeUndefined();
    });

    test('changes it and gives it back as it was changed', async () => {
      const { id } = await ask(two);
      await vote(id, 'ana');
      const decided = await vote(id, 'ben');

      expect(decided).toMatchObject({ status: 'approved', votes: [{ seat: 'ana' }, { seat: 'ben' }] });
      expect(await stores.approvals.find(id)).toEqual(decided);
    });

    test('counts votes that come at once one after the other', async () => {
      const { id } = await ask({ stages: [{ quorum: 'all' }] });
      await Promise.all(['ana', 'ben', 'cid', 'ana', 'ben'].map((voter) => vote(id, voter)));

      const decided = await stores.approvals.find(id);
      expect(decided).toMatchObject({ status: 'approved' });
      expect(decided?.votes.map(({ seat }) => seat).toSorted()).toEqual(['ana', 'ben', 'cid']);
    });

    test('writes nothing when the change is refused, and nothing when nothing changed', async () => {
      const opened = await ask(two);
      await expect(vote(opened.id, 'zoe')).rejects.toMatchObject({ code: 'not-allowed' });
      expect(await stores.approvals.find(opened.id)).toEqual(opened);

      await vote(opened.id, 'ana');
      const before = await stores.ledgerKeys();
      await vote(opened.id, 'ana');
      expect(await stores.ledgerKeys()).toEqual(before);
    });

    test('notes each change in the ledger', async () => {
      const { id } = await ask(two);
      await vote(id, 'ana');
      await vote(id, 'ben');
      await stores.approvals.consume(id, { digest, by: 'start', at: morning }, everybody);

      const keys = (await stores.ledgerKeys()).filter((key) => key.startsWith(`approval/${id}/`));
      expect(keys.map((key) => key.slice(`approval/${id}/`.length).replace(/\/.*/, ''))).toEqual([
        'opened',
        'approval.vote-approve',
        'approval.vote-approve',
        'consumed',
      ]);
    });

    test('lets one key use an approval up, as often as it asks', async () => {
      const { id } = await ask();
      const use = (by: string) => stores.approvals.consume(id, { digest, by, at: morning }, everybody);

      expect(await use('start/1')).toBe(false);
      await vote(id, 'ana');
      expect(await use('start/1')).toBe(true);
      expect(await use('start/1')).toBe(true);
      expect(await use('start/2')).toBe(false);
      expect(await stores.approvals.find(id)).toMatchObject({ status: 'consumed', consumedBy: 'start/1' });
    });

    test('lets one of many use it up', async () => {
      const { id } = await ask();
      await vote(id, 'ana');
      const used = await Promise.all(
        Array.from({ length: 20 }, (__, by) =>
          stores.approvals.consume(id, { digest, by: `${by}`, at: morning }, everybody),
        ),
      );

      expect(used.filter(Boolean)).toHaveLength(1);
    });

    test('does not give it for another digest', async () => {
      const { id } = await ask();
      await vote(id, 'ana');

      expect(await stores.approvals.consume(id, { digest: 'e'.repeat(64), by: 'start', at: morning }, everybody)).toBe(
        false,
      );
      expect((await stores.approvals.find(id))?.status).toBe('approved');
    });

    test('does not give it once those who approved have lost their role', async () => {
      const { id } = await ask(two);
      await vote(id, 'ana');
      await vote(id, 'ben');
      const without = {
        stages: [['ana', 'cid']],
        escalated: [],
        joined: { triggeredBy: [], people: [], executors: [] },
      };

      expect(await stores.approvals.consume(id, { digest, by: 'start', at: morning }, without)).toBe(false);
      expect(await stores.approvals.consume(id, { digest, by: 'start', at: morning }, everybody)).toBe(true);
    });
  });

  describe('of effects', () => {
    const sent = { ok: true, detail: 'status 200', output: 'done' };
    const record = planReference('p');

    test('lets the first begin and says that it is in doubt to those who come after', async () => {
      const key = fresh();

      expect(await stores.outbox.begin(key, record, 'http', {})).toEqual({ state: 'new', fence: 1 });
      expect(await stores.outbox.begin(key, record, 'http', {})).toEqual({ state: 'in-doubt', fence: 2 });
    });

    test('believes only the last who began', async () => {
      const key = fresh();
      await stores.outbox.begin(key, record, 'http', {});
      await stores.outbox.begin(key, record, 'http', {});

      expect(await stores.outbox.finish(key, 1, { ok: false, detail: 'stale' })).toBe(false);
      expect(await stores.outbox.finish(key, 2, sent)).toBe(true);
      expect(await stores.outbox.begin(key, record, 'http', {})).toEqual({ state: 'ended', result: sent });
    });

    test('ends an effect once', async () => {
      const key = fresh();
      await stores.outbox.begin(key, record, 'command', {});

      expect(await stores.outbox.finish(key, 1, { ok: false, detail: 'exit code 1' })).toBe(true);
      expect(await stores.outbox.finish(key, 1, sent)).toBe(false);
      expect(await stores.outbox.finish('ghost', 1, sent)).toBe(false);
    });

    test('lets one of many begin', async () => {
      const key = fresh();
      const begun = await Promise.all(Array.from({ length: 20 }, () => stores.outbox.begin(key, record, 'http', {})));

      expect(begun.filter(({ state }) => state === 'new')).toHaveLength(1);
      expect(new Set(begun.map((claim) => ('fence' in claim ? claim.fence : 0))).size).toBe(20);
    });

    test('says how long ago a message was written that is not due yet, and nothing of one that waits to be sent', async () => {
      const of = planReference(fresh());
      const put = (key: string, delayMs: number) =>
        stores.outbox.put(`${of}/${key}`, of, { kind: 'email', to: 'a@example.org', subject: 'A', text: '' }, delayMs);
      expect([await put('later', 60_000), await put('now', 0)]).toEqual([0, 0]);
      await sleep(30);

      expect(await put('later', 60_000)).toBeGreaterThanOrEqual(29);
      expect(await put('now', 0)).toBe(0);
    });

    test('shows what became of the effects of a record', async () => {
      const of = planReference(fresh());
      await stores.outbox.begin(`${of}/a`, of, 'http', {});
      await stores.outbox.finish(`${of}/a`, 1, sent);
      await stores.outbox.begin(`${of}/b`, of, 'command', {});
      await stores.outbox.finish(`${of}/b`, 1, { ok: false, detail: 'exit code 1' });
      await stores.outbox.put(`${of}/c`, of, { kind: 'email', to: 'a@example.org', subject: 'First', text: '' });
      await stores.outbox.put(`${of}/c`, of, { kind: 'email', to: 'b@example.org', subject: 'Second', text: '' });

      expect((await stores.outbox.of(of)).map(({ key, kind, state }) => [key.at(-1), kind, state])).toEqual([
        ['a', 'http', 'sent'],
        ['b', 'command', 'failed'],
        ['c', 'email', 'pending'],
      ]);
    });
  });

  describe('of reservations', () => {
    const both = async (): Promise<[PlanId, PlanId, string]> => [await planned(), await planned(), `env-${fresh()}`];
    const [early, late] = ['2026-01-01T10:00:00.000Z', '2026-01-01T11:00:00.000Z'];
    const reserve = (
      environment: string,
      of: string,
      what = 'work',
      mode: 'exclusive' | 'shared' = 'exclusive',
      at = early,
    ): Promise<boolean> =>
      stores.reservations.reserve({ environment, belongsTo: planReference(of), activity: what, mode, at });
    const release = (environment: string, of: string, at = late): Promise<void> =>
      stores.reservations.release({ environment, belongsTo: planReference(of), activity: 'work', at });

    test('gives an environment to one plan alone', async () => {
      const [one, other, place] = await both();

      expect(await reserve(place, one, 'work', 'exclusive')).toBe(true);
      expect(await reserve(place, one, 'work', 'exclusive')).toBe(true);
      expect(await reserve(place, other, 'work', 'exclusive')).toBe(false);
      expect(await reserve(place, other, 'work', 'shared')).toBe(false);
      expect(await reserve(`${place}-2`, other, 'work', 'exclusive')).toBe(true);
    });

    test('gives it to many who share it, and to nobody alone meanwhile', async () => {
      const [one, other, place] = await both();

      expect(await reserve(place, one, 'work', 'shared')).toBe(true);
      expect(await reserve(place, other, 'work', 'shared')).toBe(true);
      expect(await reserve(place, one, 'work', 'exclusive')).toBe(false);
    });

    test('gives it on when it is released', async () => {
      const [one, other, place] = await both();
      await reserve(place, one, 'work', 'exclusive');
      await release(place, one);

      expect(await reserve(place, other, 'work', 'exclusive')).toBe(true);
    });

    test('is not given by an attempt that comes in after the release', async () => {
      const [one, other, place] = await both();
      await reserve(place, one);
      await release(place, one);

      expect(await reserve(place, one)).toBe(false);
      expect(await reserve(place, one, 'work', 'exclusive', late)).toBe(false);
      expect(await reserve(place, other)).toBe(true);
    });

    test('is not given by an attempt that comes in after it was given up', async () => {
      const [one, other, place] = await both();
      await release(place, one);

      expect(await reserve(place, one)).toBe(false);
      expect(await reserve(place, other)).toBe(true);
    });

    test('is not taken by a release that comes in after the next reservation', async () => {
      const [one, other, place] = await both();
      await reserve(place, one);
      await release(place, one, '2026-01-01T10:30:00.000Z');
      expect(await reserve(place, one, 'work', 'exclusive', late)).toBe(true);

      await release(place, one, '2026-01-01T10:30:00.000Z');

      expect(await reserve(place, other)).toBe(false);
    });

    test('does not stand in the way of the same plan, nor for a plan that is over', async () => {
      const [one, other, place] = await both();
      await reserve(place, one, 'work', 'exclusive');

      expect(await reserve(place, one, 'more', 'exclusive')).toBe(true);
      await stores.plans.save(plan({ id: one, rev: 9, status: 'failed' }), [], savedBy());
      expect(await reserve(place, other, 'work', 'exclusive')).toBe(true);
    });

    test('gives it to one of many who ask at once', async () => {
      const place = `env-${fresh()}`;
      const plans = await Promise.all(Array.from({ length: 10 }, planned));
      const given = await Promise.all(plans.map((id) => reserve(place, id, 'work', 'exclusive')));

      expect(given.filter(Boolean)).toHaveLength(1);
    });
  });

  describe('of readiness', () => {
    const check = () => ({ service: fresh(), environment: 'production', check: 'OBS-1' });

    test('finds the latest that was stated of a check', async () => {
      const of = check();
      expect(await stores.readiness.attestation(of.service, of.environment, of.check)).toBeUndefined();

      await stores.attest(of, 'ana', '2026-03-24T09:00:00.000Z', '2026-04-24T09:00:00.000Z');
      await stores.attest(of, 'ben', '2026-03-25T09:00:00.000Z', '2026-04-25T09:00:00.000Z');

      expect(await stores.readiness.attestation(of.service, of.environment, of.check)).toEqual({
        by: 'ben',
        at: '2026-03-25T09:00:00.000Z',
        expiresAt: '2026-04-25T09:00:00.000Z',
        statement: 'I looked',
      });
      expect(await stores.readiness.attestation(of.service, 'staging', of.check)).toBeUndefined();
    });

    test('lists waivers of a service, granted or not', async () => {
      const of = check();
      await stores.waive(of, 'ana', 'ben', '2026-04-24T09:00:00.000Z');
      await stores.waive(of, 'cid', undefined, '2026-04-24T09:00:00.000Z');

      const waivers = await stores.readiness.waivers(of.service, of.environment);
      expect(waivers.toSorted((a, b) => (a.requestedBy < b.requestedBy ? -1 : 1))).toMatchObject([
        { ...of, requestedBy: 'ana', approvedBy: 'ben', expiresAt: '2026-04-24T09:00:00.000Z' },
        { ...of, requestedBy: 'cid' },
      ]);
      expect(waivers.filter(({ approvedBy }) => approvedBy !== undefined)).toHaveLength(1);
      expect(await stores.readiness.waivers(of.service, 'staging')).toEqual([]);
    });

    test('keeps the first review of an id', async () => {
      const of = await planned();
      await stores.readiness.saveReview(`${of}/1`, of, review());
      await stores.readiness.saveReview(`${of}/1`, of, review({ verdict: 'not-ready' }));

      expect(await stores.readiness.review(`${of}/1`)).toEqual(review());
      expect(await stores.readiness.review('ghost')).toBeUndefined();
    });
  });

  test('of reports never rewrites one', async () => {
    const of = planReference(await planned());
    await stores.reports.save(of, 'status', 1, 'First', {});
    await stores.reports.save(of, 'status', 1, 'Other', {});
    await stores.reports.save(of, 'status', 2, 'Second', {});
    await stores.reports.save(of, 'completion', 1, 'Done', {});

    expect((await stores.reportsOf(of)).map(({ kind, number, markdown }) => [kind, number, markdown])).toEqual([
      ['status', 1, 'First'],
      ['status', 2, 'Second'],
      ['completion', 1, 'Done'],
    ]);
  });

  test('of the catalogue reads the revision that it is asked for', async () => {
    const environment = (name: string, description: string): Document<'Environment'> => ({
      kind: 'Environment',
      name,
      labels: { tier: 'one' },
      spec: specs.Environment.parse({ description }),
    });
    const { catalogue } = stores;
    const described = async (kind: Kind, name: string, revision?: number) =>
      (await catalogue.find(kind, name, revision)) as { description: string } | undefined;

    expect(await catalogue.revision()).toBe(0);
    const first = await stores.apply([environment('production', 'old'), environment('staging', 'calm')]);
    const second = await stores.apply([environment('production', 'new'), environment('staging', 'calm')]);
    const third = await stores.apply([environment('production', 'new')]);

    expect([first, second, third]).toEqual([1, 2, 2]);
    expect(await catalogue.revision()).toBe(2);
    expect(await described('Environment', 'production', first)).toMatchObject({ description: 'old' });
    expect(await described('Environment', 'production')).toMatchObject({ description: 'new' });
    expect(await described('Environment', 'staging', second)).toMatchObject({ description: 'calm' });
    expect(await described('Environment', 'production', 0)).toBeUndefined();
    expect(await described('Team', 'production')).toBeUndefined();
    expect((await catalogue.list('Environment')).map(({ name, labels }) => [name, labels])).toEqual([
      ['production', { tier: 'one' }],
      ['staging', { tier: 'one' }],
    ]);
    expect(await catalogue.list('Team')).toEqual([]);
  });
});
