import type { ApprovalId } from '../../domain/id.ts';
import { commission } from '../support/commission.ts';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withdraw } from '../../domain/approval/lifecycle.rules.ts';
import { castVote } from '../../domain/approval/vote.rules.ts';
import { DomainError } from '../../domain/errors.ts';
import { approversNow } from '../../domain/approvers.ts';
import { entitledTo } from '../../activities/approval/entitled.ts';
import { connect } from '../../storage/database.ts';
import { createStores, type Stores } from '../../workers/ports.ts';
import { approval, ballot, entry } from '../support/builders.ts';
import { createDatabase, patiently, type TestDatabase } from '../support/database.ts';
import { approvalId, planId, planReference } from '../support/id.ts';

let database: TestDatabase;
let stores: Stores;
beforeAll(async () => {
  database = await createDatabase();
  stores = createStores(database.db);
});
afterAll(() => database.drop());

const ask = async (more: Parameters<typeof approval>[0]) => {
  const plan = planId(crypto.randomUUID());
  const opening = { triggerKey: plan, service: 's', environment: 'e', team: 'shop', artifact: plan, commission };
  await stores.plans.open({ id: plan, workflowId: `operation-plan/${plan}`, ...opening, entry: entry(plan) });
  return stores.approvals.open(
    approval({ id: approvalId(`${plan}.approval.1`), belongsTo: planReference(plan), ...more }),
    `operation-plan/${plan}`,
  );
};
const { key: _, ...noted } = entry('', { action: 'approval.vote-approve', subject: 'approval' });
const vote = (id: ApprovalId, voter: string, decision: 'approve' | 'reject' = 'approve') =>
  patiently(() =>
    stores.approvals.change(id, { ...noted, subject: `approval/${id}` }, (now) =>
      castVote(now, ballot(voter, decision)),
    ),
  ).catch((error: unknown) => {
    if (error instanceof DomainError) return undefined;
    throw error;
  });
const votesInLedger = async (id: string): Promise<number> => {
  const { rows } = await sql<{ count: string }>`
    select count(*) from ledger_entry where subject = ${`approval/${id}`} and action like 'approval.vote-%'`.execute(
    database.db,
  );
  return Number(rows[0]!.count);
};
const signalsOf = async (id: string): Promise<string[]> => {
  const { rows } = await sql<{ dedupKey: string }>`
    select dedup_key from inbox where source = 'approval' and content->'ask'->>'approval' = ${id} order by received_at`.execute(
    database.db,
  );
  return rows.map(({ dedupKey }) => dedupKey.slice(id.length));
};

test('two hundred votes at once are each counted once, decide once, and stand in the ledger one by one', async () => {
  const people = Array.from({ length: 50 }, (__, index) => `p${index}`);
  const { id } = await ask({ people, stages: [{ quorum: 'all' }] });
  await Promise.all([...people, ...people, ...people, ...people].map((voter) => vote(id, voter)));

  const decided = await stores.approvals.find(id);
  expect(decided?.status).toBe('approved');
  expect(decided?.votes.map(({ seat }) => seat).toSorted()).toEqual(people.toSorted());
  expect(await votesInLedger(id)).toBe(50);
  expect(await signalsOf(id)).toEqual(['/0/approved']);
});

test('approvals and rejections that race have exactly one outcome', async () => {
  const people = Array.from({ length: 40 }, (__, index) => `p${index}`);
  const { id } = await ask({ people, stages: [{ quorum: 'first' }] });
  const answers = await Promise.all(
    people.map((voter, index) => vote(id, voter, index % 2 === 0 ? 'approve' : 'reject')),
  );

  const decided = await stores.approvals.find(id);
  expect(decided?.votes).toHaveLength(1);
  expect(decided?.status).toBe(decided?.votes[0]?.decision === 'approve' ? 'approved' : 'rejected');
  expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
  expect(await votesInLedger(id)).toBe(1);
  expect(await signalsOf(id)).toHaveLength(1);
});

