import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unreadable } from '../../domain/unreadable.rules.ts';
import { readConfig } from '../../workers/config.ts';
import { createPayloadCodec } from '../../workers/payload-codec.ts';
import { loadPayloadKeys } from '../../workers/payload-keys.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-keys-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const settings = { DATABASE_URL: 'postgresql://not-used', TEMPORAL_ADDRESS: '127.0.0.1:7233' };
const key = (id: string, byte: number): string => `${id} ${Buffer.alloc(32, byte).toString('base64')}\n`;
const keysOf = (text: string) => {
  const path = join(folder, crypto.randomUUID());
  writeFileSync(path, text);
  return loadPayloadKeys(readConfig({ ...settings, EVENKEEL_PAYLOAD_KEYS: path }));
};
const codecOf = (text: string) => createPayloadCodec(keysOf(text));

const workflow = { type: 'workflow', namespace: 'evenkeel', workflowId: 'operation-plan/a' } as const;
const activity = { ...workflow, type: 'activity', activityId: '1', isLocal: false } as const;
const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const read = (found: Payload): unknown => defaultPayloadConverter.fromPayload(found);

test('what was sealed for a reader is read by it, and says nothing to anybody else', async () => {
  const codec = codecOf(key('a', 1));
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      const [sealed] = await codec.encode([payload({ value })], workflow);
      const [opened] = await codec.decode([sealed!], workflow);
      expect(read(opened!)).toEqual(JSON.parse(JSON.stringify({ value })));
    }),
    { numRuns: 200 },
  );
  const [sealed] = await codec.encode([payload('words of people')], workflow);
  expect(Buffer.from(sealed!.data!).toString('latin1')).not.toContain('words');
});

test('the same twice is not the same to whoever looks on', async () => {
  const codec = codecOf(key('a', 1));
  const [once, twice] = await codec.encode([payload('same'), payload('same')], workflow);
  expect(Buffer.from(once!.data!).equals(Buffer.from(twice!.data!))).toBe(false);
});

test.each<[string, SerializationContext | undefined]>([
  ['another workflow', { ...workflow, workflowId: 'operation-plan/b' }],
  ['another namespace', { ...workflow, namespace: 'other' }],
  ['an activity of it', activity],
  ['nobody in particular', undefined],
])('what was sealed for a workflow is unreadable for %s', async (_, reader) => {
  const codec = codecOf(key('a', 1));
  const [found] = await codec.decode(await codec.encode([payload('x')], workflow), reader);
  expect(read(found!)).toEqual(unreadable);
});

test('what was sealed for one activity is unreadable for the next, wherever either runs', async () => {
  const codec = codecOf(key('a', 1));
  const sealed = await codec.encode([payload('x')], activity);

  expect(read((await codec.decode(sealed, { ...activity, isLocal: true }))[0]!)).toBe('x');
  expect(read((await codec.decode(sealed, { ...activity, activityId: '2' }))[0]!)).toEqual(unreadable);
});

test('no bit of a sealed payload can be changed, no name of it, and none can be put in plain', async () => {
  const codec = codecOf(key('a', 1) + key('b', 2));
  const [sealed] = await codec.encode([payload({ quorum: 2 })], workflow);
  const forged: Payload[] = [payload({ quorum: 1 }), { metadata: sealed!.metadata!, data: Buffer.alloc(0) }];
  for (let bit = 0; bit < sealed!.data!.length * 8; bit += 7) {
    const data = Buffer.from(sealed!.data!);
    data[bit >> 3]! ^= 1 << (bit & 7);
    forged.push({ metadata: sealed!.metadata!, data });
  }
  for (const name of ['encoding', 'encryption-key-id', 'bound-to'])
    for (const value of ['b', 'json/plain', ''])
      forged.push({ metadata: { ...sealed!.metadata, [name]: Buffer.from(value) }, data: sealed!.data! });

  for (const found of await codec.decode(forged, workflow)) expect(read(found)).toEqual(unreadable);
});

test('while keys change, both open and the first one seals; without the old one it is over', async () => {
  const before = codecOf(key('old', 1));
  const both = codecOf(key('new', 2) + key('old', 1));
  const after = codecOf(key('new', 2));
  const old = await before.encode([payload('x')], workflow);
  const fresh = await both.encode([payload('y')], workflow);

  expect(read((await both.decode(old, workflow))[0]!)).toBe('x');
  expect(read((await after.decode(fresh, workflow))[0]!)).toBe('y');
  expect(read((await after.decode(old, workflow))[0]!)).toEqual(unreadable);
});

test('nothing is sent that nobody in particular is to read', async () => {
  await expect(codecOf(key('a', 1)).encode([payload('x')])).rejects.toThrow('without a workflow');
});

test('a key is made once in the state folder, for its owner alone', () => {
  const config = readConfig({ ...settings, EVENKEEL_STATE_DIR: join(folder, 'state') });
  const [first, second] = [loadPayloadKeys(config), loadPayloadKeys(config)];

  expect([...first.keys()]).toEqual([...second.keys()]);
  expect(first.values().next().value!.equals(second.values().next().value!)).toBe(true);
  expect(statSync(join(folder, 'state', 'payload-keys')).mode & 0o777).toBe(0o600);
});

test.each([
  ['nothing', '', 'the file has no key'],
  ['a short key', 'a c2hvcnQ=\n', 'key 1 is not written as'],
  ['a line of something else', `${key('a', 1)}secret-in-the-wrong-place\n`, 'key 2 is not written as'],
  ['one id twice', key('a', 1) + key('a', 2), 'two keys have the same id'],
])('a file with %s is refused without showing it', (_, text, words) => {
  expect(() => keysOf(text)).toThrow(words);
  expect(() => keysOf(text)).not.toThrow('secret-in');
});

test('without a state folder the file has to be named', () => {
  expect(() => loadPayloadKeys(readConfig(settings))).toThrow('EVENKEEL_PAYLOAD_KEYS');
});
