import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { act } from '../support/company.ts';
import { declare } from '../support/monitoring.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  process.env['EVENKEEL_SECRET_SIGNING'] = 'signing-secret';
  ops = await startOps({
    restoring: {
      failover: { restores: { strategy: 'failover', policy: 'second-person' }, steps: [act('failover')] },
    },
    channels: { chat: { type: 'slack', token: 'nobody-has-it', to: 'C1', api: 'http://127.0.0.1:1' } },
    people: {
      ana: { logins: { slack: ['T0SHOP/U0ANA'] }, contacts: [{ channel: 'chat', address: 'U0ANA' }] },
      cid: { logins: { slack: ['T0SHOP/U0CID'] } },
      vic: { logins: { slack: ['T0SHOP/U0VIC'] } },
      eva: { logins: { slack: ['T0SHOP/U0EVA'] } },
    },
    sources: {
      chat: { format: 'slack', team: 'shop', secrets: ['signing'], approvals: true },
      'pages-only': { format: 'slack', team: 'shop', secrets: ['signing'] },
      foreign: { format: 'slack', team: 'other', secrets: ['signing'] },
    },
  });
});
afterAll(() => ops.stop());

let presses = 0;
const pressed = (incident: number, user: string, more: object = {}): object => {
  presses += 1;
  return {
    type: 'block_actions',
    user: { id: user, username: 'whoever', team_id: 'T0SHOP' },
    team: { id: 'T0SHOP' },
    token: 'legacy',
    container: { message_ts: '1.1', channel_id: 'C0OPS' },
    actions: [
      { action_id: 'acknowledge', block_id: 'evenkeel/chat', value: `${incident}.0`, action_ts: `170.${presses}` },
    ],
    ...more,
  };
};

const seconds = (): number => Math.floor(Date.now() / 1_000);
const press = async (
  payload: unknown,
  {
    secret = 'signing-secret',
    at = seconds(),
    source = 'chat',
  }: { secret?: string; at?: number; source?: string } = {},
) => {
  const body = new URLSearchParams({ payload: typeof payload === 'string' ? payload : JSON.stringify(payload) });
  const reply = await fetch(`${ops.url}/v1/hooks/slack/${source}`, {
    method: 'POST',
    body,
    headers: {
      'x-slack-request-timestamp': String(at),
      'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${at}:${body.toString()}`).digest('hex')}`,
    },
  });
  return { status: reply.status, body: await reply.text() };
};

/** What people were told of an incident in private. */
const whispers = async ({ reference }: { reference: string }): Promise<[string, string][]> => {
  const { rows } = await sql<{ only: string; text: string }>`
    select payload ->> 'only' as only, payload ->> 'text' as text from outbox
    where belongs_to = ${reference} and payload ? 'only' order by created_at`.execute(ops.db);
  return rows.map(({ only, text }) => [only, text]);
};

describe('a button in Slack', () => {
  test('acknowledges the incident for whoever presses it, and is answered with nothing', async () => {
    const incident = await declare(ops);

    expect(await press(pressed(incident.number, 'U0ANA'))).toEqual({ status: 200, body: '' });

    const { acknowledgement } = await incident.until((now) => now.acknowledgement !== undefined);
    expect(acknowledgement).toMatchObject({ by: 'ana' });
    expect(await whispers(incident)).toEqual([]);
  });

  test('that is told twice acknowledges once', async () => {
    const incident = await declare(ops);
    const payload = pressed(incident.number, 'U0ANA');
    await press(payload);
    await press(payload);

    expect(await whispers(incident)).toEqual([]);
    await incident.until((now) => now.acknowledgement !== undefined);
  });

  test('refuses in private whom nobody knows, and does not guess', async () => {
    const incident = await declare(ops);

    expect(await press(pressed(incident.number, 'U0NOBODY'))).toEqual({ status: 200, body: '' });
    // The same member of another workspace is somebody else.
    await press(pressed(incident.number, 'U0ANA', { user: { id: 'U0ANA', team_id: 'T0OTHER' } }));

    expect(await whispers(incident)).toEqual([
      ['U0NOBODY', expect.stringContaining('have T0SHOP/U0NOBODY added to logins.slack')],
      ['U0ANA', expect.stringContaining('have T0OTHER/U0ANA added to logins.slack')],
    ]);
    expect((await incident.now())?.acknowledgement).toBeUndefined();
  });

  test('gives nobody more than they may do by the API', async () => {
    const incident = await declare(ops);
    await press(pressed(incident.number, 'U0VIC'));
    await press(pressed(incident.number, 'U0EVA'));

    expect(await whispers(incident)).toEqual([
      ['U0VIC', `Not acknowledged: for incident ${incident.number}, vic needs the role responder in team shop`],
      ['U0EVA', `Not acknowledged: there is no incident ${incident.number}`],
    ]);
    expect((await incident.now())?.acknowledgement).toBeUndefined();
  });

  test('of a source of another team speaks for none of its own', async () => {
    const incident = await declare(ops);

    expect((await press(pressed(incident.number, 'U0ANA'), { source: 'foreign' })).status).toBe(200);

    expect((await incident.now())?.acknowledgement).toBeUndefined();
    expect(await whispers(incident)).toEqual([]);
  });

  test.each([
    ['of another team', {}, 'foreign'],
    ['that is private', { privateTo: ['dan'] }, 'chat'],
    ['that is private, by a source of another team', { privateTo: ['dan'] }, 'foreign'],
  ])('writes nothing to any conversation under an incident %s', async (_, declared, source) => {
    const incident = await declare(ops, declared);

    for (const user of ['U0EVA', 'U0NOBODY', 'U0VIC'])
      expect(await press(pressed(incident.number, user), { source })).toEqual({ status: 200, body: '' });

    expect(await whispers(incident)).toEqual([]);
  });

  test('that somebody has pressed before says so', async () => {
    const incident = await declare(ops);
    await press(pressed(incident.number, 'U0ANA'));
    await incident.until((now) => now.acknowledgement !== undefined);

    await press(pressed(incident.number, 'U0ANA'));

    expect(await whispers(incident)).toEqual([['U0ANA', expect.stringContaining('you acknowledged it at')]]);
  });

  test.each([
    ['with another secret', { secret: 'guessed' }],
    ['of six minutes ago', { at: seconds() - 360 }],
    ['from the future', { at: seconds() + 360 }],
  ])('%s is not believed', async (_, how) => {
    const incident = await declare(ops);

    expect((await press(pressed(incident.number, 'U0ANA'), how)).status).toBe(401);
    expect((await incident.now())?.acknowledgement).toBeUndefined();
  });

  test.each([
    ['another kind of interaction', { type: 'view_submission', user: { id: 'U0ANA' } }, 200],
    ['a button of somebody else', pressed(1, 'U0ANA', { actions: [] }), 200],
    ['no JSON', '{"half": ', 400],
    ['no interaction', '[]', 400],
  ])('%s does nothing', async (_, payload, status) => {
    expect((await press(payload)).status).toBe(status);
  });

  test('is known to no source of another format', async () => {
    expect((await press(pressed(1, 'U0ANA'), { source: 'github' })).status).toBe(404);
  });
});

