import { afterAll, beforeAll, expect, test } from 'vitest';
import { plansUnderWay } from '../../../storage/operation-plan.ts';
import { type Ops, type Plan, startOps } from '../../support/ops.ts';
import { days, hours } from '../../support/time.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({
    plans: { goLive: 'acceptance' },
    templates: {
      acceptance: {
        checklists: {},
        window: 'window',
        decideWithin: '3d',
        activities: [
          { name: 'verify', runbook: 'work' },
          {
            name: 'hypercare',
            after: ['verify'],
            hypercare: {
              exit: [
                {
                  id: 'EXIT-1',
                  title: 'It answers',
                  evidence: { kind: 'http', url: '{{environment.url}}/health' },
                },
              ],
            },
          },
        ],
      },
    },
  });
});
afterAll(() => ops.stop());

const goLive = async (): Promise<Plan> => {
  const place = { kind: 'go-live', service: 'checkout', environment: 'production' };
  const { body } = await ops.as('cid')('POST', '/v1/transitions', place);
  return ops.opened(body['accepted']);
};
const stage = async () => (await ops.as('vic')('GET', '/v1/services/checkout')).body['lifecycle'];
const hypercareOf = (plan: Awaited<ReturnType<Plan['now']>>) =>
  plan.activities.find(({ name }) => name === 'hypercare');

test('hypercare ends after two weeks when its exit criteria are met, and the service is live', async () => {
  const plan = await goLive();
  await plan.until((now) => hypercareOf(now)?.detail !== undefined);
  expect(await stage()).toMatchObject({ stage: 'hypercare', plan: plan.id });
  // Nothing is done to the service, so its plan explains no alert.
  expect((await plansUnderWay(ops.db)).map(({ reference }) => reference)).not.toContain(plan.reference);

  await plan.skip(days(13));
  expect((await plan.now()).status).toBe('running');
  await plan.skip(days(1));

  const ended = await plan.becomes('completed');
  expect(hypercareOf(ended)).toMatchObject({ status: 'done', detail: '1 of 1 exit criteria are met' });
  expect(await stage()).toMatchObject({ stage: 'live', plan: plan.id });
});

test('hypercare goes on while a criterion is not met, and ends the day it is', async () => {
  ops.target.answer('GET /health', 503);
  const plan = await goLive();
  await plan.until((now) => hypercareOf(now)?.detail?.includes('EXIT-1 It answers: fail') === true);

  await plan.skip(days(20));
  expect(hypercareOf(await plan.now())?.status).toBe('running');
  ops.target.answer('GET /health', 200);
  await plan.skip(days(1));

  await plan.becomes('completed');
});

test('after four weeks a person decides: it may be tried for as long once more', async () => {
  ops.target.answer('GET /health', 503);
  const plan = await goLive();
  await plan.until((now) => hypercareOf(now)?.detail !== undefined);

  await plan.skip(days(28) + hours(1));
  await plan.until((now) => hypercareOf(now)?.status === 'failed');
  expect((await ops.subjects()).some((subject) => subject.includes('hypercare'))).toBe(true);
  ops.target.answer('GET /health', 200);
  await plan.ask('cid', 'retry', { activity: 'hypercare', reason: 'it answers now' });
  await plan.until((now) => hypercareOf(now)?.round === 2 && hypercareOf(now)?.status === 'running');
  await plan.skip(days(14));

  expect(hypercareOf(await plan.becomes('completed'))?.round).toBe(2);
});

test('a plan that is cancelled in its hypercare undoes its work, and the service is where it was', async () => {
  const plan = await goLive();
  await plan.until((now) => hypercareOf(now)?.detail !== undefined);

  await plan.ask('cid', 'cancel', { reason: 'it was too early' });

  const ended = await plan.becomes('cancelled');
  expect(ended.activities.map(({ status }) => status)).toEqual(['undone', 'cancelled']);
  expect(await stage()).toMatchObject({ stage: 'live' });
});

test('a criterion that a person attests is met at once', async () => {
  const attested = {
    id: 'EXIT-2',
    title: 'They know it',
    evidence: { kind: 'attestation' as const, statement: 'We can run it alone' },
  };
  await ops.apply({
    templates: {
      acceptance: { checklists: {}, activities: [{ name: 'hypercare', hypercare: { exit: [attested] } }] },
    },
  });
  const plan = await goLive();
  await plan.until((now) => hypercareOf(now)?.detail?.startsWith('0 of 1') === true);

  const word = {
    service: 'checkout',
    environment: 'production',
    check: 'EXIT-2',
    statement: 'We can',
    validFor: '60d',
  };
  expect((await ops.as('dan')('POST', '/v1/attestations', word)).status).toBe(201);

  await plan.until((now) => hypercareOf(now)?.detail?.startsWith('1 of 1') === true);
  await plan.skip(days(14) + hours(1));
  await plan.becomes('completed');
});
