import { afterAll, beforeAll, expect, test } from 'vitest';
import { act } from '../../support/company.ts';
import { declare, monitoringOf, newestIncident } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({}, { EVENKEEL_MESSAGES_PER_RUN: '1' });
});
afterAll(() => ops.stop());

const alert = (alertname: string, severity = 'error') => ({ labels: { service: 'checkout', alertname, severity } });

test('an incident that continues as new hears of every alert, and notifies everybody it is assigned to', async () => {
  const monitoring = monitoringOf(ops);
  await monitoring.fire(alert('A'));
  const incident = await newestIncident(ops);
  await incident.until(() => true);
  const { runId } = await ops.client.workflow.getHandle(incident.workflowId).describe();

  for (const [index, person] of ['cid', 'ben', 'ana', 'cid', 'ben'].entries()) {
    const isLast = index === 4;
    await Promise.all([
      incident.ask('dan', 'assign', { to: person }),
      monitoring.fire(alert(`more-${index}`, isLast ? 'critical' : 'error')),
      incident.ask('dan', 'note', { text: `note ${index}` }),
    ]);
    await incident.until(({ assignee }) => assignee === person);
  }

  const heard = await incident.until(({ alerts }) => alerts.total === 6);
  expect(heard.severity).toBe('SEV-2');
  const assigned = async () =>
    (await ops.stores.outbox.of(incident.reference)).filter(({ key }) => key.includes('/assigned/')).length;
  await expect.poll(assigned).toBe(5);
  expect((await ops.client.workflow.getHandle(incident.workflowId).describe()).runId).not.toBe(runId);
});

test('a runbook that is applied later does not run by itself in an incident that people work on', async () => {
  const incident = await declare(ops);
  await incident.ask('cid', 'acknowledge');
  const [{ runId }] = [await ops.client.workflow.getHandle(incident.workflowId).describe()];
  const restores = { strategy: 'restart' as const, automatic: true, standard: true, reversible: true, touches: 1 };
  await ops.apply({ restoring: { auto: { restores, steps: [act('auto')] } } });

  for (const text of ['one', 'two']) await incident.ask('dan', 'note', { text });
  await expect
    .poll(async () => (await ops.client.workflow.getHandle(incident.workflowId).describe()).runId)
    .not.toBe(runId);
  await incident.ask('dan', 'note', { text: 'three' });

  expect((await incident.now())?.runbooks).toEqual([]);
  expect(ops.target.calls).toEqual([]);
});
