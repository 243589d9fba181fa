import { createHash, createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createEmailChannel } from '../../activities/channels/email.ts';
import { createGatewayChannel } from '../../activities/channels/gateway.ts';
import { createPagerDutyChannel } from '../../activities/channels/pagerduty.ts';
import { createSlackChannel } from '../../activities/channels/slack.ts';
import { createTeamsChannel } from '../../activities/channels/teams.ts';
import { createWebhookChannel } from '../../activities/channels/webhook.ts';
import { createEgress } from '../../activities/egress.ts';
import { specs } from '../../domain/document.ts';
import { createMemoryCatalogue } from '../support/memory/catalogue.ts';
import { answering, answeringPrivately, secretsOf, serve, type Served } from './world.ts';

const sending = {
  key: 'plan/p1/asked/ana',
  createdAt: '2026-03-24T09:00:00.000Z',
  idOf: (key: string) => createHash('sha256').update(key).digest('hex').slice(0, 32),
  firstId: async (): Promise<string | undefined> => undefined,
};
const id = sending.idOf(sending.key);

describe('mail', () => {
  interface Mail {
    from: string;
    to: string[];
    text: string;
    connection: string;
  }
  type Refusal = Partial<Record<'greeting' | 'login' | 'sender' | 'recipient' | 'content', [number, string]>>;
  /** A mail server that keeps what it gets, or refuses where it is told to. */
  const postOffice = async (refusing: Refusal = {}): Promise<{ url: string; mails: Mail[] }> => {
    const mails: Mail[] = [];
    const refusal = (of: keyof Refusal) => {
      const [responseCode, text] = refusing[of] ?? [];
      return responseCode === undefined ? null : Object.assign(new Error(text), { responseCode });
    };
    const server = new SMTPServer({
      closeTimeout: 100,
      authOptional: true,
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      onConnect: (_, done) => done(refusal('greeting')),
      onAuth: (_, __, done) => done(refusal('login'), { user: 'evenkeel' }),
      onMailFrom: (_, __, done) => done(refusal('sender')),
      onRcptTo: (_, __, done) => done(refusal('recipient')),
      onData(stream, session, done) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          if (refusal('content')) return done(refusal('content'));
          mails.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            text: Buffer.concat(chunks).toString(),
            connection: session.id,
          });
          done();
        });
      },
    });
    server.on('error', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
    return { url: `smtp://evenkeel:old@127.0.0.1:${(server.server.address() as AddressInfo).port}`, mails };
  };
  const message = { kind: 'email', to: 'ana@example.org', subject: 'You are asked', text: 'May it go live?' } as const;
  const from = 'Evenkeel <ops@example.org>';

  test('arrives with the key as its identity, the same on each attempt', async () => {
    const { url, mails } = await postOffice();
    const send = createEmailChannel({ url, from });
    const detail = `<${id}@example.org>`;

    expect(await send(message, sending)).toEqual({ sent: true, detail });
    expect(await send(message, sending)).toEqual({ sent: true, detail });
    expect(mails.map((mail) => [mail.from, mail.to])).toEqual([
      ['ops@example.org', ['ana@example.org']],
      ['ops@example.org', ['ana@example.org']],
    ]);
    for (const { text } of mails) {
      expect(text).toContain(`Message-ID: ${detail}`);
      expect(text).toContain('Subject: You are asked');
      expect(text).toContain('May it go live?');
    }
  });

  test('right after another goes through the same connection', async () => {
    const { url, mails } = await postOffice();
    const send = createEmailChannel({ url, from });

    await send(message, sending);
    await send(message, sending);

    expect(mails[1]?.connection).toBe(mails[0]?.connection);
  });

  test('lets nobody write headers through a subject', async () => {
    const { url, mails } = await postOffice();
    await createEmailChannel({ url, from })({ ...message, subject: 'Hello\r\nBcc: eva@example.org' }, sending);

    expect(mails[0]!.to).toEqual(['ana@example.org']);
    expect(mails[0]!.text).not.toMatch(/^Bcc:/m);
  });

  const receiver = { fault: 'receiver' };
  const passing = { fault: 'passing' };
  const channel = { fault: 'installation', concerns: 'channel' };
  const oneMail = { fault: 'installation', concerns: 'message' };
  const refusals: [string, Refusal, object][] = [
    ['the connection', { greeting: [554, '5.7.1 You are listed'] }, channel],
    ['the connection for now', { greeting: [421, 'Too busy'] }, channel],
    ['the login', { login: [535, '5.7.8 Authentication failed'] }, channel],
    ['the login for now', { login: [454, '4.7.0 Temporary authentication failure'] }, channel],
    ['the sender for now', { sender: [451, '4.3.0 Try later'] }, channel],
    ['the sender', { sender: [550, '5.1.8 Sender address rejected'] }, channel],
    ['anybody who has not signed in', { sender: [530, '5.7.0 Must issue a STARTTLS command first'] }, channel],
    ['anybody who has not signed in, late', { recipient: [530, '5.7.0 Authentication required'] }, channel],
    ['to relay', { recipient: [554, '5.7.1 <ana@example.org>: Relay access denied'] }, oneMail],
    ['to relay, without an enhanced status', { recipient: [550, 'relay not permitted'] }, oneMail],
    ['to relay, as a policy', { recipient: [550, '5.7.54 SMTP; Unable to relay recipient'] }, oneMail],
    ['the order of commands', { recipient: [503, '5.5.1 Need MAIL first'] }, oneMail],
    ['a recipient that it does not know', { recipient: [550, '5.1.1 User unknown'] }, receiver],
    ['a recipient, without an enhanced status', { recipient: [550, 'No such user here'] }, receiver],
    ['a recipient of another domain', { recipient: [550, '5.4.1 Recipient address rejected'] }, receiver],
    ['a mailbox that is full for good', { recipient: [552, '5.2.2 Mailbox full'] }, receiver],
    ['a mailbox that is closed', { recipient: [550, '5.2.1 Mailbox disabled'] }, receiver],
    ['a recipient for now', { recipient: [451, '4.7.1 Greylisted'] }, passing],
    ['a mail that is unsigned', { content: [550, '5.7.26 Unauthenticated mail is not accepted (DMARC)'] }, oneMail],
    ['a mail as spam', { content: [554, 'Message rejected as spam'] }, oneMail],
    ['a mail that is too large', { content: [552, '5.3.4 Message too big'] }, receiver],
    ['a mail for what it says', { content: [554, '5.6.0 Cannot convert'] }, receiver],
    ['a mail for now', { content: [452, '4.3.1 Insufficient storage'] }, passing],
  ];
  test.each(refusals)('when the server refuses %s, it is clear whose fault that is', async (_, refusing, expected) => {
    const { url } = await postOffice(refusing);
    const [[, text] = [0, '']] = Object.values(refusing);

    expect(await createEmailChannel({ url, from })(message, sending)).toEqual({
      sent: false,
      ...expected,
      detail: expect.stringContaining(text),
    });
  });

  test('to an address that is none is given up, and does not hold up others', async () => {
    const { url } = await postOffice();
    const send = createEmailChannel({ url, from });

    expect(await send({ ...message, to: 'nobody' }, sending)).toMatchObject(receiver);
    expect(await send({ ...message, to: '' }, sending)).toMatchObject(receiver);
  });

  test('waits while the mail server is away, or while none is set', async () => {
    const away = createEmailChannel({ url: 'smtp://127.0.0.1:1', from });
    const none = createEmailChannel({ url: undefined, from });

    expect(await away(message, sending)).toMatchObject(channel);
    expect(await none(message, sending)).toMatchObject(channel);
  });

  test('asks for no automatic reply', async () => {
    const { url, mails } = await postOffice();
    await createEmailChannel({ url, from })(message, sending);

    expect(mails[0]!.text).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  });
});

