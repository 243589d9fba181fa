import { expect, test } from 'vitest';
import type { Sent } from '../../activities/channels/channel.ts';
import type { Message } from '../../domain/message.ts';
import type { EffectResult } from '../../domain/ports.ts';
import type { OutboxRow } from '../../storage/outbox.ts';
import { createSender } from '../../workers/sender.ts';
import { planReference } from '../support/id.ts';

const seconds = (count: number): number => count * 1_000;
const minutes = (count: number): number => seconds(60 * count);
const days = (count: number): number => minutes(24 * 60 * count);
const began = Date.parse('2026-03-24T09:00:00.000Z');

const mailTo = (to: string): Message => ({
  kind: 'email',
  to: `${to}@example.org`,
  subject: 'You are asked',
  text: '',
});
const toHook = (channel: string): Message => ({ kind: 'webhook', channel, type: 'x', data: {} });

const sent: Sent = { sent: true, detail: 'sent' };
const passing: Sent = { sent: false, fault: 'passing', detail: 'status 500' };
const gone: Sent = { sent: false, fault: 'receiver', detail: 'user unknown' };
const wrongLogin: Sent = { sent: false, fault: 'installation', concerns: 'channel', detail: 'Invalid login: 535' };
const mayNotRelay: Sent = {
  sent: false,
  fault: 'installation',
  concerns: 'message',
  detail: '554 Relay access denied',
};

/** An outbox on a clock of its own, and what comes of its messages. */
const office = (answer: (message: Message) => Sent) => {
  let now = began;
  const rows = new Map<string, OutboxRow & { dueAt: number; held: boolean; result?: EffectResult }>();
  const tried: string[] = [];
  const logged: string[] = [];
  const log = (_: object, text: string): void => void logged.push(text);
  const put = (key: string, message: Message): void => {
    const createdAt = new Date(now).toISOString();
    const belongsTo = planReference('p1');
    rows.set(key, {
      key,
      belongsTo,
      message,
      fence: 0,
      attempts: 0,
      createdAt,
      mayBeRepeat: false,
      isAdmitted: false,
      dueAt: now,
      held: false,
    });
  };
  const send = createSender(
    {
      async finish(key, _fence, result) {
        rows.get(key)!.result = result;
        return true;
      },
      async putBack(key, _fence, { delayMs, held }) {
        const row = rows.get(key)!;
        rows.set(key, { ...row, dueAt: now + delayMs, held, attempts: row.attempts - (held ? 1 : 0) });
      },
    },
    async ({ key, message }) => {
      tried.push(key);
      return answer(message);
    },
    { warn: log, info: log } as unknown as Parameters<typeof createSender>[2],
    () => now,
  );
  /** Lets so much time pass, with a look at what is due each second. */
  const pass = async (ms: number, everyMs = seconds(1)): Promise<void> => {
    for (const until = now + ms; now <= until; now += everyMs) {
      const due = [...rows.values()].filter((row) => !row.result && row.dueAt <= now);
      for (const row of due) row.attempts += 1;
      await Promise.all(due.map(send));
    }
  };
  const stands = (key: string): string => {
    const { result, held } = rows.get(key)!;
    if (result) return result.ok ? 'sent' : 'failed';
    return held ? 'held' : 'waiting';
  };
  return { put, pass, tried, logged, stands, rows };
};

test('with a wrong login messages wait for as long as it takes, and go out when it is mended', async () => {
  let answer: Sent = wrongLogin;
  const { put, pass, stands, logged } = office(() => answer);
  for (const name of ['ana', 'ben', 'cid']) put(name, mailTo(name));

  await pass(days(30), minutes(1));
  expect(['ana', 'ben', 'cid'].map(stands)).toEqual(['held', 'held', 'held']);
  answer = sent;
  await pass(minutes(2));

  expect(['ana', 'ben', 'cid'].map(stands)).toEqual(['sent', 'sent', 'sent']);
  expect(logged).toEqual(['messages wait until this installation is mended', 'messages are sent again']);
});

test('a channel that does not work is not tried with each message that waits', async () => {
  const { put, pass, tried } = office(() => wrongLogin);
  for (let count = 0; count < 500; count += 1) put(`mail-${count}`, mailTo(`p${count}`));

  await pass(seconds(1));
  const atOnce = tried.length;
  await pass(minutes(10));

  expect(tried.length - atOnce).toBeLessThan(20);
});

test('what waits has used up no try: afterwards it is tried for days like any other', async () => {
  let answer: Sent = wrongLogin;
  const { put, pass, stands } = office(() => answer);
  put('ana', mailTo('ana'));
  await pass(days(1), minutes(1));
  answer = passing;
  await pass(days(2), minutes(1));

  expect(stands('ana')).toBe('waiting');
  await pass(days(3), minutes(1));
  expect(stands('ana')).toBe('failed');
});

test('one channel that does not work holds up no other', async () => {
  const { put, pass, stands } = office((message) =>
    message.kind === 'webhook' && message.channel === 'chat' ? wrongLogin : sent,
  );
  put('ana', mailTo('ana'));
  put('chat', toHook('chat'));
  put('pager', toHook('pager'));
  await pass(seconds(1));

  expect(['ana', 'chat', 'pager'].map(stands)).toEqual(['sent', 'held', 'sent']);
});

test('a mail that the relay refuses waits alone, and not for ever', async () => {
  const { put, pass, stands } = office((message) =>
    message.kind === 'email' && message.to.startsWith('ana') ? mayNotRelay : sent,
  );
  put('ana', mailTo('ana'));
  put('ben', mailTo('ben'));
  await pass(days(13), minutes(1));

  expect([stands('ana'), stands('ben')]).toEqual(['held', 'sent']);
  await pass(days(2), minutes(1));
  expect(stands('ana')).toBe('failed');
});

test('a recipient that there is not is given up at once', async () => {
  const { put, pass, stands } = office(() => gone);
  put('ana', mailTo('ana'));
  await pass(seconds(1));

  expect(stands('ana')).toBe('failed');
});

test('a receiver that asks for time gets it', async () => {
  const { put, pass, tried } = office(() => ({ ...passing, retryAfterMs: minutes(30) }));
  put('hook', toHook('chat'));
  await pass(minutes(29));
  expect(tried).toHaveLength(1);
  await pass(minutes(2));
  expect(tried).toHaveLength(2);
});
