import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { serve } from '../../api/server.ts';

const most = 40;
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const listening = async (answerAfterMs = 0): Promise<number> => {
  const server = await serve(
    (request, response) => {
      request.resume();
      setTimeout(() => response.end('here'), answerAfterMs);
    },
    { host: '0.0.0.0', port: 0, mostConnections: most },
  );
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

/** Connections of one address that send so much and then nothing. */
const idlers = async (port: number, count: number, { from = '127.0.0.2', says = '' } = {}): Promise<Socket[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect({ port, host: '127.0.0.1', localAddress: from }).on('error', () => undefined);
      await once(socket, 'connect');
      if (says) socket.write(says);
      closing.push(() => socket.destroy());
      return socket;
    }),
  );

const asks = async (port: number, localAddress: string): Promise<number | undefined> => {
  const [answer] = (await once(get({ port, host: '127.0.0.1', localAddress, agent: false }), 'response')) as [
    IncomingMessage,
  ];
  answer.resume();
  return answer.statusCode;
};

test.each([
  ['nothing', ''],
  ['half a head', 'GET / HTTP/1.1\r\nhost: here\r\nx-slow'],
  ['half a body', 'POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 10\r\n\r\nhalf'],
])('many connections of one address that send %s deny nobody else', async (_, says) => {
  const port = await listening();
  await idlers(port, most * 2, { says });

  expect(await asks(port, '127.0.0.3')).toBe(200);
  expect(await asks(port, '127.0.0.2')).toBe(200);
});

test('who has few connections keeps them, and whose request is being answered is never cut off', async () => {
  const port = await listening(500);
  const [quiet] = await idlers(port, 1, { from: '127.0.0.4' });
  const answered = asks(port, '127.0.0.2');
  await sleep(100);
  const many = await idlers(port, most * 2);

  expect(await answered).toBe(200);
  expect(quiet!.closed).toBe(false);
  await expect.poll(() => many.filter(({ closed }) => !closed).length).toBeLessThan(most);
});
