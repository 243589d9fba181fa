import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { act } from '../../support/company.ts';
import { declare, monitoringOf, newestIncident } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { hours, minutes } from '../../support/time.ts';

let ops: Ops;

const verify = { kind: 'http' as const, url: '{{environment.url}}/healthy' };
const restart = { strategy: 'restart' as const, verify, within: '1m' };

beforeAll(async () => {
  ops = await startOps({
    restoring: {
      restart: { restores: restart, steps: [act('restart', { undo: undefined })] },
      failover: { restores: { strategy: 'failover', policy: 'second-person', verify }, steps: [act('failover')] },
      purge: {
        restores: {
          strategy: 'data-restore',
          capture: [
            { kind: 'http', url: '{{environment.url}}/queue' },
            { kind: 'tls', host: 'nobody.invalid' },
          ],
        },
        steps: [act('purge', { undo: undefined })],
      },
      unfit: { restores: { strategy: 'other', when: 'service.name == "other"' }, steps: [act('never')] },
    },
  });
});
afterAll(() => ops.stop());
beforeEach(() => {
  ops.target.calls.length = 0;
});

const calls = () => ops.target.calls.map(({ route }) => route).filter((route) => !route.startsWith('GET'));
type Found = Awaited<ReturnType<typeof declare>>;
const runbookEnds = (incident: Found, number = 1) =>
  incident.until(({ runbooks }) => runbooks[number - 1]?.endedAt !== undefined);
const order = (incident: Found, by: string, runbook: string) =>
  incident.ask(by, 'start-runbook', { runbook, reason: 'it helped the last time' });
/** The texts of mails with such a subject. */
const textsAbout = async (subject: string): Promise<string[]> => {
  const { rows } = await sql<{ text: string }>`
    select payload->>'text' as text from outbox where payload->>'subject' like ${`%${subject}%`}`.execute(ops.db);
  return rows.map(({ text }) => text);
};
const vote = async (by: string, incident: Found, decision: string) => {
  const { runbooks } = await incident.until((each) => each.runbooks[0]?.status === 'asking');
  const approval = (await ops.stores.approvals.find(runbooks[0]!.approval!))!;
  return ops.as(by)('POST', `/v1/approvals/${approval.id}/votes`, {
    decision,
    digest: approval.digest,
    reason: 'as the story wants it',
  });
};