describe('a webhook', () => {
  const key = Buffer.from('0123456789abcdef0123456789abcdef');
  const secret = `whsec_${key.toString('base64')}`;
  const message = {
    kind: 'webhook',
    channel: 'hook',
    type: 'dev.evenkeel.plan.completed',
    data: { plan: 'p1' },
  } as const;
  const channelTo = (
    { url, address }: Pick<Served, 'url' | 'address'>,
    secrets: Record<string, string> = { hook: secret },
    authority?: string,
  ) =>
    createWebhookChannel({
      egress: createEgress([address]),
      secrets: secretsOf(secrets),
      catalogue: createMemoryCatalogue([
        {
          kind: 'NotificationChannel',
          name: 'hook',
          labels: {},
          spec: specs.NotificationChannel.parse({ type: 'webhook', url, secret: 'hook', authority }),
        },
        {
          kind: 'NotificationChannel',
          name: 'mail',
          labels: {},
          spec: specs.NotificationChannel.parse({ type: 'email', to: ['shop@example.org'] }),
        },
      ]),
    });

  test('is a CloudEvent whose signature its receiver can verify', async () => {
    const seen: { body: string; headers: Record<string, string> }[] = [];
    const server = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
      seen.push({ body, headers: request.headers as Record<string, string> });
      response.writeHead(204).end();
    });
    const send = channelTo(server);

    expect(await send(message, sending)).toEqual({ sent: true, detail: 'status 204' });
    await send(message, sending);
    for (const { body, headers } of seen) {
      expect(new Webhook(secret).verify(body, headers)).toEqual({
        specversion: '1.0',
        id: `msg_${id}`,
        source: '/evenkeel',
        type: 'dev.evenkeel.plan.completed',
        time: sending.createdAt,
        datacontenttype: 'application/json',
        data: { plan: 'p1' },
      });
      expect(headers).toMatchObject({ 'content-type': 'application/cloudevents+json', 'webhook-id': `msg_${id}` });
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
      expect(() => new Webhook('whsec_AAAA').verify(body, headers)).toThrow('signature');
      expect(() => new Webhook(secret).verify(body.replace('p1', 'p2'), headers)).toThrow('signature');
    }
    expect(seen).toHaveLength(2);
  });

  test.each([
    [500, {}, { fault: 'passing', detail: 'status 500' }],
    [429, { 'retry-after': '7' }, { fault: 'passing', retryAfterMs: 7000 }],
    [503, { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }, { fault: 'passing', retryAfterMs: 86_400_000 }],
    [503, { 'retry-after': 'Mon, 23 Mar 2026 09:00:00 GMT' }, { fault: 'passing', retryAfterMs: undefined }],
    [503, { 'retry-after': '31536000' }, { fault: 'passing', retryAfterMs: 86_400_000 }],
    [302, { location: 'http://example.org' }, { fault: 'passing' }],
    [404, {}, { fault: 'passing' }],
    [401, {}, { fault: 'installation', concerns: 'channel' }],
    [403, {}, { fault: 'installation', concerns: 'channel' }],
    [410, {}, { fault: 'receiver' }],
  ])('that is answered with %i is tried again, unless its receiver is gone', async (status, headers, expected) => {
    const send = channelTo(await answering(status, '', headers));

    expect(await send(message, sending)).toMatchObject({ sent: false, ...expected });
  });

  test('waits for a secret that is missing or is none', async () => {
    const server = await answering(204);

    expect(await channelTo(server, {})(message, sending)).toMatchObject({ sent: false, fault: 'installation' });
    expect(await channelTo(server, { hook: 'whsec_' })(message, sending)).toMatchObject({
      sent: false,
      fault: 'installation',
    });
    expect(await channelTo(server, { hook: 'not base64!' })(message, sending)).toEqual({
      sent: false,
      fault: 'installation',
      concerns: 'channel',
      detail: 'a signing secret has to be whsec_ followed by base64',
    });
    expect(server.connections()).toBe(0);
  });

  test('to a receiver of a private authority waits for that to be named, and is sent then', async () => {
    const served = await answeringPrivately(204);
    const secrets = { hook: secret };

    expect(await channelTo(served)(message, sending)).toMatchObject({ fault: 'installation', concerns: 'channel' });
    expect(await channelTo(served, secrets, served.authority)(message, sending)).toMatchObject({ sent: true });
  });

  test('waits for an address to be allowed, and is tried again while its receiver is away', async () => {
    const forbidden = channelTo({ url: (await answering(204)).url, address: '10.0.0.1:1' });
    const away = channelTo({ url: 'http://127.0.0.1:1', address: '127.0.0.1:1' });

    expect(await forbidden(message, sending)).toMatchObject({ fault: 'installation', concerns: 'channel' });
    expect(await away(message, sending)).toMatchObject({ fault: 'passing' });
  });

  test('to a channel that there is not, or that is no webhook, is given up', async () => {
    const send = channelTo({ url: 'http://127.0.0.1:1', address: '127.0.0.1:1' });

    expect(await send({ ...message, channel: 'ghost' }, sending)).toMatchObject({ sent: false, fault: 'receiver' });
    expect(await send({ ...message, channel: 'mail' }, sending)).toMatchObject({ sent: false, fault: 'receiver' });
  });
});

