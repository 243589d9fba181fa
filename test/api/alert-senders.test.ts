import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newestIncident } from '../support/monitoring.ts';
import { type Ops, startOps } from '../support/ops.ts';

/** Senders that tell of alerts beside other things. */
let ops: Ops;
beforeAll(async () => {
  // A plan that runs would keep alerts of its place from opening incidents.
  ops = await startOps({ plans: {} });
});
afterAll(() => ops.stop());

const payload = (path: string): string => readFileSync(new URL(`../payloads/${path}`, import.meta.url), 'utf8');

const alertsOf = async (source: string): Promise<Record<string, unknown>[]> =>
  (await ops.as('cid')('GET', `/v1/alerts?source=${source}`)).body.items;

test('events in our own format have 1 MiB at most', async () => {
  const send = (length: number) =>
    fetch(`${ops.url}/v1/hooks/events/events`, {
      method: 'POST',
      headers: { authorization: 'Bearer events-secret', 'content-type': 'application/json' },
      body: ' '.repeat(length),
    });

  expect((await send(1024 * 1024 + 1)).status).toBe(413);
  expect((await send(1024 * 1024)).status).not.toBe(413);
});

interface CdEvent {
  context: Record<string, string>;
  subject: { id: string; content: Record<string, unknown> };
  customData?: unknown;
}

describe('CDEvents about an incident', () => {
  const event = (name: string, content: object = {}, context: Record<string, string> = {}) => {
    const data = JSON.parse(payload(`cdevents/v0.5.1/${name}.json`)) as CdEvent;
    Object.assign(data.context, { id: crypto.randomUUID() }, context);
    Object.assign(data.subject.content, content);
    const { id, source, type } = data.context;
    return { specversion: '1.0', id, source, type, datacontenttype: 'application/json', data };
  };
  const send = async (body: unknown, type = 'application/cloudevents+json') => {
    const reply = await fetch(`${ops.url}/v1/hooks/cloudevents/events`, {
      method: 'POST',
      headers: { authorization: 'Bearer events-secret', 'content-type': type },
      body: JSON.stringify(body),
    });
    return {
      status: reply.status,
      body: (await reply.json()) as { accepted: string[]; note?: string; detail: string },
    };
  };
  const place = { service: { id: 'checkout' }, environment: { id: 'production' } };

  test('are an alert that fires until they say that it is resolved, beside deployments in one batch', async () => {
    const deployment = event('service_deployed', { artifactId: 'pkg:oci/beside@sha256:1234567' });
    const detected = event('incident_detected', place, { timestamp: '2026-11-11T13:52:20Z' });

    const batch = await send([deployment, detected], 'application/cloudevents-batch+json');

    expect(batch).toMatchObject({ status: 202, body: { accepted: [expect.any(String), expect.any(String)] } });
    expect(batch.body.note).toBeUndefined();
    await expect.poll(() => alertsOf('events')).toMatchObject([{ service: 'checkout', isFiring: true, gap: null }]);

    // Whoever resolves it may be somebody else, who speaks of the same subject.
    const resolved = event('incident_resolved', place, { timestamp: '2026-11-11T14:30:00Z' });
    await send(resolved);
    await expect
      .poll(() => alertsOf('events'))
      .toMatchObject([{ isFiring: false, endedAt: '2026-11-11T14:30:00.000Z' }]);

    // What comes late, or again, opens nothing.
    expect(await send(detected)).toMatchObject({ status: 202, body: { accepted: [batch.body.accepted[1]] } });
    await expect.poll(() => alertsOf('events')).toMatchObject([{ count: 3, isFiring: false }]);
  });

  test('under an id that came with another body keep the first, and say so', async () => {
    const detected = event('incident_detected', { ...place, description: 'First' });
    const first = await send(detected);
    detected.data.subject.content['description'] = 'Second';

    expect((await send(detected)).body).toEqual({
      accepted: first.body.accepted,
      note: 'told before with another body: the first one is kept',
    });
  });

  test('that cannot be read are a dead letter', async () => {
    const odd = { ...event('incident_detected', place), source: '/elsewhere' };

    expect((await send(odd)).status).toBe(400);
    const { items } = (await ops.as('cid')('GET', '/v1/inbox?state=dead')).body;
    expect(items[0]).toMatchObject({ source: 'events', verdict: { reason: expect.stringContaining('source') } });
  });

  test.each(['ticket_created', 'ticket_updated', 'ticket_closed'])('about a ticket are kept: %s', async (name) => {
    expect(await send(event(name))).toMatchObject({
      status: 202,
      body: { accepted: [expect.any(String)], note: 'ticket events are kept as evidence only' },
    });
  });
});

