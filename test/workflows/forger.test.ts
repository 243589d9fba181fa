import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { act, stated } from '../support/company.ts';
import { type Ops, type Plan, startOps } from '../support/ops.ts';
import { sealed } from '../../workers/payload-codec.ts';
import { createForger, type Forger } from './forger/world.ts';
import { approvalId } from '../support/id.ts';

let ops: Ops;
let plan: Plan;
let taskQueue: string;
let forger: Forger;
beforeAll(async () => {
  ops = await startOps({ template: { approvalPolicy: 'second-person' } });
  plan = await ops.deploy();
  await plan.until(({ approval }) => approval?.status === 'open');
  ({ taskQueue } = await ops.client.workflow.getHandle(plan.workflowId).describe());
  // They have the key: what holds them back is the database alone.
  forger = await createForger(ops, taskQueue, sealed(ops.keys));
});
afterAll(async () => {
  await forger.stop();
  await ops.stop();
});

const forge = (activity: string, ...args: unknown[]): Promise<string> =>
  forgeAs(`evil-${crypto.randomUUID()}`, activity, ...args);

/** The same under a workflow id that looks like one of the product. */
const forgeAs = (workflowId: string, activity: string, ...args: unknown[]): Promise<string> =>
  forger.call(workflowId, activity, ...args);

test('asks no approval in the name of a plan, with other executors', async () => {
  const { revision } = await plan.now();
  const ask = { about: 'record', belongsTo: plan.reference, revision, attempt: 2, executors: [], at: Date.now() };

  expect(await forge('openApproval', { ...ask, workflowId: plan.workflowId })).toContain('is not operation-plan/');
  expect(await ops.stores.approvals.find(approvalId(`plan.${plan.id}.approval.2`))).toBeUndefined();
});

test('has no say in the plan under the id of a run', async () => {
  const run = `${plan.workflowId}/runbook/x/run-1`;
  const yesterday = Date.now() - 86_400_000;
  const wish = { belongsTo: plan.reference, environment: 'production', activity: 'work' };

  for (const [activity, ask] of [
    ['assessReadiness', { plan: plan.id, rev: 99, at: yesterday }],
    ['planOperation', { plan: plan.id, revision: 9, dropped: [] }],
    ['startPlan', { plan: plan.id, revision: 1, digest: 'd', at: yesterday }],
    ['releaseEnvironment', wish],
    [
      'announceRun',
      { belongsTo: plan.reference, revision: 1, activity: 'work', kind: 'run', number: 1, purpose: 'run' },
    ],
  ] as const)
    expect(await forgeAs(run, activity, ask)).toContain(`${run} is not ${plan.workflowId}`);
});

test('runs nothing under the id of a run that the plan has not announced', async () => {
  await ops.apply({
    runbooks: { first: [{ name: 'long', kind: 'wait', for: '2h' }], second: [act('boom')] },
    template: {
      activities: [
        { name: 'first', runbook: 'first' },
        { name: 'second', runbook: 'second', after: ['first'] },
      ],
    },
  });
  const running = await ops.deploy();
  await running.becomes('running');
  const reference = {
    belongsTo: running.reference,
    revision: 1,
    activity: 'second',
    step: 'boom',
    round: 1,
    attempt: 1,
  };
  const runAs = (workflowId: string): Promise<string> =>
    forgeAs(workflowId, 'runStep', { ...reference, purpose: 'run', workflowId });

  expect(await runAs(`${running.workflowId}/runbook/second/run-1`)).toContain('is no run of');
  expect(await runAs(`${running.workflowId}/runbook/second/undo-1`)).toContain('is no run of');
  expect(ops.target.calls.filter(({ route }) => route === 'POST /boom')).toEqual([]);
  await running.ask('cid', 'cancel', { reason: 'the story ends' });
  await ops.apply({ template: { approvalPolicy: 'second-person' } });
});

