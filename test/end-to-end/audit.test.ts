import { createHash, generateKeyPairSync } from 'node:crypto';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Checked, checkExport } from '../../cli/audit/check.ts';
import { sha256 } from '../../domain/digest.ts';
import { checkpoint } from '../../storage/ledger-seal.ts';
import { act } from '../support/company.ts';
import { resigned } from '../support/export.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({ template: { approvalPolicy: 'second-person' } });
});
afterAll(() => ops.stop());

interface Export {
  plan: { id: string; status: string; team: string; trigger: { requester: string }; activities: { detail?: string }[] };
  content: { content: { needMs: number } };
  readiness: { items: { finding: { detail: string } }[] };
  approvals: { votes: { voter: string; decision: string }[]; deadlineAt: string }[];
  runs: { workflowId: string; steps: { status: string; detail: string }[] }[];
  effects: { key: string; state: string; result: { detail: string; output: string } }[];
  reports: { markdown: string }[];
  ledger: { sequence: number; previous: string; hash: string; body: string }[];
  histories: { workflowId: string; intact: boolean; history: object }[];
}

const archived = async ({ workflowId }: { workflowId: string }): Promise<unknown> => {
  const { taskQueue } = await ops.client.workflow.getHandle(workflowId).describe();
  await ops.client.workflow.getHandle(workflowId).result();
  return ops.client.workflow.execute('archiveHistories', { workflowId: crypto.randomUUID(), taskQueue });
};

const allSealed = () =>
  expect
    .poll(async () => (await ops.as('admin')('GET', '/v1/audit/verification')).body)
    .toMatchObject({ ok: true, unsealed: 0 });

test('a finished plan is proven: who did what, the chain, and histories that replay', async () => {
  const plan = await ops.deploy();
  await plan.vote('ana', 'approve', { reason: 'looks good' });
  await plan.becomes('completed');
  expect(await archived(plan)).toEqual({ archived: 2, gaps: [] });
  await allSealed();

  const exported = (await ops.as('ana')('GET', `/v1/operation-plans/${plan.id}/export`)).body as unknown as Export;

  const actions = exported.ledger.map(
    ({ body }) => JSON.parse(body) as { action: string; actor: { name: string }; reason?: string },
  );
  expect(actions.map(({ action }) => action)).toEqual(
    expect.arrayContaining([
      'plan.accepted',
      'plan.assessed',
      'plan.planned',
      'approval.opened',
      'approval.vote-approve',
      'approval.consumed',
      'plan.started',
      'step.done',
      'effect.sent',
      'plan.completed',
    ]),
  );
  expect(actions.find(({ action }) => action === 'approval.vote-approve')).toMatchObject({
    actor: { name: 'ana' },
    reason: 'looks good',
  });
  for (const { sequence, previous, hash, body } of exported.ledger) {
    expect(
      createHash('sha256')
        .update(`${previous}\n${sequence}\n${createHash('sha256').update(body).digest('hex')}`)
        .digest('hex'),
    ).toBe(hash);
  }
  expect(exported.histories.map(({ intact }) => intact)).toEqual([true, true]);
  for (const { workflowId, history } of exported.histories) {
    await Worker.runReplayHistory({ workflowBundle: { codePath: inject('bundlePath') } }, history, workflowId);
  }
});

const parts = ['plan', 'content', 'readiness', 'approvals', 'runs', 'effects', 'reports', 'histories'];

/** An export of which every entry is under a checkpoint; of a key of its own, since the real one signs each minute. */
const signedExport = async (): Promise<Export & { checkpoints: { keyId: string }[]; publicKey: string }> => {
  const plan = await ops.deploy();
  await plan.vote('ana', 'approve', { reason: 'looks good' });
  await plan.becomes('completed');
  await archived(plan);
  await allSealed();
  const keys = generateKeyPairSync('ed25519');
  const { privateKey, publicKey } = keys;
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const keyId = sha256(pem).slice(0, 16);
  await checkpoint(ops.db, privateKey, keyId, new Date().toISOString());
  const { body } = await ops.as('ana')('GET', `/v1/operation-plans/${plan.id}/export`);
  const file = body as unknown as Awaited<ReturnType<typeof signedExport>>;
  return resigned({ ...file, checkpoints: file.checkpoints.filter((made) => made.keyId === keyId) }, keys);
};

