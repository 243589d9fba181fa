import { afterAll, beforeAll, expect, test } from 'vitest';
import { declare } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { minutes } from '../../support/time.ts';

let ops: Ops;

beforeAll(async () => {
  const targets = { timeToOwn: { within: '20m' }, timeToResolve: { within: '4h' } };
  ops = await startOps({ severities: { responses: { 'SEV-3': { progressWithin: '7d', ...targets } } } });
});
afterAll(() => ops.stop());

const warningsTo = async (number: number) => {
  const mails = await ops.mails();
  return mails.flatMap(({ to, subject }) =>
    subject.includes(`incident ${number}`) && /(has it yet|time to (own|resolve))/.test(subject)
      ? [`${to.split('@')[0]}: ${/nobody has it yet|its time to .*/.exec(subject)![0]}`]
      : [],
  );
};

test('its clocks are shown, and whoever has it is warned once each, the team where nobody has it', async () => {
  const incident = await declare(ops);
  const clocks = async () => (await ops.as('ana')('GET', `/v1/incidents/${incident.number}`)).body['clocks'];
  expect(await clocks()).toMatchObject([
    { of: 'own', state: 'running', target: minutes(20) },
    { of: 'resolve', state: 'running', target: minutes(240) },
  ]);

  await incident.skip(minutes(16));
  await expect.poll(() => warningsTo(incident.number)).toContain('dan: nobody has it yet');
  expect((await incident.ask('cid', 'acknowledge')).status).toBe(200);
  await incident.skip(minutes(30));
  expect((await warningsTo(incident.number)).filter((mail) => !mail.endsWith('nobody has it yet'))).toEqual([]);
  await incident.skip(minutes(140));
  await expect.poll(() => warningsTo(incident.number)).toContain('cid: its time to resolve is nearly over');

  // Commands have the time at which they came, which a story does not move: it is on hold from the first minute on.
  const until = new Date(Date.now() + minutes(486)).toISOString();
  expect((await incident.ask('cid', 'hold', { why: 'vendor', until, reason: 'ticket 4711' })).status).toBe(200);
  await incident.skip(minutes(305));
  await incident.becomes('investigating');
  expect(await warningsTo(incident.number)).not.toContain('cid: its time to resolve is over');
  await incident.skip(minutes(240));
  await expect.poll(() => warningsTo(incident.number)).toContain('cid: its time to resolve is over');

  const told = await incident.told('clock-at-risk', 'clock-breached');
  expect(told.map(({ action, minute, detail }) => [action, detail['clock'], minute])).toEqual([
    ['clock-at-risk', 'time to own', 15],
    ['clock-at-risk', 'time to resolve', 180],
    ['clock-breached', 'time to resolve', 726],
  ]);
  const mails = await warningsTo(incident.number);
  expect(mails.length).toBe(new Set(mails).size);
  expect((await incident.ask('cid', 'resolve', { solution: 'Patched', strategy: 'other' })).status).toBe(200);
  // By the clock of its workflow, the time in which it could be opened again is over.
  await incident.becomes('closed');
  expect(await clocks()).toMatchObject([{ state: 'met' }, { state: 'met' }]);
});

test('a drill has no clocks, and nobody is warned', async () => {
  const drill = await declare(ops, { kind: 'drill' });
  await drill.skip(minutes(300));

  expect((await ops.as('ana')('GET', `/v1/incidents/${drill.number}`)).body['clocks']).toEqual([]);
  expect(await drill.told('clock-at-risk', 'clock-breached')).toEqual([]);
});
