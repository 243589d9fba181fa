import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ops, startOps } from '../../support/ops.ts';
import { days, hours } from '../../support/time.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

/** Its owner writes how it stands while people work. */
const reported = {
  template: {
    statusReportEvery: '8h',
    activities: [{ name: 'watch', task: { title: 'Watch it', assignee: { team: 'shop' }, dueWithin: '10d' } }],
  },
};

describe('a plan that lives for weeks', () => {
  test('chases the status report that falls due, and sends it on', async () => {
    await ops.apply(reported);
    const plan = await ops.deploy();
    await plan.becomes('running');
    await plan.skip(hours(11));
    await plan.until(({ statusReport }) => (statusReport?.chased ?? 0) >= 2);

    const reply = await plan.ask('dan', 'report-status', { text: 'All is well' });

    expect(reply.status).toBe(200);
    await plan.until(({ statusReport }) => statusReport?.number === 2);
    await expect
      .poll(() => ops.subjects())
      .toEqual(
        expect.arrayContaining(['checkout in production: a status report is due', 'Status: checkout in production']),
      );
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
    await plan.becomes('cancelled');
  });

  test('sends every status report that it took, also those of its last moment', async () => {
    await ops.apply(reported);
    const plan = await ops.deploy();
    await plan.becomes('running');
    const texts = ['half done', 'nearly done', 'as good as done'];

    const replies = await Promise.all([
      ...texts.map((text) => plan.ask('dan', 'report-status', { text })),
      plan.ask('cid', 'cancel', { reason: 'the story ends' }),
    ]);

    await plan.becomes('cancelled');
    const { body } = await ops.as('cid')('GET', `/v1/operation-plans/${plan.id}/reports`);
    const sent = JSON.stringify(body);
    const taken = texts.filter((_, index) => replies[index]!.status === 200);
    expect(taken).not.toEqual([]);
    for (const text of taken) expect(sent).toContain(text);
  });

  test('starts inside the maintenance window, not before', async () => {
    const inTwoDays = new Date(Date.now() + days(2));
    const opens = `0 ${inTwoDays.getUTCHours()} ${inTwoDays.getUTCDate()} ${inTwoDays.getUTCMonth() + 1} *`;
    await ops.apply({ window: { zone: 'UTC', opens, lasts: '2h' }, template: { window: 'window' } });
    const plan = await ops.deploy();
    const scheduled = await plan.becomes('scheduled');
    expect(scheduled.startAt).toBe(new Date(Math.floor(inTwoDays.getTime() / 3_600_000) * 3_600_000).toISOString());

    await plan.skip(days(2));

    await plan.becomes('completed');
  });

  test('does not start while it is paused, and finds another opening when it missed its own', async () => {
    // Closed now, whatever the hour.
    const hour = new Date(Date.now() + hours(6)).getUTCHours();
    await ops.apply({
      window: { zone: 'UTC', opens: `0 ${hour} * * *`, lasts: '2h' },
      template: { window: 'window', decideWithin: '7d' },
    });
    const plan = await ops.deploy();
    const { startAt } = await plan.becomes('scheduled');
    await plan.ask('cid', 'pause', { reason: 'the network is being mended' });

    await plan.skip(Date.parse(startAt!) - Date.now() + hours(3));
    expect((await plan.now()).status).toBe('scheduled');
    await plan.ask('cid', 'resume', { reason: 'mended' });

    const later = await plan.until((state) => state.startAt !== undefined && state.startAt !== startAt);
    expect(later.status).toBe('scheduled');
    await plan.skip(days(1));
    await plan.becomes('completed');
  });
});