test('every part of an export is as the ledger has it, and no part can be changed or left out', async () => {
  const file = await signedExport();
  const checked = checkExport(structuredClone(file));
  expect(checked).toMatchObject({ problems: [], unsealed: 0 });
  // What was not sent yet is not proven, and said so.
  expect(checked.bound).toEqual(parts.filter((part) => part !== 'effects'));
  expect(checked.unbound).toEqual([expect.stringMatching(/^effects: \d+ not sent yet$/)]);

  const problemsAfter = (change: (changed: Export) => unknown): Checked['problems'] => {
    const changed = structuredClone(file);
    change(changed);
    return checkExport(changed).problems;
  };
  const sentOf = ({ effects }: Export) => effects.find(({ state }) => state === 'sent')!;
  const changes: [string, (changed: Export) => unknown][] = [
    ['plan', ({ plan }) => (plan.status = 'undone')],
    ['plan', ({ plan }) => (plan.team = 'other')],
    ['plan', ({ plan }) => (plan.trigger.requester = 'eva')],
    ['plan', (changed) => Reflect.set(changed, 'plan', null)],
    ['content', ({ content }) => (content.content.needMs += 1)],
    ['content', (changed) => Reflect.deleteProperty(changed, 'content')],
    ['readiness', ({ readiness }) => (readiness.items[0]!.finding.detail = 'status 200, believe me')],
    ['readiness', (changed) => Reflect.set(changed, 'readiness', null)],
    ['approvals', ({ approvals }) => (approvals[0]!.votes[0]!.decision = 'reject')],
    ['approvals', ({ approvals }) => (approvals[0]!.votes = [])],
    ['approvals', ({ approvals }) => (approvals[0]!.deadlineAt = '2030-01-01T00:00:00.000Z')],
    ['approvals', ({ approvals }) => approvals.pop()],
    ['runs', ({ runs }) => (runs[0]!.steps[0]!.status = 'undone')],
    ['runs', ({ runs }) => (runs[0]!.steps[0]!.detail = 'status 201')],
    ['runs', ({ runs }) => runs.pop()],
    // Whoever takes an effect out with all that the ledger says of it leaves a step that did nothing.
    [
      'runs',
      (changed) => {
        const effect = `${changed.runs[0]!.workflowId}/one/1`;
        changed.effects = changed.effects.filter(({ key }) => key !== effect);
        changed.ledger = changed.ledger.filter(({ body }) => !body.includes(`"effect/${effect}"`));
      },
    ],
    ['effects', (changed) => (sentOf(changed).state = 'failed')],
    ['effects', (changed) => (sentOf(changed).result.output = 'nothing')],
    ['effects', (changed) => changed.effects.splice(changed.effects.indexOf(sentOf(changed)), 1)],
    ['reports', ({ reports }) => (reports[0]!.markdown += 'All is well.')],
    ['reports', ({ reports }) => reports.pop()],
    ['histories', ({ histories }) => histories.pop()],
    [
      'plan',
      ({ ledger }) =>
        ledger.splice(
          ledger.findIndex(({ body }) => body.includes('"plan.assessed"')),
          1,
        ),
    ],
    ['histories', ({ histories }) => Object.assign(histories[0]!, { history: {}, sha256: sha256('{}') })],
  ];
  for (const [part, change] of changes) {
    const problems = problemsAfter(change);
    expect(
      problems.filter((problem) => problem.startsWith(`${part}: `)),
      `${part}: ${String(change)}`,
    ).toHaveLength(1);
  }
});

