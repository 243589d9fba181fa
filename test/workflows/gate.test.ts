import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { idOf, planReference } from '../../domain/identifiers.ts';
import { entriesOf } from '../../storage/ledger.ts';
import type { Circumstances } from '../support/company.ts';
import { appId, type Github, startGithub } from '../support/github.ts';
import { askedIn, planId } from '../support/id.ts';
import { type Ops, startOps } from '../support/ops.ts';

/** An environment of GitHub Actions waits for a plan, and hears how it ended. */
let github: Github;
let ops: Ops;
const company = (): Omit<Circumstances, 'target'> => ({
  plans: { gate: 'release' },
  template: { approvalPolicy: 'second-person' },
  sources: {
    actions: {
      format: 'github',
      team: 'shop',
      secrets: ['github'],
      app: { id: appId, privateKey: 'app-key', api: github.api },
      mappings: [
        {
          from: 'Codertocat/Hello-World',
          environment: 'orphans',
          to: { service: 'orphan', environment: 'production' },
        },
        { from: 'Codertocat/Hello-World', to: { service: 'checkout', environment: 'production' } },
      ],
    },
  },
});

beforeAll(async () => {
  github = await startGithub();
  process.env['EVENKEEL_SECRET_APP_KEY'] = github.privateKey;
  ops = await startOps({}, { EVENKEEL_EGRESS_ALLOW: '127.0.0.0/8' });
  await ops.apply(company());
});
afterAll(async () => {
  await ops.stop();
  await github.stop();
});

const recorded = readFileSync(
  new URL('../payloads/github/deployment_protection_rule.requested.json', import.meta.url),
  'utf8',
);
let runs = 5201934567;

const bodyOf = (run: number, changed: object = {}): string =>
  JSON.stringify({
    ...(JSON.parse(recorded) as object),
    deployment_callback_url: `${github.api}/repos/Codertocat/Hello-World/actions/runs/${run}/deployment_protection_rule`,
    ...changed,
  });

const send = async (
  body: string,
  delivery: string = crypto.randomUUID(),
  source = 'actions',
  secret = 'github-secret',
) => {
  const response = await fetch(`${ops.url}/v1/hooks/github/${source}`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'deployment_protection_rule',
      'x-github-delivery': delivery,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
  });
  return { status: response.status, body: (await response.json()) as { accepted: string[]; detail: string } };
};

const rowOf = async (id: string) => {
  await expect.poll(async () => (await ops.stores.inbox.find(id))?.state, { timeout: 20_000 }).not.toBe('accepted');
  return (await ops.stores.inbox.find(id))!;
};

/** GitHub asks for a run; the plan that decides. */
const asked = async (body = bodyOf((runs += 1)), delivery?: string) => {
  const { status, body: receipt } = await send(body, delivery);
  expect(status).toBe(202);
  const { state, verdict } = await rowOf(receipt.accepted[0]!);
  expect({ state, reason: verdict?.reason }).toEqual({ state: 'delivered', reason: undefined });
  return { id: planId(idOf(verdict!.records![0]!)), run: runs };
};

const vote = async (plan: ReturnType<typeof planId>, who: string, decision = 'approve') => {
  await expect
    .poll(async () => (await ops.stores.plans.find(plan))?.record?.approval?.status, { timeout: 20_000 })
    .toBe('open');
  const id = askedIn((await ops.stores.plans.find(plan))!.record!.approval);
  const { digest } = (await ops.stores.approvals.find(id))!;
  return ops.as(who)('POST', `/v1/approvals/${id}/votes`, { decision, digest, reason: 'not in the holidays' });
};

const answersTo = (run: number) => github.answers.filter(({ path }) => path.includes(`/runs/${run}/`));
const answered = async (run: number) => {
  await expect.poll(() => answersTo(run).length, { timeout: 20_000 }).toBe(1);
  return answersTo(run)[0]!;
};
const effectOf = async (plan: ReturnType<typeof planId>) =>
  (await ops.stores.outbox.of(planReference(plan))).find(({ key }) => key === `${planReference(plan)}/gate`);

