import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { idOf } from '../../domain/identifiers.ts';
import type { InboxRow } from '../../domain/inbox.ts';
import { planId } from '../support/id.ts';
import { type Ops, startOps } from '../support/ops.ts';

/** What senders write that nobody here has written. */
let ops: Ops;
beforeAll(async () => {
  ops = await startOps({ steps: [{ name: 'look', kind: 'wait', for: '1s' }] });
});
afterAll(() => ops.stop());

const payload = (path: string): string => readFileSync(new URL(`../payloads/${path}`, import.meta.url), 'utf8');
const status = payload('github/deployment_status.created.json');
const cdevent = payload('cdevents/v0.5.1/service_deployed.json');

/** The row once it is settled. */
const settled = async (id: string | undefined): Promise<InboxRow> => {
  await expect.poll(async () => (await ops.stores.inbox.find(id!))?.state).not.toBe('accepted');
  return (await ops.stores.inbox.find(id!))!;
};
const servicesOf = async ({ verdict }: InboxRow): Promise<(string | undefined)[]> =>
  Promise.all(
    (verdict?.records ?? []).map(
      async (record) => (await ops.stores.plans.find(planId(idOf(record))))?.commission.service,
    ),
  );

const event = async (body: string, headers: Record<string, string>) => {
  const response = await fetch(`${ops.url}/v1/hooks/cloudevents/events`, {
    method: 'POST',
    // Bytes have no content type of their own.
    body: Buffer.from(body),
    headers: { authorization: 'Bearer events-secret', ...headers },
  });
  return { status: response.status, body: (await response.json()) as { accepted: string[]; note?: string } };
};

const inForm = { 'content-type': 'application/x-www-form-urlencoded' };
const form = (json: string): string => new URLSearchParams({ payload: json }).toString();

