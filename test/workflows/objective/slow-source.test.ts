import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ops, startOps } from '../../support/ops.ts';

/** More than the worker carries out at once. */
const looks = 80;
const hanging = createServer((request) => void request.resume());
let ops: Ops;
beforeAll(async () => {
  await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
  const prometheus = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`;
  ops = await startOps({ prometheus }, { EVENKEEL_EGRESS_ALLOW: '127.0.0.0/8' });
});
afterAll(async () => {
  hanging.closeAllConnections();
  await ops.stop();
  hanging.close();
});

test('sources that take a connection and never answer keep no step of a plan from its turn', async () => {
  const runs = await Promise.all(
    Array.from({ length: looks }, () =>
      ops.client.workflow.start('measureObjectives', {
        taskQueue: ops.taskQueue,
        workflowId: `objective/story/${randomUUID()}/checkout-availability`,
      }),
    ),
  );
  const waiting = async (): Promise<number> => {
    const shown = await Promise.all(runs.map((run) => run.describe()));
    return shown.filter(({ raw }) => (raw.pendingActivities ?? []).length > 0).length;
  };
  await expect.poll(waiting, { timeout: 30_000 }).toBeGreaterThan(looks / 2);

  const plan = await ops.deploy();
  await plan.becomes('completed');

  expect(await waiting()).toBeGreaterThan(0);
  await Promise.all(runs.map((run) => run.terminate().catch(() => undefined)));
});