/** A receiver that answers in turn, and keeps what it is sent. */
const sink = async (...answers: { status?: number; body?: unknown; headers?: Record<string, string> }[]) => {
  const seen: { url: string; body: string; headers: Record<string, string> }[] = [];
  const server = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
    seen.push({ url: request.url ?? '', body, headers: request.headers as Record<string, string> });
    const { status = 200, body: answer = {}, headers = {} } = answers[Math.min(seen.length, answers.length) - 1] ?? {};
    response.writeHead(status, headers).end(JSON.stringify(answer));
  });
  return { server, seen, last: () => JSON.parse(seen.at(-1)!.body) as Record<string, unknown> };
};

const portsFor = (address: string, spec: unknown, secrets: Record<string, string>) => ({
  egress: createEgress([address]),
  secrets: secretsOf(secrets),
  catalogue: createMemoryCatalogue([
    {
      kind: 'NotificationChannel',
      name: 'pager',
      labels: {},
      spec: specs.NotificationChannel.parse(spec),
    },
  ]),
});

const hostile = 'Down "now" <!channel> {{ to }} \\ \n</x>&to=+1999';

describe('a Slack message', () => {
  const message = {
    kind: 'slack',
    channel: 'pager',
    to: 'U023BECGF',
    subject: 'SEV-1 checkout',
    text: hostile,
  } as const;
  const asked = { ...message, button: { incident: 7, round: 2 } };
  const posted = { body: { ok: true, channel: 'D024BE91L', ts: '1503435956.000247' } };
  const channelTo = ({ url, address }: Served, secrets: Record<string, string> = { bot: 'xoxb-1' }) =>
    createSlackChannel(portsFor(address, { type: 'slack', token: 'bot', to: 'C1', api: url }, secrets));

  test('has a button that says which incident it acknowledges, and is known by where and when it was posted', async () => {
    const { server, seen, last } = await sink(posted);

    expect(await channelTo(server)(asked, sending)).toEqual({ sent: true, detail: 'D024BE91L/1503435956.000247' });
    expect(seen[0]).toMatchObject({ url: '/chat.postMessage', headers: { authorization: 'Bearer xoxb-1' } });
    expect(last()).toMatchObject({ channel: 'U023BECGF' });
    expect(last()).not.toHaveProperty('thread_ts');
    expect(seen[0]!.body).toContain('"value":"7.2"');
  });

  test('shows the words of others as they are', async () => {
    const { server, last } = await sink(posted);
    await channelTo(server)({ ...message, subject: hostile }, sending);

    expect(String(last()['text'])).not.toContain('<!channel>');
    expect(JSON.stringify(last()['blocks'])).not.toContain('mrkdwn');
  });

  test('is never cut inside a character', async () => {
    const { server, seen } = await sink(posted);
    const long = `${'x'.repeat(149)}😀${'y'.repeat(2_848)}😀`;
    await channelTo(server)({ ...message, subject: long, text: long }, sending);

    expect(seen[0]!.body).not.toMatch(/\\ud83d/i);
    expect(seen[0]!.body).toContain(`${'x'.repeat(149)}\uFFFD`);
  });

  test('goes into the thread of what was sent of the same record before', async () => {
    const { server, last } = await sink(posted);
    await channelTo(server)(asked, { ...sending, firstId: async () => 'D024BE91L/1503435956.000247' });

    expect(last()).toMatchObject({ channel: 'D024BE91L', thread_ts: '1503435956.000247' });
  });

  test.each([
    [{ body: { ok: false, error: 'invalid_auth' } }, { fault: 'installation', concerns: 'channel' }],
    [{ body: { ok: false, error: 'user_not_found' } }, { fault: 'receiver' }],
    [{ body: { ok: false, error: 'internal_error' } }, { fault: 'passing' }],
    [
      { status: 429, headers: { 'retry-after': '30' } },
      { fault: 'passing', retryAfterMs: 30_000 },
    ],
    [{ status: 500 }, { fault: 'passing' }],
  ])('that Slack does not take is tried again or not, by what it says: %j', async (answer, expected) => {
    const { server } = await sink(answer);

    expect(await channelTo(server)(message, sending)).toMatchObject({ sent: false, ...expected });
  });

  test('waits for the token of its bot', async () => {
    const { server, seen } = await sink(posted);

    expect(await channelTo(server, {})(message, sending)).toMatchObject({ fault: 'installation', concerns: 'channel' });
    expect(seen).toEqual([]);
  });
});