describe('a webhook of GitHub that sends forms, as it does unless told otherwise', () => {
  test('is read, and its body is kept as it came', async () => {
    const body = form(status.replaceAll('145988746', '5001').replaceAll('production', 'größe'));

    const reply = await ops.github(body, inForm);

    expect(reply.status).toBe(202);
    const row = await settled(reply.body.accepted[0]);
    expect(row).toMatchObject({ content: { facts: [{ environment: 'größe' }] } });
    expect(await servicesOf(row)).toEqual(['checkout']);
  });

  test('may ping, and has to sign the form and not the JSON in it', async () => {
    const ping = form('{"zen":"Keep it logically awesome.","hook_id":1}');

    expect((await ops.github(ping, { ...inForm, 'x-github-event': 'ping' })).status).toBe(200);
    expect(
      (await ops.github(`${ping}&`, { ...inForm, 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` })).status,
    ).toBe(401);
  });

  test('that sends no JSON in it is a dead letter', async () => {
    const reply = await ops.github(form('{"half": '), inForm);

    expect([reply.status, reply.body['detail']]).toEqual([400, expect.stringContaining('not JSON')]);
  });
});

describe('a body of GitHub with odd parts', () => {
  test.each([
    ['many keys', `{${Array.from({ length: 3_000 }, (_, at) => `"k${at}":0`).join()}}`],
    ['many levels', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`],
    ['a prototype', '{"__proto__":{"isAdmin":true}}'],
    ['half a surrogate pair', String.raw`{"text":"\ud800"}`],
    ['NUL', String.raw`{"te\u0000xt":"\u0000"}`],
  ])('is delivered: %s', async (what, odd) => {
    const body = status.replace(/"payload": \{\s*\}/, `"payload": ${odd}`).replaceAll('145988746', `6${what.length}`);

    const reply = await ops.github(`\u{feff}${body}`);

    expect(reply.status).toBe(202);
    expect((await settled(reply.body.accepted[0])).state).toBe('delivered');
  });
});

describe('several services of one repository and commit', () => {
  const service = (name: string) => ({
    apiVersion: 'evenkeel/v1',
    kind: 'Service',
    metadata: { name },
    spec: { description: name, owner: 'shop', plans: { deployment: 'release' } },
  });
  const mapping = (name: string, when: string) => ({
    from: 'acme/mono',
    when,
    to: { service: name, environment: 'production' },
  });
  const source = {
    apiVersion: 'evenkeel/v1',
    kind: 'Source',
    metadata: { name: 'github' },
    spec: {
      format: 'github',
      team: 'shop',
      secrets: ['github'],
      mappings: [
        mapping('payments', 'payload.service == "payments"'),
        mapping('search', 'task == "deploy:search"'),
        { from: 'acme/shop', environment: 'review/eu-*', to: { service: 'search', environment: 'production' } },
      ],
    },
  };

  beforeAll(async () => {
    const documents = [service('payments'), service('search'), source];
    const files = documents.map((document) => ({
      path: `${document.metadata.name}.yaml`,
      text: JSON.stringify(document),
    }));
    await ops.as('admin')('POST', '/v1/catalogue', { files });
  });

  const told = (id: string, deployment: object, repository = 'acme/mono') => {
    const body = JSON.parse(status) as Record<'deployment' | 'repository', Record<string, unknown>>;
    Object.assign(body.deployment, { id: Number(id), sha: 'b'.repeat(40), ...deployment });
    Object.assign(body.repository, { full_name: repository });
    return ops.github(JSON.stringify(body));
  };

  test('are told apart by rules of their mappings', async () => {
    const replies = [
      await told('401', { task: 'deploy:payments', payload: { service: 'payments' } }),
      await told('402', { task: 'deploy:search', payload: '{"service":"search"}' }),
    ];

    const rows = await Promise.all(replies.map(({ body }) => settled(body.accepted[0])));
    expect((await Promise.all(rows.map(servicesOf))).flat()).toEqual(['payments', 'search']);
  });

  test('are a gap that says why when a rule has no answer', async () => {
    const { body } = await told('403', { task: 'deploy:search', payload: {} });

    expect(await settled(body.accepted[0])).toMatchObject({
      state: 'gap',
      verdict: { reason: 'the rule of the mapping from acme/mono cannot be evaluated: No such key: service' },
    });
  });

  test('a preview that no mapping names is skipped, one that fits a pattern is planned, and the list of gaps stays short', async () => {
    const preview = (id: string, environment: string) =>
      told(id, { environment, transient_environment: true }, 'acme/shop');
    const skipped = await settled((await preview('411', 'review/us-1')).body.accepted[0]);
    const planned = await settled((await preview('412', 'review/eu-1')).body.accepted[0]);

    expect(skipped).toMatchObject({
      state: 'skipped',
      verdict: { reason: 'review/us-1 is short-lived: skipped unless a mapping names it' },
    });
    expect(await servicesOf(planned)).toEqual(['search']);
    const { body: gaps } = await ops.as('cid')('GET', '/v1/inbox?state=gap');
    expect(gaps.items.map(({ id }) => id)).not.toContain(skipped.id);
    const { body: all } = await ops.as('cid')('GET', '/v1/inbox?state=skipped');
    expect(all.items.map(({ id }) => id)).toEqual([skipped.id]);
    expect((await ops.as('cid')('POST', `/v1/inbox/${skipped.id}/redeliver`)).status).toBe(202);
  });
});

describe('an SDK of CDEvents', () => {
  const told = (artifact: string) => {
    const body = JSON.parse(cdevent) as {
      context: Record<string, string>;
      subject: { id: string; content: Record<string, unknown> };
    };
    body.context['id'] = crypto.randomUUID();
    body.subject.content['artifactId'] = artifact;
    return body;
  };
  const headersOf = ({ context, subject }: ReturnType<typeof told>) => ({
    'ce-specversion': '1.0',
    'ce-id': context['id']!,
    'ce-source': context['source']!,
    'ce-type': context['type']!,
    'ce-subject': subject.id,
  });

  test('that gives the envelope an id of its own is heard, and what counts is noted', async () => {
    const body = told('pkg:oci/sdk@sha256:1111111');
    const reply = await event(JSON.stringify(body), {
      ...headersOf(body),
      'ce-id': 'another',
      'content-type': 'application/json',
    });

    expect(reply).toMatchObject({
      status: 202,
      body: { note: `the CloudEvent has the id another, the CDEvent ${body.context['id']}, which counts` },
    });
    const again = await event(JSON.stringify(body), { ...headersOf(body), 'content-type': 'application/json' });
    expect(again.body.accepted).toEqual(reply.body.accepted);
  });

  test('that writes CloudEvents 0.3, and no subject, is heard', async () => {
    const body = told('pkg:oci/sdk@sha256:6666666');
    const { 'ce-subject': _, ...headers } = headersOf(body);

    const reply = await event(JSON.stringify(body), {
      ...headers,
      'ce-specversion': '0.3',
      'content-type': 'application/json',
    });

    expect(reply.status).toBe(202);
  });

  test('that names no content type is heard', async () => {
    const body = told('pkg:oci/sdk@sha256:2222222');

    expect((await event(JSON.stringify(body), headersOf(body))).status).toBe(202);
  });

  test('may write headers encoded, as they are, or as raw UTF-8', async () => {
    const body = told('pkg:oci/sdk@sha256:3333333');
    body.subject.id = 'größe%2F1';
    const raw = Buffer.from('größe%2F1').toString('latin1');
    const write = async (subject: string) =>
      (await event(JSON.stringify(body), { ...headersOf(body), 'ce-subject': subject })).status;

    expect([await write(raw), await write(encodeURIComponent('größe%2F1')), await write('other')]).toEqual([
      202, 202, 400,
    ]);
  });

  test('that nests deeper than anybody can write down is refused', async () => {
    const body = told('pkg:oci/sdk@sha256:5555555');
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const reply = await event(JSON.stringify(body).replace('{', `{"more":${deep},`), headersOf(body));

    expect(reply).toMatchObject({ status: 400, body: { detail: 'the event is nested too deep' } });
  });

  test('with a time that is none hears what to write', async () => {
    const body = told('pkg:oci/sdk@sha256:4444444');
    body.context['timestamp'] = 'yesterday';
    const reply = await event(JSON.stringify(body), headersOf(body));

    expect(reply).toMatchObject({
      status: 400,
      body: { detail: 'context.timestamp: expected a time such as 2026-11-28T09:30:00Z' },
    });
  });
});