describe('a runbook', () => {
  test('is suggested where it fits, and restores with its recovery verified', async () => {
    const incident = await declare(ops);
    expect((await incident.until(({ suggested }) => suggested.length > 0)).suggested).toEqual([
      'failover',
      'purge',
      'restart',
    ]);
    await incident.ask('cid', 'acknowledge');

    expect((await order(incident, 'cid', 'restart')).status).toBe(200);

    const restored = await incident.becomes('monitoring');
    expect(restored).toMatchObject({ strategy: 'restart', restoredBy: 'automation', assignee: 'cid' });
    expect(calls()).toEqual(['POST /restart']);
    const told = await incident.told('runbook-started', 'restored');
    expect(told.map(({ detail }) => detail['evidence'])).toEqual([
      [expect.objectContaining({ result: 'pass' })],
      expect.objectContaining({ result: 'pass' }),
    ]);
    expect((await incident.ask('cid', 'resolve', { solution: 'Restarted' })).status).toBe(200);
  });

  test('keeps what it is about to change, and what nobody can see holds nothing up', async () => {
    const incident = await declare(ops);
    await order(incident, 'cid', 'purge');

    await runbookEnds(incident);
    const [started] = await incident.told('runbook-started');
    expect(started?.detail['evidence']).toEqual([
      expect.objectContaining({ result: 'pass' }),
      expect.objectContaining({ result: 'unknown' }),
    ]);
    const routes = ops.target.calls.map(({ route }) => route);
    expect(routes.indexOf('GET /queue')).toBeLessThan(routes.indexOf('POST /purge'));
    expect(routes).toContain('GET /queue');
  });

  test('that its policy protects waits for a second person, about exactly this runbook', async () => {
    const incident = await declare(ops);
    await order(incident, 'cid', 'failover');

    const approval = (await incident.until((each) => each.runbooks[0]?.status === 'asking')).runbooks[0]!.approval!;
    const shown = await ops.as('ana')('GET', `/v1/approvals/${approval}`);
    expect(shown.body['runbook']).toMatchObject({ name: 'failover', spec: { steps: [{ name: 'failover' }] } });
    const asked = (await ops.stores.outbox.of(incident.reference)).find(({ key }) => key.startsWith('approval/'));
    expect(asked?.key).toBeDefined();
    const { rows } = await sql<{
      text: string;
    }>`select payload->>'text' as text from outbox where key = ${asked!.key}`.execute(ops.db);
    expect(rows[0]?.text).toContain('Runbook: failover (failover), on checkout in production');
    expect(rows[0]?.text).toMatch(/- failover: POST http:.*\/failover; undone by DELETE/);
    expect((await vote('cid', incident, 'approve')).status).toBe(403);
    expect(calls()).toEqual([]);
    expect((await vote('ana', incident, 'approve')).status).toBe(200);

    await incident.becomes('monitoring');
    expect(calls()).toEqual(['POST /failover']);
  });

  test.each([
    { kind: 'service', holder: 'robot', team: 'shop' },
    { kind: 'personal', holder: 'cid', team: undefined },
  ] as const)('that was ordered with a lent $kind token is not approved by whoever lent it', async (token) => {
    const incident = await declare(ops);
    const { secret } = await ops.stores.tokens.create(
      crypto.randomUUID(),
      { ...token, scope: 'operator', expiresAt: '2040-01-01T00:00:00Z' },
      { type: 'person', name: 'ana' },
      new Date().toISOString(),
    );
    const ordered = await fetch(`${ops.url}/v1/incidents/${incident.number}/start-runbook`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ runbook: 'failover', reason: 'it helped the last time' }),
    });
    expect(ordered.status).toBe(200);

    const own = await vote('ana', incident, 'approve');

    expect([own.status, own.body.detail]).toEqual([403, 'whoever requested it cannot vote']);
    const { approval = '' } = (await incident.now())!.runbooks[0]!;
    const { body } = await ops.as('ben')('GET', `/v1/approvals/${approval}`);
    expect(body).toMatchObject({ requester: token.holder, stages: [{ eligible: ['ben'] }] });
    expect(calls()).toEqual([]);
    expect((await vote('ben', incident, 'approve')).status).toBe(200);
    await incident.becomes('monitoring');
  });

  test('that is approved while its incident is on hold waits until that is resumed', async () => {
    const incident = await declare(ops);
    await incident.ask('cid', 'acknowledge');
    await order(incident, 'cid', 'failover');
    await incident.until((each) => each.runbooks[0]?.status === 'asking');
    const until = new Date(Date.now() + hours(5)).toISOString();
    expect((await incident.ask('cid', 'hold', { why: 'change', until, reason: 'freeze' })).status).toBe(200);

    await vote('ana', incident, 'approve');
    await expect.poll(async () => (await ops.stores.approvals.of(incident.reference))[0]?.status).toBe('consumed');
    await incident.skip(minutes(1));

    expect(calls()).toEqual([]);
    expect((await incident.now())?.runbooks[0]?.status).toBe('asking');
    expect((await incident.ask('cid', 'resume', { reason: 'it is allowed again' })).status).toBe(200);
    await incident.becomes('monitoring');
    expect(calls()).toEqual(['POST /failover']);
  });

  test('does not run when it is rejected, and whoever has the incident hears of it', async () => {
    const incident = await declare(ops);
    await order(incident, 'cid', 'failover');
    await vote('ana', incident, 'reject');

    const { runbooks, status } = await runbookEnds(incident);
    expect([runbooks[0]?.status, runbooks[0]?.outcome, status]).toEqual([
      'failed',
      'it was not approved: rejected',
      'triaged',
    ]);
    expect(calls()).toEqual([]);
    await expect
      .poll(() => textsAbout('a runbook has not restored it'))
      .toContainEqual(expect.stringContaining('Runbook failover failed: it was not approved: rejected'));
  });

  test('whose evidence does not pass has not restored, whatever its steps say', async () => {
    ops.target.answer('GET /healthy', 503);
    const incident = await declare(ops);
    await order(incident, 'cid', 'restart');
    await incident.until(({ runbooks }) => runbooks[0]?.status === 'verifying');
    await incident.skip(70_000);

    const { runbooks, status } = await runbookEnds(incident);
    expect([runbooks[0]?.status, status]).toEqual(['failed', 'mitigating']);
    ops.target.answer('GET /healthy', 200);
  });

  test('of another service does not run', async () => {
    const incident = await declare(ops);

    const { status, body } = await order(incident, 'cid', 'unfit');

    expect([status, body['field'], body.detail]).toEqual([
      422,
      'runbook',
      'runbook unfit is not for checkout in production',
    ]);
    expect(calls()).toEqual([]);
  });

  test('that restores nothing is refused', async () => {
    const incident = await declare(ops);

    expect((await order(incident, 'cid', 'work')).body.detail).toContain('does not say what it restores');
  });

  test('is started by an operator, not by whoever may only respond', async () => {
    const incident = await declare(ops);

    expect((await order(incident, 'dan', 'restart')).status).toBe(403);
  });
});

