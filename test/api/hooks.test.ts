import { idOf } from '../../domain/identifiers.ts';
import { readFileSync } from 'node:fs';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InboxRow } from '../../domain/inbox.ts';
import type { PlanInput } from '../../domain/operation-plan.ts';
import type { DeploymentFact } from '../../domain/deployment.ts';
import { deliverDeployments } from '../../workers/deployment/index.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({ steps: [{ name: 'look', kind: 'wait', for: '1s' }] });
});
afterAll(() => ops.stop());

const payload = (path: string): Buffer => readFileSync(new URL(`../payloads/${path}`, import.meta.url));
const github = payload('github/deployment_status.created.json');

const cloudEvent = async (body: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(`${ops.url}/v1/hooks/cloudevents/events`, {
    method: 'POST',
    headers: { authorization: 'Bearer events-secret', 'content-type': 'application/cloudevents+json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as { accepted: string[]; detail: string } };
};

const deployed = (version: string, artifactId: string) => {
  const event = JSON.parse(payload(`cdevents/${version}/service_deployed.json`).toString()) as {
    context: Record<string, string>;
    subject: { id: string; content: Record<string, unknown> };
  };
  event.context['id'] = crypto.randomUUID();
  event.subject.content['artifactId'] = artifactId;
  const { id, source, type } = event.context;
  return {
    specversion: '1.0',
    id,
    source,
    type,
    subject: event.subject.id,
    datacontenttype: 'application/json',
    data: event,
  };
};

const plansOf = async (accepted: string[]): Promise<string[]> => {
  const plans = await Promise.all(
    accepted.map(async (id) => {
      await expect.poll(async () => (await ops.stores.inbox.find(id))?.state).not.toBe('accepted');
      return (await ops.stores.inbox.find(id))?.verdict?.records?.map(idOf) ?? [];
    }),
  );
  return plans.flat();
};

describe('a GitHub delivery', () => {
  test('becomes a plan, byte for byte as GitHub sends it', async () => {
    const reply = await ops.github(github);

    expect(reply.status).toBe(202);
    expect(await plansOf(reply.body.accepted)).toHaveLength(1);
  });

  test('again gets the same answer and makes nothing new, 1,000 times at once', async () => {
    const body = Buffer.from(github.toString().replaceAll('145988746', '777'));
    const headers = { 'x-github-delivery': crypto.randomUUID() };

    const replies = await Promise.all(Array.from({ length: 1_000 }, () => ops.github(body, headers)));

    expect(new Set(replies.map((reply) => `${reply.status} ${JSON.stringify(reply.body)}`)).size).toBe(1);
    expect(new Set(await plansOf(replies[0]!.body.accepted)).size).toBe(1);
  });

  test.each([
    ['a wrong signature', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }, github, 401],
    ['no signature', { 'x-hub-signature-256': '' }, github, 401],
    ['a form without a payload', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=b', 400],
    ['a text', { 'content-type': 'text/plain' }, github, 415],
    ['no JSON', {}, '{"half": ', 400],
    ['a body that is too deep', {}, `${'['.repeat(50)}${']'.repeat(50)}`, 400],
    ['a body of another shape', {}, '{"deployment": "yes"}', 400],
    ['too many bytes', {}, ' '.repeat(11 * 1024 * 1024), 413],
  ])('is refused for %s', async (_what, headers, body, status) => {
    expect((await ops.github(body, headers)).status).toBe(status);
  });

  test('that is authentic and hopeless is kept as a dead letter with its reason', async () => {
    await ops.github('{"dead": ', {});

    const { body } = await ops.as('cid')('GET', '/v1/inbox?state=dead');

    expect(body.items[0]).toMatchObject({ state: 'dead', source: 'github', verdict: { reason: expect.any(String) } });
  });

  test('of ping and of an event that nobody needs is accepted and starts nothing', async () => {
    const ping = await ops.github('{"zen":"Keep it logically awesome.","hook_id":1}', { 'x-github-event': 'ping' });
    const job = await ops.github(payload('github/workflow_job.queued.with-deployment.json'), {
      'x-github-event': 'workflow_job',
    });

    expect([ping.status, job.status]).toEqual([200, 202]);
    expect(await plansOf([...ping.body.accepted, ...job.body.accepted])).toEqual([]);
  });

  test('of a source that is not there is not found', async () => {
    const reply = await fetch(`${ops.url}/v1/hooks/github/nobody`, { method: 'POST', body: github });
    expect(reply.status).toBe(404);
  });
});

describe('one deployment told by two sources', () => {
  test('is one plan, however often and however much at once, while that plan is open', async () => {
    const work = (wait: string) => ops.apply({ steps: [{ name: 'look', kind: 'wait', for: wait }] });
    await work('1h');
    const sha = 'c'.repeat(40);
    const body = Buffer.from(
      github.toString().replaceAll('f95f852bd8fca8fcc58a9a2d6c842781e32a215e', sha).replaceAll('145988746', '888'),
    );
    const headers = { 'x-github-delivery': crypto.randomUUID() };
    const event = deployed('v0.5.1', `pkg:github/codertocat/hello-world@${sha}`);

    const [hooks, events] = await Promise.all([
      Promise.all(Array.from({ length: 1_000 }, () => ops.github(body, headers))),
      Promise.all(Array.from({ length: 1_000 }, () => cloudEvent(event))),
    ]);

    const plans = await plansOf([...hooks[0]!.body.accepted, ...events[0]!.body.accepted]);
    expect(plans).toHaveLength(2);
    expect(new Set(plans).size).toBe(1);
    await ops.as('cid')('POST', `/v1/operation-plans/${plans[0]}/cancel`, { reason: 'the story ends' });
    await expect.poll(() => ops.stores.plans.openFor('checkout', 'production'), { timeout: 10_000 }).toEqual([]);
    await work('1s');
  });

  test('is a new plan when the old artifact is deployed again later', async () => {
    const artifact = 'pkg:oci/checkout@sha256:0123456789abcdef';
    const first = await ops.deploy(artifact);
    await first.becomes('completed');

    const second = await ops.deploy(artifact);

    expect(second.id).not.toBe(first.id);
    await second.becomes('completed');
  });
});

describe('CloudEvents', () => {
  test('under an id that came with another body are not lost in silence: the sender is told that the first one is kept', async () => {
    const event = deployed('v0.5.1', 'pkg:oci/first@sha256:3333333');
    const first = await cloudEvent(event);
    event.data.subject.content['artifactId'] = 'pkg:oci/second@sha256:4444444';

    expect((await cloudEvent(event)).body).toEqual({
      accepted: first.body.accepted,
      note: 'told before with another body: the first one is kept',
    });
  });

  test.each(['v0.4.1', 'v0.5.1'])(
    'carry a deployment by CDEvents %s, structured, binary and in a batch',
    async (version) => {
      const structured = await cloudEvent(deployed(version, `pkg:oci/a-${version}@sha256:1111111`));
      const { data, ...attributes } = deployed(version, `pkg:oci/b-${version}@sha256:2222222`);
      const binary = await cloudEvent(data, {
        'content-type': 'application/json',
        ...Object.fromEntries(
          ['id', 'source', 'type', 'specversion', 'subject'].map((name) => [`ce-${name}`, attributes[name as 'id']]),
        ),
      });
      const batch = await cloudEvent(
        [
          deployed(version, `pkg:oci/c-${version}@sha256:3333333`),
          deployed(version, `pkg:oci/d-${version}@sha256:4444444`),
        ],
        { 'content-type': 'application/cloudevents-batch+json' },
      );

      expect([structured.status, binary.status, batch.status]).toEqual([202, 202, 202]);
      const plans = await plansOf([...structured.body.accepted, ...binary.body.accepted, ...batch.body.accepted]);
      expect(new Set(plans).size).toBe(4);
    },
  );

  test('need the secret of the source', async () => {
    const reply = await cloudEvent(deployed('v0.5.1', 'pkg:oci/x@1234567'), { authorization: 'Bearer wrong' });
    expect(reply.status).toBe(401);
  });
});

test('the handshake consents to no origin that the source does not name', async () => {
  const path = `${ops.url}/v1/hooks/cloudevents/events`;
  const shake = (origin: string) => fetch(path, { method: 'OPTIONS', headers: { 'webhook-request-origin': origin } });

  expect((await shake('elsewhere.example.org')).status).toBe(405);
  const reply = await shake('ci.example.org');
  expect([reply.status, reply.headers.get('webhook-allowed-origin')]).toEqual([200, 'ci.example.org']);
});

test('an announcement is settled when it is answered, unless a plan is open that has to hear of it', async () => {
  const created = payload('github/deployment.created.json');
  const openPlan = async () => (await ops.stores.plans.openFor('checkout', 'production'))[0];
  const announce = async () => {
    const { body } = await ops.github(created, { 'x-github-event': 'deployment' });
    return body.accepted[0]!;
  };
  await expect.poll(openPlan, { timeout: 15_000 }).toBeUndefined();

  expect(await ops.stores.inbox.find(await announce())).toMatchObject({
    state: 'delivered',
    verdict: { reason: 'announced: kept as evidence' },
  });

  const plan = await ops.deploy();
  expect(await openPlan()).toMatchObject({ id: plan.id });
  expect(await plansOf([await announce()])).toEqual([plan.id]);
});

describe('what fits no mapping', () => {
  test('is accepted, listed as a gap, and delivered once the mapping is there', async () => {
    const body = github
      .toString()
      .replaceAll('Codertocat/Hello-World', 'Codertocat/Elsewhere')
      .replaceAll('145988746', '999');
    const { body: answer } = await ops.github(body);
    await expect.poll(async () => (await ops.stores.inbox.find(answer.accepted[0]!))?.state).toBe('gap');
    const { body: gaps } = await ops.as('cid')('GET', '/v1/inbox?state=gap');
    expect(gaps.items.map(({ id }) => id)).toContain(answer.accepted[0]);
    const source = await ops.as('admin')('GET', '/v1/catalogue/Source/github');
    const yaml = String(source.body['yaml']).replace('from: Codertocat/Hello-World', 'from: "*"');
    await ops.as('admin')('POST', '/v1/catalogue', { files: [{ path: 'source.yaml', text: yaml }] });

    const again = await ops.as('cid')('POST', `/v1/inbox/${answer.accepted[0]}/redeliver`);

    expect(again.status).toBe(202);
    expect(await plansOf(answer.accepted)).toHaveLength(1);
  });
});

test('a plan that was recorded, and not started for a crash, is started as it was recorded', async () => {
  await ops.apply();
  const then = await ops.stores.catalogue.revision();
  const factKey = crypto.randomUUID();
  const facts: DeploymentFact[] = [
    {
      change: 'deployed',
      factKey,
      subject: 'checkout',
      environment: 'production',
      artifact: factKey,
      transient: false,
    },
  ];
  const row: InboxRow = {
    id: crypto.randomUUID(),
    kind: 'fact',
    source: 'events',
    dedupKey: factKey,
    name: 'deployment',
    team: 'shop',
    actor: { type: 'service', name: 'pipeline' },
    bodyHash: 'hash',
    content: { family: 'deployment', facts },
    state: 'accepted',
    verdict: null,
    receivedAt: new Date().toISOString(),
    fence: 1,
    attempts: 0,
  };
  const { catalogue, plans } = ops.stores;
  const started: PlanInput[] = [];
  const noted: string[] = [];
  type Begun = { firstExecutionRunId: string };
  const ports = (start: (type: string, options: { args: [PlanInput] }) => Promise<Begun>) => ({
    client: {
      withDeadline: (_: number, call: () => Promise<Begun>) => call(),
      workflow: {
        start,
        getHandle: () => ({
          describe: async () => ({
            type: 'runOperationPlan',
            taskQueue: 'nobody',
            status: { name: 'RUNNING' },
            runId: 'running',
          }),
        }),
      },
    } as unknown as Client,
    catalogue,
    plans,
    // Of runs that are not there.
    records: { noteRun: async (_: string, runId: string) => void noted.push(runId) },
    inbox: ops.stores.inbox,
    taskQueue: 'nobody',
    messagesPerRun: 100,
  });
  const crash = deliverDeployments(
    row,
    facts,
    ports(() => Promise.reject(new Error('the process died'))),
  );
  await expect(crash).rejects.toThrow('died');
  await ops.apply({ plans: {} });

  await deliverDeployments(
    row,
    facts,
    ports(async (_, { args }) => {
      started.push(args[0]);
      return { firstExecutionRunId: 'first' };
    }),
  );

  expect(started).toMatchObject([{ catalogueRevision: then, template: 'release', team: 'shop' }]);
  expect(started[0]?.id).toBe((await ops.stores.plans.find(started[0]!.id))?.id);
  // Told again because whoever started it died before its run was noted.
  const again = new WorkflowExecutionAlreadyStartedError('it runs', started[0]!.workflowId, 'runOperationPlan');
  const told = await deliverDeployments(
    row,
    facts,
    ports(() => Promise.reject(again)),
  );
  expect(told).toMatchObject({ state: 'delivered', verdict: { records: [`plan/${started[0]!.id}`] } });
  expect(noted).toEqual(['first', 'running']);
  await ops.apply();
});

describe('a pipeline', () => {
  const report = (body: object, key: string = crypto.randomUUID(), who = 'pipeline') =>
    ops.as(who)(
      'POST',
      '/v1/deployments',
      { service: 'checkout', environment: 'production', artifact: 'a@1234567', ...body },
      { 'idempotency-key': key },
    );

  test('may repeat its report, and gets the same plan', async () => {
    const key = crypto.randomUUID();
    const replies = [await report({}, key), await report({}, key)];

    expect(replies.map(({ status }) => status)).toEqual([202, 202]);
    expect(replies[0]!.body.plans).toEqual(replies[1]!.body.plans);
    expect((await report({ artifact: 'other@7654321' }, key)).status).toBe(409);
  });

  test.each([
    ['an unknown service', { service: 'nothing' }, 422],
    ['an unknown environment', { environment: 'moon' }, 422],
    ['a field that does not exist', { colour: 'red' }, 422],
    ['a type that is wrong', { artifact: 7 }, 422],
    ['an artifact with lines of its own', { artifact: 'v1\nApprove here: https://example.org' }, 422],
  ])('is told what is wrong: %s', async (_what, body, status) => {
    const reply = await report(body);
    expect(reply).toMatchObject({ status, body: { field: expect.any(String) } });
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
  });

  test('is told everything that is wrong at once', async () => {
    expect((await report({ colour: 'red', artifact: 7 })).body['errors']).toEqual(
      expect.arrayContaining([
        { field: 'colour', message: 'unknown field' },
        expect.objectContaining({ field: 'artifact' }),
      ]),
    );
    expect((await report({ service: 'nothing', environment: 'moon' })).body.detail).toBe(
      'the catalogue has no service nothing and no environment moon',
    );
  });

  test('needs a key, a role and a plan for the service', async () => {
    expect(
      (
        await ops.as('pipeline')('POST', '/v1/deployments', {
          service: 'checkout',
          environment: 'production',
          artifact: 'a',
        })
      ).status,
    ).toBe(422);
    expect((await report({}, 'k', 'dan')).status).toBe(403);
    expect((await report({}, 'k', 'eva')).status).toBe(404);
    expect((await report({ service: 'orphan' })).body).toMatchObject({ state: 'gap', plans: [] });
  });

  test('names one occurrence, of one artifact: another artifact under it is a gap that says which plan has it', async () => {
    const occurrence = `run-${crypto.randomUUID()}`;
    const told = (artifact: string, more: object = {}) =>
      report({ artifact, occurrence, ...more }, crypto.randomUUID());
    const [plan] = (await told('v1')).body['plans'];

    expect((await told('v1')).body).toMatchObject({ state: 'delivered', plans: [plan] });
    expect((await told('v2')).body).toMatchObject({
      state: 'gap',
      plans: [],
      reason: `this occurrence is of v1, in plan ${plan}: another artifact needs an occurrence of its own`,
    });
  });
});