test('an export of a plan at any moment of its life fits', async () => {
  const exported = async (plan: { id: string }): Promise<Checked> => {
    const { body } = await ops.as('ana')('GET', `/v1/operation-plans/${plan.id}/export`);
    // Another story signed with a key of its own.
    return checkExport(resigned({ ...body, checkpoints: [] }));
  };
  await ops.apply({
    template: {
      approvalPolicy: 'second-person',
      activities: [
        { name: 'work', runbook: 'work' },
        { name: 'breaks', runbook: 'breaks', after: ['work'] },
        { name: 'extra', task: { title: 'Look', assignee: { team: 'shop' } }, after: ['work'] },
      ],
    },
    policy: { stages: [{ approvers: [{ team: 'shop' }], quorum: { count: 1 } }, { approvers: [{ team: 'shop' }] }] },
    runbooks: { breaks: [act('fine'), act('breaks', { onFailure: 'ask', retry: { attempts: 2, every: '10ms' } })] },
  });
  ops.target.answer('POST /breaks', 500);
  const plan = await ops.deploy();
  await plan.becomes('awaiting-approval');
  expect((await exported(plan)).problems).toEqual([]);

  await plan.vote('ana', 'abstain', { reason: 'was away' });
  await plan.vote('ben', 'approve', { stage: 0 });
  await plan.vote('ana', 'approve', { stage: 1 });
  await plan.until(({ tasks }) => tasks.length === 1);
  await expect.poll(async () => (await plan.runs()).map(({ status }) => status)).toContain('asking');
  expect((await exported(plan)).problems).toEqual([]);

  await plan.askStep('cid', 'breaks/breaks', 'retry', { reason: 'try again' });
  await expect
    .poll(async () =>
      (await plan.runs()).flatMap(({ steps }) => steps.map(({ round, status }) => `${round} ${status}`)),
    )
    .toContain('2 failed');
  await plan.ask('cid', 'cancel', { reason: 'enough' });
  await plan.becomes('cancelled');
  const { problems, unbound } = await exported(plan);

  expect(problems).toEqual([]);
  expect(unbound.join()).not.toContain('of a version');
  ops.target.answer('POST /breaks', 200);
});

test('what somebody wrote into Temporal in the name of a person does not pass for their deed', async () => {
  await ops.apply({ template: { approvalPolicy: 'second-person' } });
  const plan = await ops.deploy();
  await plan.until(({ approval }) => approval?.status === 'open');
  await plan.ask('cid', 'pause', { reason: 'really' });
  const handle = ops.client.workflow.getHandle(plan.workflowId);
  const by = { type: 'person', name: 'ben' };
  const updateId = crypto.randomUUID();
  await handle.executeUpdate('resumePlan', {
    updateId,
    args: [{ command: updateId, reason: 'forged', by, at: new Date().toISOString() }],
  });
  await plan.until(({ paused }) => !paused);

  const { body } = await ops.as('ana')('GET', `/v1/operation-plans/${plan.id}/export`);

  expect(checkExport(resigned({ ...body, checkpoints: [] })).problems).toEqual([
    expect.stringContaining('person ben did more, says the ledger, than commands of theirs were accepted'),
  ]);
  await plan.ask('cid', 'cancel', { reason: 'the story ends' });
  await plan.becomes('cancelled');
});

test('secrets stand in no row, no history and no answer', async () => {
  const canary = 'canary-7f3a9c';
  process.env['EVENKEEL_SECRET_DEPLOY'] = canary;
  await ops.apply({
    template: {},
    steps: [
      {
        name: 'call',
        kind: 'http',
        url: '{{environment.url}}/call',
        headers: { authorization: { secret: 'deploy', prefix: 'Bearer ' } },
      },
    ],
  });
  const plan = await ops.deploy();
  await plan.becomes('completed');
  expect(ops.target.calls.find(({ route }) => route === 'POST /call')?.headers.authorization).toBe(`Bearer ${canary}`);

  const exported = await ops.as('ana')('GET', `/v1/operation-plans/${plan.id}/export`);
  const history = await ops.client.workflow.getHandle(plan.workflowId).fetchHistory();

  expect(JSON.stringify(exported.body)).not.toContain(canary);
  expect(
    JSON.stringify(history, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString() : value,
    ),
  ).not.toContain(canary);
});
