import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Message } from '../../../domain/message.ts';
import { declare } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';

/** One place for everything that leaves: a provider of text messages, PagerDuty and Slack. */
const outside = () => {
  const seen: { path: string; body: Record<string, unknown> }[] = [];
  const server = createServer((request, response) => void take(request, response));
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
    seen.push({ path: request.url ?? '', body: JSON.parse(body) as Record<string, unknown> });
    response.writeHead(200).end(JSON.stringify({ ok: true, channel: 'D0ANA', ts: `100.${seen.length}` }));
  };
  return {
    seen,
    of: (path: string) => seen.filter((each) => each.path === path).map(({ body }) => body),
    start: async (): Promise<string> => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

const world = outside();
let ops: Ops;

beforeAll(async () => {
  const url = await world.start();
  for (const secret of ['BOT', 'KEY']) process.env[`EVENKEEL_SECRET_${secret}`] = 'secret';
  ops = await startOps(
    {
      escalation: { steps: ['ana', 'ben'].map((person) => ({ level: { targets: [{ person }], timeout: '15m' } })) },
      channels: {
        sms: { type: 'gateway', url: `${url}/sms`, body: '{"to":"{{ to }}","text":"{{ text }}"}' },
        chat: { type: 'slack', token: 'bot', to: 'C1', api: url },
        duty: { type: 'pagerduty', routingKey: 'key', api: url },
      },
      people: {
        ana: {
          contacts: [
            { channel: 'chat', address: 'U0ANA' },
            { channel: 'duty' },
            { channel: 'sms', address: '+15550001', after: '5m' },
          ],
        },
      },
      messages: { page: { short: '{{ severity }} in {{ service }}: {{ title }}' } },
    },
    { EVENKEEL_EGRESS_ALLOW: '127.0.0.0/8' },
  );
});
afterAll(async () => {
  await ops.stop();
  world.stop();
});

const rowsOf = async (incident: { reference: string }) => {
  const { rows } = await sql<{ key: string; state: string; payload: Message }>`
    select key, state, payload from outbox where belongs_to = ${incident.reference} order by created_at, key`.execute(
    ops.db,
  );
  return rows.map(({ key, ...row }) => ({ key: key.replace(/^incident\/\d+\//, ''), ...row }));
};
const stateOf = async (incident: { reference: string }, key: string) =>
  (await rowsOf(incident)).find((row) => row.key === key)?.state;

const sms = 'page/0/0/ana/sms/0';

test('somebody is paged by each of their contacts, the later ones not before their time', async () => {
  const incident = await declare(ops, { severity: 'SEV-1' });
  await incident.until(({ escalation }) => escalation.paged.length > 0);

  await expect.poll(() => stateOf(incident, 'page/0/0/ana/chat/0')).toBe('sent');
  await expect.poll(() => stateOf(incident, 'page/0/0/ana/duty/0')).toBe('sent');
  expect(await stateOf(incident, sms)).toBe('pending');
});

test('a contact whose time comes is used in the words of the team', async () => {
  const incident = await declare(ops, { severity: 'SEV-1' });
  await incident.until(({ escalation }) => escalation.paged.length > 0);
  await sql`update outbox set due_at = now() where belongs_to = ${incident.reference}`.execute(ops.db);

  await expect.poll(() => stateOf(incident, sms)).toBe('sent');
  expect(world.of('/sms')).toEqual([{ to: '+15550001', text: 'SEV-1 in checkout: Nobody can pay' }]);
});

test('nobody is paged for what somebody has: a later contact is dropped, and those who were told elsewhere follow', async () => {
  const incident = await declare(ops, { severity: 'SEV-1' });
  await expect.poll(() => stateOf(incident, 'page/0/0/ana/chat/0')).toBe('sent');
  const before = world.of('/sms').length;
  await incident.ask('ana', 'acknowledge');
  await incident.becomes('investigating');
  await sql`update outbox set due_at = now() where belongs_to = ${incident.reference} and state = 'pending'`.execute(
    ops.db,
  );

  await expect.poll(() => stateOf(incident, sms)).toBe('dropped');
  expect(world.of('/sms')).toHaveLength(before);
  const dutyOf = () =>
    world
      .of('/v2/enqueue')
      .filter(({ dedup_key: key }) => key === `incident/${incident.number}`)
      .map(({ event_action: action }) => action);
  await expect.poll(dutyOf).toEqual(['trigger', 'acknowledge']);
  await expect
    .poll(() => world.of('/chat.postMessage').findLast(({ thread_ts: thread }) => thread !== undefined))
    .toMatchObject({ channel: 'D0ANA', text: `ana has incident ${incident.number}` });

  await incident.ask('ana', 'resolve', { solution: 'Restarted', strategy: 'restart' });
  await expect.poll(dutyOf).toEqual(['trigger', 'acknowledge', 'resolve']);
});

test('a template that does not parse is refused where it is written', async () => {
  const text = `apiVersion: evenkeel/v1
kind: Team
metadata: { name: shop }
spec: { members: [{ person: ana, role: admin }], messages: { page: { subject: "{{ titel }}", body: "{% if %}" } } }
`;
  const reply = await ops.as('admin')('POST', '/v1/catalogue', { files: [{ path: 'team.yaml', text }] });

  expect(reply.status).toBe(422);
  expect(JSON.stringify(reply.body)).toContain('unknown variable titel');
});
