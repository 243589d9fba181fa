import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { isServing } from '../../embedded/grpc-health.ts';

let server: Http2Server | undefined;
afterEach(() => server?.close());

const answering = async (answer: (stream: ServerHttp2Stream, question: Buffer) => void): Promise<string> => {
  server = createServer();
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.once('data', (question: Buffer) => answer(stream, question));
    stream.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const says =
  (...bytes: number[]) =>
  (stream: ServerHttp2Stream): void => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.from([0, 0, 0, 0, bytes.length, ...bytes]));
  };

test('a server that serves is told from one that does not, that has no such service, and that is none', async () => {
  expect(await isServing(await answering(says(0x08, 1)), undefined)).toBe(true);
  expect(await isServing(await answering(says(0x08, 2)), undefined)).toBe(false);
  expect(await isServing(await answering(says()), undefined)).toBe(false);
  const unknown = await answering((stream) => stream.respond({ 'grpc-status': '5' }, { endStream: true }));
  expect(await isServing(unknown, undefined)).toBe(false);
  expect(await isServing('127.0.0.1:9', undefined)).toBe(false);
});

test('the question is of gRPC, for the service that we call', async () => {
  let asked: Buffer = Buffer.alloc(0);
  const address = await answering((stream, question) => {
    asked = question;
    says(0x08, 1)(stream);
  });
  await isServing(address, undefined);

  expect(asked.readUInt32BE(1)).toBe(asked.length - 5);
  expect(asked.toString('latin1')).toContain('temporal.api.workflowservice.v1.WorkflowService');
});

test('a server that does not answer is not waited for', async () => {
  const since = Date.now();
  expect(await isServing(await answering(() => undefined), undefined)).toBe(false);
  expect(Date.now() - since).toBeLessThan(4_000);
});