describe('a gate', () => {
  test('opens when its plan is completed', async () => {
    const { id, run } = await asked();
    expect(answersTo(run)).toEqual([]);

    await vote(id, 'ana');

    const { environment_name, state, comment } = await answered(run);
    expect({ environment_name, state }).toEqual({ environment_name: 'production', state: 'approved' });
    expect(comment).toMatch(new RegExp(`^Operation plan completed \\(http.*/v1/operation-plans/${id}\\)$`));
    await expect.poll(async () => (await effectOf(id))?.state).toBe('sent');
  });

  test('stays shut when its plan is rejected, and says why', async () => {
    const { id, run } = await asked();

    await vote(id, 'ana', 'reject');

    expect(await answered(run)).toMatchObject({
      state: 'rejected',
      comment: expect.stringMatching(/^Operation plan rejected: .*not in the holidays.*\/v1\/operation-plans\//),
    });
  });

  test('stays shut when its plan is cancelled, and when its work was undone', async () => {
    const first = await asked();
    await ops.as('cid')('POST', `/v1/operation-plans/${first.id}/cancel`, { reason: 'the wrong branch' });
    expect(await answered(first.run)).toMatchObject({ state: 'rejected' });

    ops.target.answer('POST /two', 500);
    const second = await asked();
    await vote(second.id, 'ana');

    expect(await answered(second.run)).toMatchObject({
      state: 'rejected',
      comment: expect.stringMatching(/^Operation plan undone: /),
    });
    ops.target.answer('POST /two', 200);
  });

  test('is approved neither by who started the run nor by who wrote what it deploys', async () => {
    await ops.apply({
      ...company(),
      people: { ana: { logins: { github: ['Hubot-Reader'] } }, ben: { logins: { github: ['Codertocat'] } } },
    });
    const { id } = await asked();

    expect([(await vote(id, 'ana')).status, (await vote(id, 'ben')).status]).toEqual([403, 403]);

    await ops.as('cid')('POST', `/v1/operation-plans/${id}/cancel`, { reason: 'nobody is left' });
    await ops.apply(company());
  });

  test('that GitHub asks for again opens nothing new: the same delivery, or the same run while its plan is open', async () => {
    const delivery = crypto.randomUUID();
    const body = bodyOf((runs += 1));
    const { id, run } = await asked(body, delivery);

    const again = await send(body, delivery);
    expect((await rowOf(again.body.accepted[0]!)).verdict?.records).toEqual([planReference(id)]);
    expect((await asked(body)).id).toBe(id);

    await vote(id, 'ana');
    await answered(run);
    expect((await send(body, delivery)).body.accepted).toEqual(again.body.accepted);
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from operation_plan where commission #>> '{trigger,gate,run}' = ${String(run)}`.execute(
      ops.db,
    );
    expect(rows).toEqual([{ count: 1 }]);
  });

  test('of a run that is started again after its plan has ended has a plan of its own', async () => {
    const body = bodyOf((runs += 1));
    const first = await asked(body);
    await vote(first.id, 'ana', 'reject');
    await answered(first.run);

    const second = await asked(body);
    expect(second.id).not.toBe(first.id);
    await vote(second.id, 'ana');

    await expect
      .poll(() => answersTo(first.run).map(({ state }) => state), { timeout: 20_000 })
      .toEqual(['rejected', 'approved']);
  });

  test('is answered once, through a worker that is replaced, a GitHub that is away and an answer that was lost', async () => {
    const { id, run } = await asked();
    github.trouble({ status: 502 });
    github.trouble('lost');
    await vote(id, 'ana');
    await ops.restartWorker();
    await expect
      .poll(async () => (await ops.stores.plans.find(id))?.record?.status, { timeout: 20_000 })
      .toBe('completed');
    // Nobody waits for the minutes between two tries.
    await expect
      .poll(
        async () => {
          await sql`update outbox set due_at = now() where key = ${`${planReference(id)}/gate`} and not is_under_way`.execute(
            ops.db,
          );
          return (await effectOf(id))?.state;
        },
        { timeout: 20_000 },
      )
      .toBe('sent');
    expect((await effectOf(id))?.result).toMatchObject({ ok: true, detail: 'approved before' });
    expect(answersTo(run)).toHaveLength(1);
  });

  test('stays shut when the workflow of its plan was terminated', async () => {
    const { id, run } = await asked();
    const { workflowId } = (await ops.stores.plans.find(id))!;
    const handle = ops.client.workflow.getHandle(workflowId);
    await expect.poll(async () => (await ops.stores.plans.find(id))?.record?.approval?.status).toBe('open');
    const { taskQueue } = await handle.describe();
    await handle.terminate('by mistake');

    await ops.client.workflow.execute('archiveHistories', { workflowId: crypto.randomUUID(), taskQueue });

    expect(await answered(run)).toMatchObject({
      state: 'rejected',
      comment: expect.stringMatching(/^Operation plan failed: its workflow was ended from outside/),
    });
  });

  test('whose answer GitHub refuses for good has no other try, and its team is notified', async () => {
    const { id, run } = await asked();
    github.trouble({ status: 422 });
    await vote(id, 'ana');

    await expect.poll(async () => (await effectOf(id))?.state, { timeout: 20_000 }).toBe('failed');
    expect(answersTo(run)).toEqual([]);
    const told = (await ops.mails()).filter(({ subject }) => subject.includes(`run ${run} of Codertocat/Hello-World`));
    expect(told.map(({ to }) => to)).toContain('cid@example.org');
    const entries = await entriesOf(ops.db, { belongsTo: planReference(id) });
    expect(entries.some(({ body }) => body.includes('"effect.failed"'))).toBe(true);
  });
});