test('runs no step and undoes none', async () => {
  await plan.vote('ana');
  await plan.becomes('completed');
  const before = ops.target.calls.length;
  const reference = {
    belongsTo: plan.reference,
    revision: 1,
    activity: 'work',
    step: 'one',
    round: 1,
    workflowId: `${plan.workflowId}/runbook/work/run-1`,
  };

  expect(await forge('runStep', { ...reference, purpose: 'run', attempt: 1 })).toContain('is not operation-plan/');
  expect(await forge('runStep', { ...reference, purpose: 'undo', attempt: 1 })).toContain('is not operation-plan/');
  expect(await forge('undoStep', { ...reference, purpose: 'run', undoRound: 1 })).toContain('is not operation-plan/');
  expect(ops.target.calls).toHaveLength(before);
});

test('writes nothing into the ledger and over no task, whether of itself or of a plan', async () => {
  const record = await plan.now();
  const entry = {
    key: `${plan.workflowId}/999`,
    at: new Date().toISOString(),
    actor: { type: 'person', name: 'ana' },
    action: 'approval.vote-approve',
    subject: `plan/${plan.id}`,
    belongsTo: plan.reference,
  };

  expect(await forge('savePlan', record, [entry], { runId: 'r', at: Date.now() })).toContain('is not operation-plan/');
  expect(
    await forge('notifyPeople', {
      key: 'k',
      belongsTo: plan.reference,
      to: { team: 'shop' },
      said: { reason: 'still-paused' },
    }),
  ).toContain('does not act for plan/');
  const { rows } = await sql`select 1 from ledger_entry where key = ${entry.key}`.execute(ops.db);
  expect(rows).toEqual([]);
});

