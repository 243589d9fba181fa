import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { declare, monitoringOf, newestIncident } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { days, minutes } from '../../support/time.ts';

let ops: Ops;

beforeAll(async () => {
  ops = await startOps({ services: { web: [], store: [] } });
});
afterAll(() => ops.stop());

const inReview = async () => {
  const incident = await declare(ops, { severity: 'SEV-2' });
  await incident.ask('cid', 'acknowledge');
  await incident.ask('cid', 'set-role', { role: 'commander', person: 'ana' });
  await incident.ask('cid', 'resolve', { solution: 'Rolled back', strategy: 'rollback' });
  await incident.skip(minutes(31));
  await incident.becomes('review');
  return incident;
};

const dueOn = (inDays: number) => new Date(Date.now() + days(inDays)).toISOString().slice(0, 10);
/** What somebody makes of the review as it is shown. */
const edited = async (number: number, edit: (markdown: string) => string) => {
  const { body } = await ops.as('ana')('GET', `/v1/incidents/${number}/review`);
  return { markdown: edit(String(body['markdown'])) };
};
const written = (action: string) => (markdown: string) =>
  markdown.replace('## Contributing factors\n', '$&\n- No limit\n').replace('## Actions\n', `$&\n${action}\n`);
const action = `- Limit the pool | owner: ben | due: ${dueOn(3)} | kind: prevent | priority: P1 | effect: it stays below 80 %`;

describe('what fires again soon', () => {
  const resolved = async (service: string) => {
    const monitoring = monitoringOf(ops);
    const alert = { labels: { service, severity: 'error' } };
    const [last] = (await ops.stores.incidents.list({ limit: 1 })).items;
    await monitoring.fire(alert);
    const incident = await newestIncident(ops, last?.number);
    await incident.until(({ alerts }) => alerts.firing === 1);
    await incident.ask('cid', 'acknowledge');
    await monitoring.end(alert);
    await incident.until(({ alerts }) => alerts.firing === 0);
    await incident.ask('cid', 'resolve', { solution: 'Restarted', strategy: 'restart' });
    await incident.becomes('resolved');
    const again = () => monitoring.fire({ ...alert, startsAt: new Date().toISOString() });
    return { incident, again };
  };

  test('opens an incident again that is reviewed already, and pages', async () => {
    const { incident, again } = await resolved('web');
    expect((await incident.ask('cid', 'request-review', { reason: 'we want to know' })).status).toBe(200);
    await incident.becomes('review');

    await again();

    const { escalation } = await incident.until(
      ({ status, escalation: { paged } }) => status === 'investigating' && paged.length > 0,
    );
    expect(escalation.status).toBe('running');
  });

  test('opens another one where the first is closed, which pages', async () => {
    const { incident, again } = await resolved('store');
    expect((await incident.ask('cid', 'close', { reason: 'nothing to learn' })).status).toBe(200);
    await incident.becomes('closed');

    await again();

    const next = await newestIncident(ops, incident.number);
    expect((await next.until(({ escalation: { paged } }) => paged.length > 0)).follows).toBe(incident.number);
  });
});