test('a runbook within the guard rails runs by itself, at most twice an hour', async () => {
  const guarded = { ...restart, automatic: true, standard: true, reversible: true };
  await ops.apply({ restoring: { restart: { restores: guarded, steps: [act('restart', { undo: undefined })] } } });
  const outcomes = [];
  for (let count = 0; count < 3; count += 1) {
    const incident = await declare(ops);
    const { runbooks } = await runbookEnds(incident);
    outcomes.push(runbooks[0]?.status);
  }

  expect(outcomes).toEqual(['restored', 'restored', 'failed']);
  expect(calls()).toEqual(['POST /restart', 'POST /restart']);
});

test('nothing runs by itself in a drill, and what fits is suggested once it is known where it happens', async () => {
  const guarded = { ...restart, automatic: true, standard: true, reversible: true };
  await ops.apply({ restoring: { restart: { restores: guarded, steps: [act('restart', { undo: undefined })] } } });
  const drill = await declare(ops, { kind: 'drill', service: undefined, environment: undefined, team: 'shop' });

  await drill.ask('cid', 'triage', { service: 'checkout' });
  await drill.ask('cid', 'triage', { service: 'checkout', environment: 'production' });

  expect((await drill.until(({ suggested }) => suggested.length > 0)).suggested).toContain('restart');
  expect((await drill.now())?.runbooks).toEqual([]);
  expect(calls()).toEqual([]);
});

test('alerts that take a while to end are no relapse, those that begin anew are one', async () => {
  await ops.apply({ restoring: { restart: { restores: restart, steps: [act('restart', { undo: undefined })] } } });
  const monitoring = monitoringOf(ops);
  const before = (await ops.stores.incidents.list({ limit: 1 })).items[0]!.number;
  await monitoring.fire();
  const incident = await newestIncident(ops, before);
  await incident.until(({ alerts }) => alerts.firing === 1);
  await order(incident, 'cid', 'restart');
  await incident.becomes('monitoring');

  await monitoring.fire({ labels: { alertname: 'Later' }, startsAt: new Date().toISOString() });

  const again = await incident.until(({ open }) => open.length === 2);
  expect([again.status, again.restoredBy]).toEqual(['mitigating', undefined]);
});

test('a runbook is not approved by whoever has a task in it, or was given one', async () => {
  const cut = { name: 'cut', kind: 'task' as const, title: 'Cut over', instructions: 'By hand', dueWithin: '1h' };
  const confirm = { name: 'confirm', kind: 'approval' as const, question: 'Is it well?', policy: 'second-person' };
  const restores = { strategy: 'failover' as const, policy: 'second-person' };
  await ops.apply({ restoring: { switch: { restores, steps: [{ ...cut, assignee: { person: 'ana' } }, confirm] } } });
  const incident = await declare(ops);
  await order(incident, 'cid', 'switch');
  const first = await vote('ana', incident, 'approve');
  expect([first.status, first.body.detail]).toEqual([403, 'whoever executes it cannot vote']);
  expect((await vote('ben', incident, 'approve')).status).toBe(200);
  const tasks = async () =>
    (await ops.as('cid')('GET', `/v1/tasks?belongsTo=${incident.reference}&status=open`)).body.items;
  await expect.poll(tasks).toHaveLength(1);
  const [{ id } = { id: '' }] = await tasks();
  const reassign = (to: string) => ops.as('cid')('POST', `/v1/tasks/${id}/reassign`, { to, reason: 'she is away' });
  expect([(await reassign('ben')).status, (await reassign('eva')).status]).toEqual([403, 200]);
  expect((await ops.as('eva')('POST', `/v1/tasks/${id}/complete`)).status).toBe(200);

  const asked = async () => (await ops.stores.approvals.of(incident.reference)).find(({ status }) => status === 'open');
  await expect.poll(asked).toMatchObject({ executors: ['eva', 'ana'], stages: [{ eligible: ['ben'] }] });
});