/** Whoever ends the workflow of a plan may run one of their own under its id, and calls in its name then. */
describe('in the place of a plan whose workflow they have ended', () => {
  const now = (): string => new Date().toISOString();
  const takeOver = async (of: Plan) => {
    const record = await of.now();
    await ops.client.workflow.getHandle(of.workflowId).terminate();
    const call = (activity: string, ...args: unknown[]): Promise<string> => forgeAs(of.workflowId, activity, ...args);
    const save = (change: Record<string, unknown>): Promise<string> => {
      const rev = record.rev + 1;
      const entry = {
        key: `${of.workflowId}/${rev}`,
        at: now(),
        actor: { type: 'system', name: 'evenkeel' },
        action: 'plan.resumed',
      };
      const about = { subject: of.reference, belongsTo: of.reference };
      return call('savePlan', { ...record, rev, ...change }, [{ ...entry, ...about }], {
        runId: '{runId}',
        at: Date.now() + 60_000,
      });
    };
    const run = { activity: 'work', kind: 'run', number: 1 };
    const announce = () =>
      call('announceRun', { ...run, belongsTo: of.reference, revision: record.revision, purpose: 'run' });
    const step = {
      belongsTo: of.reference,
      revision: record.revision,
      activity: 'work',
      step: 'one',
      purpose: 'run',
      round: 1,
    };
    const asRun = `${of.workflowId}/runbook/work/run-1`;
    const runStep = () => forgeAs(asRun, 'runStep', { ...step, workflowId: asRun, attempt: 1, at: Date.now() });
    return { record, call, save, announce, runStep };
  };
  const waiting = async (): Promise<Plan> => {
    const next = await ops.deploy();
    await next.until(({ approval }) => approval?.status === 'open');
    return next;
  };
  const staffedWork = {
    name: 'work',
    runbook: 'work',
    people: [{ team: 'shop', role: 'approver' as const, count: 1 }],
  };
  const callsOfSteps = (): number => ops.target.calls.filter(({ route }) => route.startsWith('POST')).length;

  test('they run no step without a vote, whatever they save of the approval', async () => {
    const taken = await waiting();
    const before = callsOfSteps();
    const { record, call, save, announce, runStep } = await takeOver(taken);
    const { revision, digest } = record;
    const running = record.activities.map((activity) => ({ ...activity, status: 'running' }));

    expect(await call('startPlan', { plan: taken.id, revision, digest, at: Date.now() })).toBe('gave "changed"');
    const approval = (record.approval as { id: string }).id;
    expect(await call('startPlan', { plan: taken.id, revision, digest, approval, at: Date.now() })).toBe(
      'gave "changed"',
    );
    await save({
      status: 'running',
      startAt: now(),
      startedAt: now(),
      isGateOpen: true,
      activities: running,
      approval: { attempt: 1, status: 'not-needed' },
    });
    await announce();

    expect(await runStep()).toContain('has not been started');
    expect(callsOfSteps()).toBe(before);
  });

  test('they start no revision that an older review made, which needed no approval', async () => {
    await ops.apply({
      template: { approvalPolicy: 'second-person', activities: [staffedWork] },
      checks: [{ ...stated('blocker'), severity: 'major' }],
      policy: { notNeededWhen: 'verdict == "ready"' },
    });
    const known = { service: 'checkout', environment: 'production', check: 'OPS-2', statement: 'It is known' };
    expect((await ops.as('ana')('POST', '/v1/attestations', { ...known, validFor: '2s' })).status).toBe(201);
    const taken = await ops.deploy();
    const ready = await taken.until(({ assignments: [seat] }) => seat?.status === 'asked');
    expect(ready.readiness?.verdict).toBe('ready');
    await new Promise((done) => setTimeout(done, 2_100));
    await taken.ask('cid', 'reassess', { reason: 'it has expired' });
    const later = await taken.until(({ revision }) => revision === 2);
    expect(later.readiness?.verdict).toBe('ready-with-conditions');
    const { call } = await takeOver(taken);

    const start = { plan: taken.id, revision: 1, digest: ready.digest, at: Date.now() };
    expect(await call('startPlan', start)).toContain('revision 2 of plan');
    expect(await call('planOperation', { plan: taken.id, revision: 3, dropped: [], at: Date.now() })).toContain(
      '"policy":"second-person"',
    );
    await ops.apply({ template: { approvalPolicy: 'second-person' } });
  });

  test('they start nothing outside of the maintenance window', async () => {
    const monthsAhead = new Date(Date.now() + 40 * 86_400_000).getUTCMonth() + 1;
    await ops.apply({
      template: { window: 'window' },
      window: { zone: 'UTC', opens: `0 2 1 ${monthsAhead} *`, lasts: '4h' },
    });
    const taken = await ops.deploy();
    const { digest, revision } = await taken.becomes('scheduled');
    const { call, announce, runStep } = await takeOver(taken);
    const before = callsOfSteps();

    expect(await call('startPlan', { plan: taken.id, revision, digest, at: Date.now() })).toBe('gave "missed"');
    await announce();
    expect(await runStep()).toContain('has not been started');
    expect(callsOfSteps()).toBe(before);
    await ops.apply({ template: { approvalPolicy: 'second-person' } });
  });

  test('they open no plan that was cancelled', async () => {
    const cancelled = await waiting();
    await cancelled.ask('cid', 'cancel', { reason: 'not wanted' });
    const before = await cancelled.becomes('cancelled');
    await expect
      .poll(async () => (await ops.client.workflow.getHandle(cancelled.workflowId).describe()).status.name)
      .toBe('COMPLETED');
    const forged = {
      ...before,
      rev: before.rev + 1,
      status: 'awaiting-approval',
      outcome: undefined,
      endedAt: undefined,
    };
    const key = {
      key: `${cancelled.workflowId}/${before.rev + 1}`,
      at: now(),
      actor: { type: 'system', name: 'evenkeel' },
    };
    const entry = { ...key, action: 'plan.resumed', subject: cancelled.reference, belongsTo: cancelled.reference };

    for (const [activity, ...args] of [
      ['savePlan', forged, [entry], { runId: '{runId}', at: Date.now() + 60_000 }],
      ['assessReadiness', { plan: cancelled.id, rev: 99, at: Date.now() }],
      ['planOperation', { plan: cancelled.id, revision: 9, dropped: [] }],
      ['startPlan', { plan: cancelled.id, revision: 1, digest: before.digest, at: Date.now() }],
    ] as const)
      expect(await forgeAs(cancelled.workflowId, activity, ...args)).toMatch(/is over|has ended/);
    expect(await cancelled.now()).toEqual(before);
  });

  test('they save nothing that is no plan, and nothing of another one', async () => {
    const taken = await waiting();
    const { record, save } = await takeOver(taken);

    expect(await save({ status: 'unheard-of' })).toContain('is no plan');
    expect(await save({ tasks: 'none' })).toContain('is no plan');
    expect(await save({ service: 'ledger' })).toContain('was opened for something else');
    expect(await save({ trigger: { ...record.trigger, key: 'another' } })).toContain('was opened for something else');
    const { status } = await ops.as('ana')('GET', '/v1/operation-plans');
    expect(status).toBe(200);
    expect((await taken.now()).rev).toBe(record.rev);
  });

  test('they save in the name of no other run of the workflow', async () => {
    const taken = await waiting();
    const { record, call } = await takeOver(taken);
    expect(await call('savePlan', record, [], { runId: crypto.randomUUID(), at: Date.now() })).toContain(
      'is not the run',
    );
  });

  test('they make nobody an approver who has taken a seat', async () => {
    await ops.apply({ template: { approvalPolicy: 'second-person', activities: [staffedWork] } });
    const seated = await ops.deploy();
    const { assignments } = await seated.until(({ assignments: [seat] }) => seat?.status === 'asked');
    const person = assignments[0]!.person!;
    await seated.ask(person, 'accept', { seat: assignments[0]!.seat });
    await seated.until(({ approval }) => approval?.status === 'open');
    const { record, call, save } = await takeOver(seated);
    await save({ assignments: [] });
    const ask = { about: 'record', belongsTo: seated.reference, revision: record.revision, attempt: 7, executors: [] };

    await call('openApproval', { ...ask, workflowId: seated.workflowId, at: Date.now() });

    const forged = (await ops.stores.approvals.of(seated.reference)).at(-1)!;
    expect(forged.executors).toContain(person);
    expect(forged.stages[0]!.eligible).not.toContain(person);
    await ops.apply({ template: { approvalPolicy: 'second-person' } });
  });

  test('they send no words of their own', async () => {
    const taken = await waiting();
    const { call } = await takeOver(taken);
    const to = { team: 'shop' };
    const about = { key: `${taken.workflowId}/forged`, belongsTo: taken.reference, to };
    const before = (await ops.mails()).length;

    for (const said of [
      { reason: 'task-opened', task: 'plan.of.a.stranger' },
      { reason: 'task-opened', task: { title: 'Send your password', instructions: 'to evil.example' } },
      { reason: 'step-failed', run: 'r', step: 'Send your password' },
      { reason: 'activity-failed', activity: 'Send your password' },
      { reason: 'seat-asked', seat: 'Send your password' },
      { reason: 'undo-failed', activities: ['Send your password'] },
      { reason: 'reported', title: 'Send your password', markdown: 'to evil.example' },
      { reason: 'broke-off', why: 'Send your password' },
    ])
      expect(await call('notifyPeople', { ...about, said })).not.toContain('gave');
    expect(
      await call('reportStatus', { belongsTo: taken.reference, number: 1, commands: [crypto.randomUUID()] }),
    ).toContain('nobody reported');
    expect(
      await call('reportStatus', { belongsTo: taken.reference, number: 1, text: 'Send your password' }),
    ).not.toContain('gave');
    expect((await ops.mails()).length).toBe(before);
  });
});
