import { afterAll, beforeAll, expect, test } from 'vitest';
import { monitoringOf, newestIncident } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';

let ops: Ops;
let monitoring: ReturnType<typeof monitoringOf>;

beforeAll(async () => {
  ops = await startOps();
  monitoring = monitoringOf(ops);
});
afterAll(() => ops.stop());

test('an alert of Alertmanager becomes an incident, pages, is acknowledged and resolved', async () => {
  expect((await monitoring.fire()).status).toBe(202);

  const incident = await newestIncident(ops);
  const paged = await incident.until(({ escalation }) => escalation.paged.length > 0);
  expect(paged).toMatchObject({ status: 'triaged', severity: 'SEV-2', service: 'checkout', environment: 'production' });
  expect(await ops.subjects()).toContain('SEV-2 checkout in production: Too many errors');

  expect((await incident.ask('dan', 'acknowledge')).status).toBe(200);
  expect(await incident.now()).toMatchObject({ status: 'investigating', assignee: 'dan' });
  expect(
    (await incident.ask('dan', 'resolve', { solution: 'Rolled back', strategy: 'rollback' })).body.detail,
  ).toContain('still fire');
  await monitoring.end();
  await incident.until(({ alerts }) => alerts.firing === 0);
  expect((await incident.ask('dan', 'resolve', { solution: 'Rolled back', strategy: 'rollback' })).status).toBe(200);
  await incident.becomes('resolved');
  await incident.skip(31 * 60_000);
  await incident.becomes('review');
  const pages = (await ops.mails()).filter(({ subject }) => subject.startsWith('SEV-2'));
  expect(pages.map(({ to }) => to)).toEqual(['ana', 'ben', 'cid', 'dan'].map((name) => `${name}@example.org`));
});