test('the waiting workflow hears of each stage and of the end, in the transaction that makes them true', async () => {
  const { id } = await ask({ people: ['ana'], stages: [{}, {}] });
  await stores.approvals.change(id, noted, (now) => castVote(now, ballot('ana', 'approve', { named: [[], ['ben']] })));
  await vote(id, 'ben');

  expect(await signalsOf(id)).toEqual(['/1/open', '/1/approved']);
});

test('an approval that is withdrawn is not used up', async () => {
  const { id, digest } = await ask({ people: ['ana'] });
  await vote(id, 'ana');
  const use = () =>
    stores.approvals.consume(
      id,
      { digest, by: 'start', at: noted.at },
      { stages: [['ana']], escalated: [], joined: { triggeredBy: [], people: [], executors: [] } },
    );
  const [, given] = await Promise.all([
    stores.approvals.change(id, noted, (now) => withdraw(now, 'superseded', noted.at)),
    use(),
  ]);

  expect((await stores.approvals.find(id))?.status).toBe(given ? 'consumed' : 'superseded');
  expect(await use()).toBe(given);
});

test('a seat votes once in a stage, whatever the application believes', async () => {
  const { id } = await ask({ people: ['ana', 'ben'], stages: [{ quorum: 'all' }] });
  const voted = castVote(approval({ people: ['ana', 'ben'] }), ballot('ana')).votes[0]!;
  const twice = stores.approvals.change(id, noted, (now) => ({ ...now, votes: [voted, voted] }));

  await expect(twice).rejects.toThrow('approval_vote_pkey');
  expect((await stores.approvals.find(id))?.votes).toEqual([]);
});

test('a refusal is noted and changes nothing', async () => {
  const { id } = await ask({ people: ['ana'] });
  await stores.approvals.noteRefusal(id, { ...noted, action: 'approval.vote-refused', subject: `approval/${id}` });
  await stores.approvals.noteRefusal(id, { ...noted, action: 'approval.vote-refused', subject: `approval/${id}` });

  expect(await votesInLedger(id)).toBe(2);
  expect((await stores.approvals.find(id))?.status).toBe('open');
});

test('the list shows those of a team and those that ask a person', async () => {
  const mine = await ask({ people: ['zoe'], team: 'other' });
  const ours = await ask({ people: ['ana'], team: 'ours' });
  const listed = async (teams: string[] | undefined, more: object = {}) =>
    (await stores.approvals.list({ teams, asked: 'zoe', limit: 100, ...more })).items.map(({ id }) => id);

  expect(await listed(['ours'])).toEqual(expect.arrayContaining([mine.id, ours.id]));
  expect(await listed(['nobody'])).toEqual([mine.id]);
  expect(await listed(undefined, { belongsTo: ours.belongsTo })).toEqual([ours.id]);
  expect(await listed(undefined, { belongsTo: ours.belongsTo, status: 'approved' })).toEqual([]);
});

test('100 people vote at once on a pool of 4 connections: nobody waits for a connection under the lock', async () => {
  const people = Array.from({ length: 100 }, (__, index) => `p${index}`);
  const narrow = connect({ url: database.url, connections: 4 });
  const narrowed = createStores(narrow.db);
  const { approvals } = narrowed;
  const { id, digest } = await ask({ people, stages: [{ quorum: 'all' }] });

  const votes = await Promise.all(
    people.map(async (voter) => {
      // As the API does: whom the stages name is looked up before the row is held.
      const named = [await patiently(() => approversNow(narrowed, [{ person: voter }], Date.now()))];
      const cast = () =>
        approvals.change(id, noted, (now) => castVote(now, ballot(voter, 'approve', { named, digest })));
      return patiently(cast);
    }),
  );
  const uses = await Promise.all(
    people.slice(0, 20).map((by) =>
      patiently(async () => {
        const entitled = await entitledTo(
          narrowed,
          (await approvals.find(id))!,
          { triggeredBy: [], executors: [] },
          Date.now(),
        );
        const all = { ...entitled, stages: [people] };
        return approvals.consume(id, { digest, by, at: noted.at }, all);
      }),
    ),
  );
  await narrow.close();

  expect(votes).toHaveLength(100);
  expect((await stores.approvals.find(id))?.votes).toHaveLength(100);
  expect(uses.filter(Boolean)).toHaveLength(1);
});
