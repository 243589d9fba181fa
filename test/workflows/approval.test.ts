import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { act } from '../support/company.ts';
import { type Ops, type Plan, startOps } from '../support/ops.ts';
import { hours, minutes } from '../support/time.ts';
import { askedIn } from '../support/id.ts';

const workAndMore = [
  { name: 'work', runbook: 'work' },
  { name: 'extra', runbook: 'work' },
];

let ops: Ops;
const approved = { template: { approvalPolicy: 'second-person' } };
beforeAll(async () => {
  ops = await startOps(approved);
});
afterAll(() => ops.stop());

const doneAt = (workflowId: string): string[] =>
  ops.target.calls.filter(({ key }) => key?.startsWith(workflowId)).map(({ route }) => route);

describe('a plan that needs a second person', () => {
  test('does nothing before the vote, and uses the approval up when it starts', async () => {
    const plan = await ops.deploy();
    await plan.becomes('awaiting-approval');
    expect(doneAt(plan.workflowId)).toEqual([]);

    const vote = await plan.vote('ana');

    expect(vote.status).toBe(200);
    await plan.becomes('completed');
    expect(await ops.stores.approvals.of(plan.reference)).toMatchObject([
      { status: 'consumed', votes: [{ voter: 'ana', decision: 'approve' }] },
    ]);
  });

  test('refuses the requester, whoever is not asked, another digest, a service token and the first admin', async () => {
    await ops.apply(approved);
    const plan = await ops.deploy('pkg:oci/checkout@1234567', 'ana');
    await plan.becomes('awaiting-approval');

    const refused = [
      await plan.vote('ana'),
      await plan.vote('cid'),
      await plan.vote('vic'),
      await plan.vote('eva'),
      await plan.vote('ben', 'approve', { digest: '0'.repeat(64) }),
      await plan.vote('pipeline'),
      await plan.vote('admin'),
    ];

    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 404, 409, 403, 403]);
    expect(doneAt(plan.workflowId)).toEqual([]);
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
    await plan.becomes('cancelled');
    await expect
      .poll(() => ops.stores.approvals.of(plan.reference))
      .toMatchObject([{ status: 'cancelled', votes: [] }]);
  });

  test('asks in each stage whom the policy names for it, however close the votes come', async () => {
    const first = { approvers: [{ team: 'shop' }], quorum: 'first' as const };
    await ops.apply({ ...approved, policy: { stages: [first, first, { approvers: [{ team: 'other' }] }] } });
    const plan = await ops.deploy();
    const { approval } = await plan.until((state) => state.approval?.status === 'open');

    await Promise.all(['ana', 'ben'].map((person) => plan.vote(person)));

    const { stage, stages, status } = (await ops.stores.approvals.find(askedIn(approval)))!;
    expect([status, stage, stages[2]?.eligible]).toEqual(['open', 2, ['eva']]);
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
    await plan.becomes('cancelled');
  });

  test('is not given by whom it gives a task by name', async () => {
    await ops.apply({
      template: {
        ...approved.template,
        activities: [{ name: 'watch', task: { title: 'Watch it', assignee: { person: 'ana' }, dueWithin: '4h' } }],
      },
    });
    const plan = await ops.deploy();

    const own = await plan.vote('ana');

    expect([own.status, own.body.detail]).toEqual([403, 'whoever executes it cannot vote']);
    expect((await plan.vote('ben')).status).toBe(200);
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
    await plan.becomes('cancelled');
  });

  test('counts one vote: the same again changes nothing, another reason is refused and not lost in silence', async () => {
    await ops.apply({ ...approved, policy: { stages: [{ approvers: [{ team: 'shop' }], quorum: 'all' }] } });
    const plan = await ops.deploy();

    const votes = [
      await plan.vote('ana', 'approve', { reason: 'fine' }),
      await plan.vote('ana', 'approve', { reason: 'fine' }),
      await plan.vote('ana', 'approve', { reason: 'on second thought, fine' }),
    ];

    expect(votes.map(({ status, body }) => [status, body['repeated']])).toEqual([
      [200, false],
      [200, true],
      [409, undefined],
    ]);
    expect(votes[2]?.body.detail).toMatch(/^ana has voted already: approve, \S+, fine\. The first vote stands$/);
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
  });

  test('is rejected when the only one who may decide abstains, and says so', async () => {
    await ops.apply({ ...approved, policy: { stages: [{ approvers: [{ person: 'ana' }] }] } });
    const plan = await ops.deploy();

    expect((await plan.vote('ana', 'abstain', { reason: '' })).body).toMatchObject({ status: 'rejected' });
    expect((await plan.becomes('rejected')).outcome).toBe('rejected: too few are left to agree, since ana abstained');
  });

  test('tells the team at once when nobody may decide, with who is left out and why', async () => {
    await ops.apply({ ...approved, policy: { stages: [{ approvers: [{ person: 'ana' }] }] } });
    const plan = await ops.deploy('pkg:oci/checkout@asked-by-ana', 'ana');
    const { approval } = await plan.until((state) => state.approval?.status === 'open');

    const shown = await ops.as('ben')('GET', `/v1/approvals/${askedIn(approval)}`);

    expect(shown.body['leftOut']).toEqual([{ person: 'ana', why: 'asked for it' }]);
    await expect
      .poll(() => ops.subjects())
      .toContainEqual(expect.stringMatching(/^Nobody can approve: Start the operation plan for checkout/));
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
  });

  test('ends as rejected with the reason of the reject', async () => {
    await ops.apply(approved);
    const plan = await ops.deploy();

    await plan.vote('ben', 'reject', { reason: 'not on a Friday' });

    expect((await plan.becomes('rejected')).outcome).toBe('rejected: not on a Friday');
  });

  test('is never approved by silence: reminded, escalated to more people, then rejected', async () => {
    await ops.apply({ ...approved, policy: { remindBefore: '1h', escalateTo: [{ person: 'eva' }] } });
    const plan = await ops.deploy();
    await plan.until(({ approval }) => approval?.status === 'open');

    await plan.skip(hours(4) + minutes(1));
    await expect
      .poll(async () => (await ops.stores.approvals.of(plan.reference))[0]?.stages[0]?.eligible)
      .toContain('eva');
    await plan.skip(hours(5));

    expect((await plan.becomes('rejected')).outcome).toBe('nobody decided in time');
    const about = (await ops.mails()).filter(
      ({ subject }) => subject.includes('Approval needed') || subject.includes('Reminder'),
    );
    const keys = (await ops.stores.outbox.of(plan.reference)).map(({ key }) => key);
    expect(keys.filter((key) => key.endsWith('/eva') && !key.includes('/reminded/'))).toEqual([
      `approval/plan.${plan.id}.approval.1/0/escalated/eva`,
    ]);
    const reminded = about.filter(({ to, subject }) => to === 'ana@example.org' && subject.startsWith('Reminder'));
    expect(reminded).toHaveLength(2);
    expect(doneAt(plan.workflowId)).toEqual([]);
  });

  test('ends at once when the plan is cancelled while it asks, and says so', async () => {
    await ops.apply(approved);
    for (let count = 0; count < 4; count += 1) {
      const plan = await ops.deploy();
      await plan.until(({ approval }) => approval?.status === 'open');

      const { status, body } = await plan.ask('cid', 'cancel', { reason: 'not today' });

      expect([status, body]).toMatchObject([200, { state: 'applied' }]);
      await plan.becomes('cancelled');
    }
  });

  test('asks anew after a material edit: what was approved before is void', async () => {
    await ops.apply({
      template: {
        ...approved.template,
        activities: workAndMore,
      },
      policy: { stages: [{ approvers: [{ team: 'shop' }], quorum: 'all' }] },
    });
    const plan = await ops.deploy();
    await plan.vote('ana');
    const before = (await plan.now()).digest;

    await plan.ask('cid', 'amend', { drop: ['extra'], reason: 'not today' });

    const after = await plan.until(({ revision, approval }) => revision === 2 && approval?.status === 'open');
    expect(after.digest).not.toBe(before);
    const [first, second] = await ops.stores.approvals.of(plan.reference);
    expect([first?.status, second?.status, second?.votes]).toEqual(['superseded', 'open', []]);
    await plan.vote('ana');
    await plan.vote('ben');
    expect((await plan.becomes('completed')).activities.map(({ name }) => name)).toEqual(['work']);
  });

  test('is not given by whoever changed the plan, and nothing is left out of it without being asked about anew', async () => {
    await ops.apply({
      template: {
        ...approved.template,
        activities: workAndMore,
      },
    });
    const plan = await ops.deploy();
    await plan.until(({ approval }) => approval?.status === 'open');

    const skipped = await plan.ask('cid', 'skip', { activity: 'extra', reason: 'no time' });
    expect([skipped.status, skipped.body.detail]).toEqual([409, expect.stringContaining('amend it without')]);
    const stranger = await plan.ask('cid', 'amend', { drop: ['no-such'], reason: 'not wanted' });
    expect(stranger).toMatchObject({ status: 422, body: { field: 'drop' } });
    await plan.ask('ana', 'amend', { drop: ['extra'], reason: 'no time' });
    await plan.until(({ revision, approval }) => revision === 2 && approval?.status === 'open');

    const own = await plan.vote('ana');
    expect([own.status, own.body.detail]).toEqual([403, 'whoever changed it cannot vote on it']);
    const lent = await ops.stores.tokens.create(
      crypto.randomUUID(),
      { kind: 'personal', holder: 'ben', scope: 'approver', expiresAt: '2040-01-01T00:00:00Z' },
      { type: 'person', name: 'ana' },
      new Date().toISOString(),
    );
    const [{ id, digest } = { id: '', digest: '' }] = (await ops.stores.approvals.of(plan.reference)).slice(-1);
    const byLent = await fetch(`${ops.url}/v1/approvals/${id}/votes`, {
      method: 'POST',
      headers: { authorization: `Bearer ${lent.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ decision: 'approve', digest }),
    });
    expect(byLent.status).toBe(403);
    await plan.vote('ben');
    await plan.becomes('completed');
  });
});

/** A run that no plan has announced may save nothing, so it does not get beyond its first task. */
const startInVain = async (how: { workflowId: string; taskQueue: string; args: unknown[] }): Promise<void> => {
  const forged = await ops.client.workflow.start('executeRunbook', how);
  await expect
    .poll(async () => (await forged.fetchHistory()).events?.some((event) => event.workflowTaskFailedEventAttributes))
    .toBe(true);
  await forged.terminate();
};

/** What somebody who reaches Temporal would start a run with. */
const forgedRun = ({ id, reference }: Plan, workflowId: string, revision: number) => ({
  id: `${id}.forged`,
  workflowId,
  belongsTo: reference,
  team: 'shop',
  executors: [],
  revision,
  activity: 'work',
  runbook: 'work',
  round: 1,
  purpose: 'run',
  done: [],
  outline: [{ name: 'one', kind: 'http', attempts: 1, everyMs: 1, timeoutMs: 1000, onFailure: 'undo' }],
  decideWithinMs: 1000,
  messagesPerRun: 100,
});

describe('what does not come from people', () => {
  test('a forged signal executes nothing', async () => {
    await ops.apply(approved);
    const plan = await ops.deploy();
    const { approval } = await plan.until((state) => state.approval?.status === 'open');

    await ops.client.workflow
      .getHandle(plan.workflowId)
      .signal('approvalDecided', { approval: askedIn(approval), status: 'approved' });
    await ops.client.workflow.getHandle(plan.workflowId).signal('approvalDecided', { approval: askedIn(approval) });

    await new Promise((done) => setTimeout(done, 500));
    expect((await plan.now()).status).toBe('awaiting-approval');
    expect(doneAt(plan.workflowId)).toEqual([]);
  });

  test('a forged run of a runbook executes nothing', async () => {
    const plan = await ops.deploy();
    const { revision } = await plan.until((state) => state.approval?.status === 'open');
    const workflowId = `${plan.workflowId}/runbook/work/run-1`;
    const input = forgedRun(plan, workflowId, revision);
    const { taskQueue } = await ops.client.workflow.getHandle(plan.workflowId).describe();

    await startInVain({ workflowId, taskQueue, args: [input] });

    expect(doneAt(plan.workflowId)).toEqual([]);
  });

  test('a run of an approved plan under another name, or out of its time, executes nothing more', async () => {
    const plan = await ops.deploy();
    await plan.vote('ana');
    await plan.becomes('completed');
    const before = doneAt(plan.workflowId);
    const workflowId = `${plan.workflowId}/runbook/work/run-7`;
    const input = forgedRun(plan, workflowId, 1);
    const { taskQueue } = await ops.client.workflow.getHandle(plan.workflowId).describe();

    await startInVain({ workflowId, taskQueue, args: [input] });

    expect(doneAt(plan.workflowId)).toEqual(before);
  });
});

describe('a forged plan', () => {
  test('under its own id asks nobody else, and writes nothing about the real one', async () => {
    const plan = await ops.deploy('pkg:oci/checkout@7654321', 'ana');
    const before = await plan.until((state) => state.approval?.status === 'open');
    const { taskQueue } = await ops.client.workflow.getHandle(plan.workflowId).describe();
    const opening = {
      id: plan.id,
      service: 'checkout',
      environment: 'production',
      team: 'other',
      template: 'release',
      workflowId: 'forged',
      catalogueRevision: before.catalogueRevision,
      at: new Date().toISOString(),
      trigger: { ...before.trigger, requester: 'nobody' },
      timing: {
        readyWithinMs: 1,
        reassessEveryMs: 1000,
        confirmWithinMs: 1,
        staffWithinMs: 1,
        decideWithinMs: 1,
        reserveWithinMs: 1,
        messagesPerRun: 10,
      },
    };

    const forged = await ops.client.workflow.start('runOperationPlan', {
      workflowId: crypto.randomUUID(),
      taskQueue,
      args: [opening],
    });

    await expect(forged.result()).rejects.toThrow('Workflow execution failed');
    const after = await plan.now();
    expect([after.team, after.trigger.requester, after.status]).toEqual(['shop', 'ana', 'awaiting-approval']);
    expect((await ops.stores.approvals.of(plan.reference)).map(({ requester }) => requester)).toEqual(['ana']);
    expect((await plan.vote('ana')).status).toBe(403);
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
    await plan.becomes('cancelled');
  });
});

describe('an approval inside a runbook', () => {
  test('protects the steps behind it, and cannot be skipped', async () => {
    await ops.apply({
      template: {},
      steps: [
        act('before'),
        { name: 'sign-off', kind: 'approval', policy: 'second-person', question: 'Go on?' },
        act('behind'),
      ],
    });
    const plan = await ops.deploy();
    await expect.poll(async () => (await ops.stores.approvals.of(plan.reference)).length).toBe(1);
    const [asked] = await ops.stores.approvals.of(plan.reference);

    const skipped = await plan.askStep('cid', 'work/sign-off', 'skip', { reason: 'in a hurry' });
    expect(skipped.status).toBe(403);
    expect(doneAt(plan.workflowId)).toEqual(['POST /before']);

    await ops.as('ben')('POST', `/v1/approvals/${asked!.id}/votes`, { decision: 'approve', digest: asked!.digest });
    await plan.becomes('completed');
    expect(doneAt(plan.workflowId)).toEqual(['POST /before', 'POST /behind']);
  });
});

test('the mail that asks has what it takes to decide: what, when, on which evidence, and each step in words', async () => {
  await ops.apply({ template: { approvalPolicy: 'second-person', window: 'window' } });
  const plan = await ops.deploy('pkg:oci/checkout@sha256:to-decide-on');
  const { digest } = await plan.until((state) => state.approval?.status === 'open');
  const { rows } = await sql<{ text: string }>`
    select payload->>'text' as text from outbox where kind = 'email' and payload->>'to' = 'ana@example.org' and belongs_to = ${plan.reference}`.execute(
    ops.db,
  );

  for (const part of [
    'About: pkg:oci/checkout@sha256:to-decide-on',
    'Begins: in window, ',
    'Readiness: ready',
    `- one: POST ${ops.target.url}/one; undone by DELETE ${ops.target.url}/one`,
    `evenkeel approval approve plan.${plan.id}.approval.1 --digest ${digest}`,
  ])
    expect(rows[0]?.text).toContain(part);
  await plan.ask('cid', 'cancel', { reason: 'the story ends' });
  await ops.apply({ template: { approvalPolicy: 'second-person' } });
});