describe('the review of a major incident', () => {
  test('is opened with what is known, written, signed by somebody else, and its actions are chased until they are done', async () => {
    const incident = await inReview();
    const shown = await ops.as('ana')('GET', `/v1/incidents/${incident.number}/review`);
    expect(shown.body['markdown']).toContain('rollback: Rolled back');
    expect(shown.body['markdown']).toMatch(/## Timeline\n\n- .* dan: accepted\n- .* evenkeel: opened/);
    expect(shown.body['review']).toMatchObject({ because: 'SEV-2 is always reviewed', document: { owner: 'ana' } });

    expect((await incident.ask('ana', 'review', await edited(incident.number, written(action)))).status).toBe(200);
    expect((await incident.ask('ana', 'sign-review')).status).toBe(403);
    expect((await incident.ask('cid', 'sign-review')).status).toBe(200);
    const closed = await incident.becomes('closed');
    expect(closed.review).toMatchObject({ status: 'reviewed', signedBy: 'cid', authors: ['ana'] });
    const reports = async () =>
      (await ops.stores.outbox.of(incident.reference)).filter(({ key }) => key.includes('/report/completion/')).length;
    await expect.poll(reports).toBe(1);

    await incident.skip(days(11));
    expect((await incident.told('action-chased')).length).toBe(2);
    expect(await ops.mails()).toContainEqual({
      to: 'ben@example.org',
      subject: expect.stringContaining('an action of yours is due'),
    });
    expect((await incident.ask('ben', 'complete-action', { action: 1, note: 'limited' })).status).toBe(200);
    await ops.client.workflow.getHandle(incident.workflowId).result();
    expect(await reports()).toBe(1);
    expect((await incident.ask('ben', 'complete-action', { action: 1, note: 'again' })).status).toBe(409);
  });

  test('is chased when it is not written, and closes nothing by itself', async () => {
    const incident = await inReview();

    await incident.skip(days(9));

    expect((await incident.now())?.status).toBe('review');
    expect((await incident.told('review-chased')).length).toBeGreaterThanOrEqual(3);
    expect(await ops.mails()).toContainEqual({
      to: 'ana@example.org',
      subject: expect.stringContaining('its review is due'),
    });
  });

  test('is not signed without a factor', async () => {
    const incident = await inReview();
    expect((await incident.ask('ana', 'review', await edited(incident.number, (shown) => shown))).status).toBe(200);

    expect((await incident.ask('cid', 'sign-review')).body.detail).toContain('the review has no contributing factors');
    expect((await incident.ask('cid', 'close', { reason: 'enough' })).body.detail).toContain('signs its review');
  });
});

describe('what is written in a review', () => {
  test('is never overwritten by somebody who has not read it', async () => {
    const incident = await inReview();
    const [hers, his] = await Promise.all(
      ['No limit', 'No alert'].map((factor) =>
        edited(incident.number, (shown) => shown.replace('## Contributing factors\n', `$&\n- ${factor}\n`)),
      ),
    );

    const replies = await Promise.all([incident.ask('ana', 'review', hers), incident.ask('ben', 'review', his)]);

    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 409]));
    const refused = replies.find(({ status }) => status === 409);
    expect([refused?.body['field'], refused?.body.detail]).toEqual([
      'version',
      expect.stringContaining('the review is at version 2, and this was made from 1'),
    ]);
    expect((await incident.now())?.review?.document.factors).toHaveLength(1);
  });

  test.each([
    ['an action for a stranger', written(action.replace('owner: ben', 'owner: nobody')), 'no person nobody'],
    ['an owner who is a stranger', (shown: string) => shown.replace('Owner: ana', 'Owner: nobody'), 'no person nobody'],
    ['an action that is over', written(action.replace(/due: \S+/, 'due: 2020-02-03')), 'is due on 2020-02-03'],
    [
      'of another incident',
      (shown: string) => shown.replace(/incident \d+/, 'incident 99999'),
      'incident 99999, not of',
    ],
  ])('is refused where it is %s', async (_, edit, why) => {
    const incident = await inReview();

    const { status, body } = await incident.ask('ana', 'review', await edited(incident.number, edit));

    expect([status, body.detail]).toEqual([422, expect.stringContaining(why)]);
  });
});

test('what is small closes without a review, unless somebody asks for one', async () => {
  const [small, asked] = [await declare(ops), await declare(ops)];
  for (const incident of [small, asked]) {
    await incident.ask('cid', 'acknowledge');
    await incident.ask('cid', 'resolve', { solution: 'Restarted', strategy: 'restart' });
  }
  await asked.ask('cid', 'request-review', { reason: 'it was close' });
  await small.skip(minutes(31));

  await small.becomes('closed');
  expect((await asked.becomes('review')).review?.because).toBe('it was close');
});