describe('an approval in Slack', () => {
  /** A runbook that ben ordered, which somebody else has to approve. */
  const ordered = async () => {
    const incident = await declare(ops);
    await incident.ask('ben', 'start-runbook', { runbook: 'failover', reason: 'it helped the last time' });
    const { runbooks } = await incident.until((each) => each.runbooks[0]?.status === 'asking');
    const approval = (await ops.stores.approvals.find(runbooks[0]!.approval!))!;
    return { incident, approval, now: () => ops.stores.approvals.find(approval.id) };
  };
  const pressedFor = (approval: { id: string; stage: number; digest: string }, user: string, more: object = {}) => {
    const value = JSON.stringify({ approval: approval.id, stage: approval.stage, digest: approval.digest, ...more });
    return pressed(0, user, {
      actions: [{ action_id: 'approve', block_id: 'evenkeel/chat', value, action_ts: `180.${presses}` }],
    });
  };

  test('has a button, bound to what was shown, for whoever is asked and can be reached there', async () => {
    const { incident, approval } = await ordered();

    const asked = async () =>
      (
        await sql<{ to: string; button: object }>`
          select payload ->> 'to' as "to", payload -> 'button' as button from outbox
          where belongs_to = ${incident.reference} and kind = 'slack' and payload -> 'button' ? 'approval'`.execute(
          ops.db,
        )
      ).rows;
    const button = { approval: approval.id, stage: 0, digest: approval.digest };
    await expect.poll(asked).toEqual([{ to: 'U0ANA', button }]);
  });

  test('counts for the person who presses it, and the runbook runs', async () => {
    const { incident, approval, now } = await ordered();

    expect(await press(pressedFor(approval, 'U0ANA'))).toEqual({ status: 200, body: '' });

    expect((await now())?.votes).toMatchObject([{ voter: 'ana', decision: 'approve', channel: 'slack' }]);
    await incident.until(({ runbooks }) => runbooks[0]?.startedAt !== undefined);
    expect(await whispers(incident)).toEqual([]);
  });

  test.each([
    ['who is not asked', 'U0CID', {}, 'chat', 'takes the role approver'],
    ['about something else than was shown', 'U0ANA', { digest: '0'.repeat(64) }, 'chat', 'digest'],
    ['by a Source that takes no approvals', 'U0ANA', {}, 'pages-only', 'approvals: true'],
  ])('does not count for somebody %s', async (_, user, more, source, why) => {
    const { incident, approval, now } = await ordered();

    expect((await press(pressedFor(approval, user, more), { source })).status).toBe(200);

    expect((await now())?.votes).toEqual([]);
    expect(await whispers(incident)).toEqual([[user, expect.stringContaining(why)]]);
  });

  test('does not count by a Source of another team, which hears nothing', async () => {
    const { incident, approval, now } = await ordered();

    expect((await press(pressedFor(approval, 'U0ANA'), { source: 'foreign' })).status).toBe(200);

    expect([(await now())?.votes, await whispers(incident)]).toEqual([[], []]);
  });

  test.each(['a\0b', 'a b', '\ud800', 'x'.repeat(401)])('of no id that we make is none of ours: %j', async (id) => {
    const button = { id, stage: 0, digest: '0'.repeat(64) };

    expect(await press(pressedFor(button, 'U0ANA'))).toEqual({ status: 200, body: '' });
  });

  test('does not count for who has ordered it', async () => {
    const incident = await declare(ops);
    await incident.ask('ana', 'start-runbook', { runbook: 'failover', reason: 'it helped the last time' });
    const { runbooks } = await incident.until((each) => each.runbooks[0]?.status === 'asking');
    const approval = (await ops.stores.approvals.find(runbooks[0]!.approval!))!;

    await press(pressedFor(approval, 'U0ANA'));

    expect((await ops.stores.approvals.find(approval.id))?.votes).toEqual([]);
    expect(await whispers(incident)).toEqual([['U0ANA', expect.stringContaining('Not approved: ')]]);
  });
});