describe('a card in Teams', () => {
  test('links to where somebody acts, and goes to an address that is a secret', async () => {
    const { server, seen, last } = await sink({ status: 202 });
    const send = createTeamsChannel(
      portsFor(server.address, { type: 'teams', url: 'flow' }, { flow: `${server.url}/workflows/x?sig=s` }),
    );

    const words = { subject: 'SEV-1 checkout', text: hostile, link: 'http://127.0.0.1:7480/v1/incidents/7' };
    expect(await send({ kind: 'teams', channel: 'pager', ...words }, sending)).toMatchObject({ sent: true });
    expect(seen[0]!.url).toBe('/workflows/x?sig=s');
    expect(last()).toMatchObject({
      attachments: [{ content: { version: '1.5', actions: [{ type: 'Action.OpenUrl', url: words.link }] } }],
    });
  });
});

describe('PagerDuty', () => {
  const event = {
    summary: 's'.repeat(2_000),
    severity: 'SEV-2',
    source: 'checkout',
    link: 'http://x',
    details: {},
  } as const;
  const trigger = { kind: 'pagerduty', channel: 'pager', incident: 7, action: 'trigger', event } as const;
  const channelTo = ({ url, address }: Served) =>
    createPagerDutyChannel(
      portsFor(address, { type: 'pagerduty', routingKey: 'key', api: url }, { key: 'r'.repeat(32) }),
    );

  test('is told of an incident under one key, from the trigger to the resolution', async () => {
    const { server, seen } = await sink({ status: 202 });
    const send = channelTo(server);
    await send(trigger, sending);
    await send({ kind: 'pagerduty', channel: 'pager', incident: 7, action: 'acknowledge' }, sending);
    await send({ kind: 'pagerduty', channel: 'pager', incident: 7, action: 'resolve' }, sending);

    const told = seen.map(({ body }) => JSON.parse(body) as { event_action: string; dedup_key: string });
    expect(told.map(({ event_action: action, dedup_key: key }) => [action, key])).toEqual([
      ['trigger', 'incident/7'],
      ['acknowledge', 'incident/7'],
      ['resolve', 'incident/7'],
    ]);
    expect(told[0]).toMatchObject({ payload: { severity: 'critical', summary: 's'.repeat(1024) } });
  });

  test('gets no details rather than no event, where they are too many', async () => {
    const { server, last } = await sink({ status: 202 });
    await channelTo(server)({ ...trigger, event: { ...event, details: { alerts: 'x'.repeat(500_000) } } }, sending);

    expect(last()).toMatchObject({ payload: { source: 'checkout' } });
    expect(last()['payload']).not.toHaveProperty('custom_details');
  });

  test('that is told too much gets half a minute at least', async () => {
    const { server } = await sink({ status: 429, headers: { 'retry-after': '1' } });

    expect(await channelTo(server)(trigger, sending)).toMatchObject({ fault: 'passing', retryAfterMs: 30_000 });
  });
});

