import { WorkflowFailedError } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { incidentReference, incidentWorkflowIdOf } from '../../../domain/identifiers.ts';
import { sealed } from '../../../workers/payload-codec.ts';
import { alertsChanged, incidentUpdates, incidentWorkflowType } from '../../../workflows/incident.messages.ts';
import { act } from '../../support/company.ts';
import { declare, incidentOf } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { capturing, createForger, type Forger } from '../forger/world.ts';

let ops: Ops;
let incident: Awaited<ReturnType<typeof declare>>;
let taskQueue: string;
/** Without the key, and with it: what holds these back is the database alone. */
let stranger: Forger;
let insider: Forger;
const captured: Payload[] = [];

const people = { type: 'person', name: 'cid' };
const restores = { strategy: 'restart' as const, policy: 'second-person' };

beforeAll(async () => {
  ops = await startOps({ restoring: { restart: { restores, steps: [act('restart')] } } });
  incident = await declare(ops);
  await incident.until(({ escalation }) => escalation.paged.length > 0);
  ({ taskQueue } = await handleOf(incident.number).describe());
  stranger = await createForger(ops, taskQueue, { payloadCodecs: [capturing(captured)] }, (_, args) => args);
  insider = await createForger(ops, taskQueue, sealed(ops.keys));
});
afterAll(async () => {
  await stranger.stop();
  await insider.stop();
  await ops.stop();
});

const handleOf = (number: number) => ops.client.workflow.getHandle(incidentWorkflowIdOf(number));

/** The number of an incident that nobody has opened. */
const unopened = async (): Promise<number> =>
  (await ops.stores.incidents.list({ limit: 1 })).items[0]!.number + 1_000_000;

/** What people and machines outside have got so far, and what there is. */
const outside = async () => ({
  mails: (await ops.mails()).length,
  calls: ops.target.calls.filter(({ route }) => route.startsWith('POST')).length,
  incidents: (await ops.stores.incidents.list({ limit: 50 })).items.length,
});

/** What the incident's workflow is asked to do, as bytes that somebody took from Temporal. */
const captureOf = async (number: number): Promise<{ start: object[]; news: object[] }> => {
  const { events } = await handleOf(number).fetchHistory();
  const payloads = (of: 'workflowExecutionStartedEventAttributes' | 'workflowExecutionSignaledEventAttributes') =>
    (events?.find((event) => event[of])?.[of]?.input?.payloads ?? []).map((payload) => ({
      captured: captured.push(payload) - 1,
    }));
  return {
    start: payloads('workflowExecutionStartedEventAttributes'),
    news: payloads('workflowExecutionSignaledEventAttributes'),
  };
};

describe('somebody without the key', () => {
  test('1: says with a bare signal that there is news, and nothing comes of it', async () => {
    const before = await outside();
    const { rev } = await incident.until(() => true);
    const handle = stranger.client.workflow.getHandle(incident.workflowId);

    for (const signal of [alertsChanged, 'approvalDecided', 'unheardOf']) {
      await handle.signal(signal, { news: 99 });
      await handle.signal(signal, null, 'two', 3);
    }

    await expect(handle.executeUpdate('unheardOf')).rejects.toThrow(/Workflow Update failed/);
    expect((await incident.until(() => true)).rev).toBe(rev);
    expect(await outside()).toEqual(before);
  });

  test('2: gives commands in the name of a person, and each is refused', async () => {
    const handle = stranger.client.workflow.getHandle(incident.workflowId);
    const ask = { by: people, at: new Date().toISOString(), reason: 'forged', runbook: 'restart', severity: 'SEV-5' };

    for (const update of Object.values(incidentUpdates))
      await expect(handle.executeUpdate(update, { args: [ask] })).rejects.toThrow(/Workflow Update failed/);

    const { status, escalation } = await incident.until(() => true);
    expect([status, escalation.status]).toEqual(['triaged', 'running']);
  });

  test('3: starts an incident that nobody declared, which opens nothing and pages nobody', async () => {
    const [before, number] = [await outside(), await unopened()];
    const workflowId = incidentWorkflowIdOf(number);
    const handle = await stranger.client.workflow.signalWithStart(incidentWorkflowType, {
      workflowId,
      taskQueue,
      args: [{ ...(await ops.stores.incidents.openedFor(incident.number)), number, workflowId }],
      signal: alertsChanged,
      signalArgs: [{ news: 1 }],
    });

    await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
    expect(await ops.stores.incidents.find(number)).toBeUndefined();
    expect(await outside()).toEqual(before);
  });

  test('4: starts another one with what the start of an incident was', async () => {
    const [before, number] = [await outside(), await unopened()];
    const { start } = await captureOf(incident.number);
    const handle = await stranger.client.workflow.start(incidentWorkflowType, {
      workflowId: incidentWorkflowIdOf(number),
      taskQueue,
      args: start,
    });

    await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
    expect(await outside()).toEqual(before);
  });

  test('5: brings news of one incident to another', async () => {
    const { news } = await captureOf(incident.number);
    const other = await declare(ops, { service: undefined, team: 'shop', title: 'Another' });
    await other.until(({ escalation }) => escalation.paged.length > 0);
    const { rev } = await other.until(() => true);

    await stranger.client.workflow.getHandle(other.workflowId).signal(alertsChanged, ...news);

    await expect(stranger.client.workflow.getHandle(other.workflowId).executeUpdate('unheardOf')).rejects.toThrow(
      /Workflow Update failed/,
    );
    expect((await other.until(() => true)).rev).toBe(rev);
  });

  test('6: calls for pages and runbooks from a workflow under the id of the incident', async () => {
    const before = await outside();
    const page = { number: incident.number, round: 9, severity: 'SEV-1', at: Date.now(), rev: 99 };
    await handleOf(incident.number).describe();

    for (const [activity, ask] of [
      ['pageResponders', page],
      ['orderRestoration', { number: incident.number, restoration: 1, runbook: 'restart' }],
    ] as const)
      expect(await stranger.call(`${incident.workflowId}/mine`, activity, ask)).toContain('Activity task failed');
    expect(await outside()).toEqual(before);
  });

  test('7: takes the id of the next incident beforehand, which is opened and pages all the same', async () => {
    const next = (await declare(ops, { title: 'The one before' })).number + 1;
    await stranger.client.workflow.start('nothing', { taskQueue: 'nobody', workflowId: incidentWorkflowIdOf(next) });
    await stranger.client.workflow.start(incidentWorkflowType, {
      taskQueue,
      workflowId: incidentWorkflowIdOf(next + 1),
      args: [{}],
    });

    for (const number of [next, next + 1]) {
      const declared = await ops.as('dan')('POST', '/v1/incidents', {
        title: 'In a place that was taken',
        service: 'checkout',
        environment: 'production',
      });
      expect(declared.body['incident']).toBe(number);
    }
    for (const number of [next, next + 1]) {
      const { escalation } = await incidentOf(ops, number).until(({ escalation: each }) => each.paged.length > 0);
      expect(escalation.paged).toEqual((await incident.now())!.escalation.paged);
    }
  });
});

