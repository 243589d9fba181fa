import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LedgerEntry } from '../../domain/audit.ts';
import { evenkeel } from '../../domain/actor.rules.ts';
import { end } from '../../domain/operation-plan/record.rules.ts';
import { entriesOf } from '../../storage/ledger.ts';
import { type Ops, startOps } from '../support/ops.ts';
import { askedIn } from '../support/id.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({ template: { approvalPolicy: 'second-person' } });
});
afterAll(() => ops.stop());

test('what a lost worker saved and Temporal never heard of is taken over by what really happens', async () => {
  const plan = await ops.deploy();
  const { approval } = await plan.until((state) => state.approval?.status === 'open');
  const before = (await ops.stores.plans.find(plan.id))!.record!;
  // As a worker does that is killed between its write and the end of its workflow task.
  const entry = (rev: number): LedgerEntry => ({
    key: `${plan.workflowId}/${rev}`,
    at: new Date().toISOString(),
    actor: evenkeel,
    action: 'plan.started',
    subject: `plan/${plan.id}`,
    belongsTo: plan.reference,
  });
  const lost = {
    ...end(before, 'completed', 'all activities are done', new Date().toISOString()),
    rev: before.rev + 2,
  };
  const at = Date.now() - 1;
  const { runId } = await ops.client.workflow.getHandle(plan.workflowId).describe();
  await ops.stores.plans.save(lost, [entry(before.rev + 1), entry(before.rev + 2)], { runId, at });
  expect((await plan.now()).status).toBe('completed');

  // The plan itself still waits for its approval.
  const vote = await ops.as('ana')('POST', `/v1/approvals/${askedIn(approval)}/votes`, {
    decision: 'reject',
    digest: (await ops.stores.approvals.find(askedIn(approval)))!.digest,
    reason: 'not today',
  });

  expect(vote.status).toBe(200);
  await ops.client.workflow.getHandle(plan.workflowId).result();
  const after = await plan.now();
  expect(after.status).toBe('rejected');
  const ledger = (await entriesOf(ops.db, { belongsTo: plan.reference })).map(
    ({ body }) => JSON.parse(body) as LedgerEntry,
  );
  const own = ledger.filter(({ key }) => key.startsWith(`${plan.workflowId}/`));
  // Each revision once, none left out, and the story says what did not come to pass.
  expect(own.map(({ key }) => Number(key.split('/').at(-1)))).toEqual(own.map((_, index) => index + 1));
  expect(own).toHaveLength(after.rev);
  expect(own.find(({ action }) => action === 'history.taken-over')?.reason).toContain('did not come to pass');
  expect(own.at(-1)?.action).toMatch(/^plan\.rejected$/);
});
