import { ApplicationFailure, WorkflowUpdateFailedError } from '@temporalio/client';
import { expect, test } from 'vitest';
import { createDelivery, type DeliveryPorts } from '../../workers/delivery.ts';
import { person } from '../support/builders.ts';

const row = {
  id: 'c-1',
  kind: 'command',
  name: 'pausePlan',
  target: 'operation-plan/checkout/production/1',
  content: { ask: { type: 'pause', reason: 'wait' } },
  actor: person('cid'),
  receivedAt: '2026-01-01T10:00:00.000Z',
  fence: 1,
} as never;

const asked = { type: 'pause', reason: 'wait', command: 'c-1', by: person('cid'), at: '2026-01-01T10:00:00.000Z' };

/** What becomes of a command when Temporal has this to say of it. */
const delivered = (answer: () => Promise<unknown>) => {
  const ports = {
    client: {
      withDeadline: (_: number, ask: () => unknown) => ask(),
      workflow: { getHandle: () => ({ executeUpdate: answer }) },
    },
    inbox: { settle: async () => undefined, putBack: async () => undefined },
  } as unknown as DeliveryPorts;
  return createDelivery(ports).deliver(row);
};
const refusing = (details: object) => async () => {
  const cause = ApplicationFailure.nonRetryable('what Temporal holds in plain', 'conflict', details);
  throw new WorkflowUpdateFailedError('Workflow Update failed', cause);
};

test('a command is applied or refused as its workflow says', async () => {
  expect(await delivered(async () => ({ receiptOf: 'c-1', rev: 7 }))).toEqual({ state: 'applied', verdict: {} });
  expect(await delivered(refusing({ refusalOf: 'c-1', code: 'conflict', reason: 'it is paused already' }))).toEqual({
    state: 'refused',
    verdict: { code: 'conflict', reason: 'it is paused already' },
  });
});

test.each([
  ['the receipt of another command', async () => ({ receiptOf: 'c-0', rev: 7 })],
  ['nothing', async () => undefined],
  ['the refusal of another command', refusing({ refusalOf: 'c-0', code: 'conflict', reason: 'no' })],
  ['a refusal that names none', refusing({})],
  ['the command itself as its receipt', async () => asked],
  ['the command itself as its refusal', refusing(asked)],
  ['a refusal without a reason', refusing({ refusalOf: 'c-1', code: 'conflict' })],
  ['a refusal by a code that there is not', refusing({ refusalOf: 'c-1', code: 'never', reason: 'no' })],
])('%s decides nothing: it is delivered again, and parked in the end', async (_, answer) => {
  expect(await delivered(answer)).toMatchObject({ state: 'later', poisoned: true });
});