describe('somebody who has the key', () => {
  const forge = (activity: string, ...args: unknown[]): Promise<string> =>
    insider.call(`evil-${crypto.randomUUID()}`, activity, ...args);
  const askOf = (number: number) => ({ number, round: 9, severity: 'SEV-1', at: Date.now(), rev: 99 });

  test('8: calls our activities from a workflow of their own, and is refused', async () => {
    const before = await outside();
    const record = await incident.now();
    const { number } = incident;

    for (const [activity, ...args] of [
      ['pageResponders', askOf(number)],
      ['orderRestoration', { number, restoration: 1, runbook: 'restart' }],
      ['suggestRestorations', { number }],
      ['readAlerts', { number }],
      ['captureEvidence', { number, restoration: 1, at: Date.now() }],
      ['lookAtRecovery', { number, restoration: 1, at: Date.now() }],
      ['saveIncident', record, [], { runId: '{runId}', at: Date.now() }],
    ] as const)
      expect(await forge(activity, ...args)).toContain(`is not ${incident.workflowId}`);
    expect(await outside()).toEqual(before);
  });

  test('9: pages nobody about an incident that there is not, nor orders what nobody ordered', async () => {
    const [before, number] = [await outside(), await unopened()];
    const under = (activity: string, ...args: unknown[]) =>
      insider.call(incidentWorkflowIdOf(number), activity, ...args);

    expect(await under('pageResponders', askOf(number))).toContain(`there is no incident ${number}`);
    const order = { number, restoration: 1, runbook: 'restart', command: crypto.randomUUID() };
    expect(await under('orderRestoration', order)).toContain(`there is no incident ${number}`);
    expect(await under('saveIncident', { ...(await incident.now()), number }, [], { runId: 'r', at: 1 })).not.toContain(
      'gave',
    );
    expect(await outside()).toEqual(before);
  });

  test('10: in the place of an incident whose workflow they ended, runs nothing, and spoils no list', async () => {
    const taken = await declare(ops, { title: 'Taken over' });
    await taken.until(({ escalation }) => escalation.paged.length > 0);
    await handleOf(taken.number).terminate();
    const before = await outside();
    const record = (await taken.now())!;
    const call = (activity: string, ...args: unknown[]) => insider.call(taken.workflowId, activity, ...args);
    const save = (change: object) => {
      const entry = { key: `${taken.workflowId}/${record.rev + 1}`, at: new Date().toISOString(), actor: people };
      const about = { action: 'incident.closed', subject: taken.reference, belongsTo: incidentReference(taken.number) };
      return call('saveIncident', { ...record, rev: record.rev + 1, ...change }, [{ ...entry, ...about }], {
        runId: '{runId}',
        at: Date.now(),
      });
    };
    const order = { number: taken.number, restoration: 1, runbook: 'restart' };

    expect(await call('orderRestoration', order)).toContain('does not run by itself');
    expect(await call('orderRestoration', { ...order, command: crypto.randomUUID() })).toContain('nobody ordered');
    expect(await save({ status: 'unheard-of' })).toContain('is no incident');
    expect(await save({ tasks: 'none' })).toContain('is no incident');
    expect(await save({ team: 'ledger' })).toContain('was opened for something else');
    expect(await save({ privateTo: ['eva'] })).toContain('was opened for something else');
    expect((await ops.as('dan')('GET', '/v1/incidents')).status).toBe(200);
    expect(await outside()).toEqual(before);
  });
});