describe('a gateway', () => {
  const message = { kind: 'gateway', channel: 'pager', to: '+15551234567', text: hostile, incident: '7' } as const;
  const channelTo = ({ url, address }: Served, more: object) =>
    createGatewayChannel(portsFor(address, { type: 'gateway', url, ...more }, { sms: 'top-secret' }));

  test('gets JSON that no text can break out of, with the key of the message', async () => {
    const { server, seen, last } = await sink();
    const send = channelTo(server, {
      headers: { 'content-type': 'application/json', authorization: { secret: 'sms', prefix: 'Bearer ' } },
      body: '{"to": "{{ to }}", "text": "{{ text | raw }}", "about": {{ incident }}}',
    });

    expect(await send(message, sending)).toMatchObject({ sent: true });
    expect(last()).toEqual({ to: message.to, text: hostile, about: 7 });
    expect(seen[0]!.headers).toMatchObject({ authorization: 'Bearer top-secret', 'idempotency-key': id });
  });

  test('gets JSON unless another type is named, whatever headers there are', async () => {
    const { server, seen, last } = await sink();
    await channelTo(server, { headers: { 'x-account': '7' }, body: '{"text": "{{ text }}"}' })(message, sending);

    expect(last()).toEqual({ text: hostile });
    expect(seen[0]!.headers).toMatchObject({ 'content-type': 'application/json', 'x-account': '7' });
  });

  test('gets a form that no text can add fields to', async () => {
    const { server, seen } = await sink();
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    await channelTo(server, { headers, body: 'To={{ to }}&Body={{ text }}' })(message, sending);

    expect([...new URLSearchParams(seen[0]!.body)]).toEqual([
      ['To', message.to],
      ['Body', hostile],
    ]);
  });

  test('gets XML that no text can add elements to', async () => {
    const { server, seen } = await sink();
    await channelTo(server, { headers: { 'content-type': 'text/xml' }, body: '<Say>{{ text }}</Say>' })(
      message,
      sending,
    );

    expect(seen[0]!.body).not.toContain('</x>');
  });

  test.each([404, 400, 500])('that answers %i has not sent it', async (status) => {
    const { server } = await sink({ status });

    expect(await channelTo(server, { body: '{{ text }}' })(message, sending)).toMatchObject({ fault: 'passing' });
  });

  test('that takes the message and never says so may get it twice', async () => {
    const server = await serve((request) => void request.socket.destroy());

    expect(await channelTo(server, { body: '{{ text }}' })(message, sending)).toMatchObject({ isInDoubt: true });
  });
});