describe('GitHub', () => {
  const listen = (failures: boolean) =>
    ops.as('admin')('POST', '/v1/catalogue', {
      files: [
        {
          path: 'github.yaml',
          text: JSON.stringify({
            apiVersion: 'evenkeel/v1',
            kind: 'Source',
            metadata: { name: 'github' },
            spec: {
              format: 'github',
              team: 'shop',
              secrets: ['github'],
              mappings: [{ from: 'Codertocat/Hello-World', to: { service: 'checkout', environment: 'production' } }],
              alerts: {
                failures,
                severity: { default: 'error' },
                service: { label: 'repository', names: { 'Codertocat/Hello-World': 'checkout' } },
                environment: { default: 'production' },
              },
            },
          }),
        },
      ],
    });
  const deployment = (state: string, at: string) => {
    const body = JSON.parse(payload('github/deployment_status.created.json')) as Record<
      'deployment' | 'deployment_status',
      Record<string, unknown>
    >;
    Object.assign(body.deployment, { id: 71, task: 'deploy:71' });
    Object.assign(body.deployment_status, { state, created_at: at, updated_at: at });
    return JSON.stringify(body);
  };
  const run = (conclusion: string, at: string) =>
    JSON.stringify({
      action: 'completed',
      repository: { id: 7, full_name: 'Codertocat/Hello-World', default_branch: 'main' },
      workflow: { name: 'CI' },
      workflow_run: { workflow_id: 12, event: 'push', head_branch: 'main', conclusion, updated_at: at },
    });
  const asRun = { 'x-github-event': 'workflow_run' };

  test('tells of no alerts unless its source says that it does', async () => {
    const replies = [
      await ops.github(deployment('failure', '2026-11-28T09:00:00Z')),
      await ops.github(run('failure', '2026-11-28T09:00:00Z'), asRun),
    ];

    expect(replies.map(({ status, body }) => [status, body.accepted.length])).toEqual([
      [202, 1],
      [202, 1],
    ]);
    expect(replies[1]!.body['note']).toBe('event workflow_run is not used');
  });

  test('tells of a deployment that failed, as a form too, until one goes well', async () => {
    await listen(true);
    const form = new URLSearchParams({ payload: deployment('failure', '2026-11-28T09:00:00Z') }).toString();

    const told = await ops.github(form, { 'content-type': 'application/x-www-form-urlencoded' });

    expect([told.status, told.body.accepted.length]).toEqual([202, 2]);
    await expect
      .poll(() => alertsOf('github'))
      .toMatchObject([{ service: 'checkout', environment: 'production', severity: 'error', isFiring: true }]);
    await newestIncident(ops);
    await ops.github(deployment('success', '2026-11-28T09:10:00Z'));
    await expect.poll(() => alertsOf('github')).toMatchObject([{ isFiring: false }]);
    // A failure that is delivered again, or late, is older than what went well.
    await ops.github(deployment('error', '2026-11-28T09:05:00Z'));
    await expect.poll(() => alertsOf('github')).toMatchObject([{ count: 3, isFiring: false }]);
  });

  test('tells of a workflow of the default branch that failed, until a run goes well', async () => {
    await listen(true);
    const delivery = { ...asRun, 'x-github-delivery': crypto.randomUUID() };
    const first = await ops.github(run('failure', '2026-11-28T09:00:00Z'), delivery);
    const again = await ops.github(run('failure', '2026-11-28T09:00:00Z'), delivery);

    expect(again.body.accepted).toEqual(first.body.accepted);
    const workflow = async () =>
      (await alertsOf('github')).find(({ title }) => String(title).startsWith('Workflow CI'));
    await expect.poll(workflow).toMatchObject({ isFiring: true, service: 'checkout' });
    await ops.github(run('success', '2026-11-28T09:20:00Z'), asRun);
    await expect.poll(workflow).toMatchObject({ isFiring: false });
  });

  test('with a workflow of another shape is a dead letter, and one that is of no interest is accepted', async () => {
    await listen(true);

    expect((await ops.github('{"workflow_run": 7}', asRun)).status).toBe(400);
    expect(await ops.github(run('cancelled', '2026-11-28T09:00:00Z'), asRun)).toMatchObject({ status: 202 });
  });
});