describe('a request for a gate', () => {
  test('without the signature of its source is refused', async () => {
    expect((await send(bodyOf(1), undefined, 'actions', 'guessed')).status).toBe(401);
  });

  test('that wants its answer elsewhere is refused and kept as a dead letter', async () => {
    const forged = {
      deployment_callback_url:
        'https://evil.example.com/repos/Codertocat/Hello-World/actions/runs/1/deployment_protection_rule',
    };
    const reply = await send(bodyOf(1, forged));

    expect(reply.status).toBe(400);
    expect(reply.body.detail).toMatch(/^deployment_callback_url: expected an address of http:\/\/127/);
    const { body } = await ops.as('cid')('GET', '/v1/inbox?state=dead');
    expect(body.items[0]).toMatchObject({ state: 'dead', source: 'actions' });
  });

  test.each([
    ['in an environment that no mapping has', { environment: 'moon', deployment: null }, 'no mapping of source'],
    ['of a service that names no plan', { environment: 'orphans' }, 'service orphan names no plan for a gate'],
  ])('%s is a gap that says so', async (_, changed, reason) => {
    await ops.apply({
      ...company(),
      sources: {
        actions: {
          ...company().sources!['actions']!,
          mappings: company().sources!['actions']!.mappings!.map((mapping) => ({
            environment: 'production',
            ...mapping,
          })),
        },
      },
    });
    const { body } = await send(bodyOf((runs += 1), changed));

    expect(await rowOf(body.accepted[0]!)).toMatchObject({
      state: 'gap',
      verdict: { reason: expect.stringContaining(reason) },
    });
    await ops.apply(company());
  });

  test('to a source without an App is a gap: nobody could answer', async () => {
    const body = bodyOf((runs += 1)).replaceAll(github.api, 'https://api.github.com');
    const { body: receipt } = await send(body, undefined, 'github');

    expect(await rowOf(receipt.accepted[0]!)).toMatchObject({
      state: 'gap',
      verdict: { reason: `source github has no app, so nobody could answer the gate of run ${runs}` },
    });
  });
});

test('the key of the App and its tokens are in no record, row or answer', async () => {
  const { rows } = await sql<{ text: string }>`
    select payload::text || coalesce(result::text, '') as text from outbox
    union all select body from ledger_entry
    union all select state::text from record`.execute(ops.db);

  expect(rows.length).toBeGreaterThan(50);
  expect(rows.filter(({ text }) => /ghs_|PRIVATE KEY|eyJhbGciOi/.test(text ?? ''))).toEqual([]);
});
