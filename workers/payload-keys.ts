import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { keptFile } from './kept-file.ts';

/** The keys that seal what goes through Temporal, by id. The first one seals, each of them opens. */
export type PayloadKeys = ReadonlyMap<string, KeyObject>;

const keyBytes = 32;

/**
 * Reads the keys from the file that the environment names, else from the state folder, where one is made once with mode
 * 0600. A line is `<id> <32 bytes in base64>`. Throws on a file without a key, and on a line that is none.
 */
export function loadPayloadKeys({ EVENKEEL_PAYLOAD_KEYS, EVENKEEL_STATE_DIR }: Config): PayloadKeys {
  if (EVENKEEL_PAYLOAD_KEYS !== undefined) return keysIn(readFileSync(EVENKEEL_PAYLOAD_KEYS, 'utf8'));
  if (EVENKEEL_STATE_DIR === undefined)
    throw new Error('EVENKEEL_PAYLOAD_KEYS: a file with keys is needed where there is no state folder');
  return keysIn(keptFile(join(EVENKEEL_STATE_DIR, 'payload-keys'), newLine));
}

const newLine = (): string => `${randomBytes(4).toString('hex')} ${randomBytes(keyBytes).toString('base64')}\n`;

/** The keys of a file. */
export function keysIn(text: string): PayloadKeys {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const keys = new Map(lines.map((line, at) => keyOf(line, at + 1)));
  if (keys.size === 0) throw new Error('EVENKEEL_PAYLOAD_KEYS: the file has no key');
  if (keys.size < lines.length) throw new Error('EVENKEEL_PAYLOAD_KEYS: two keys have the same id');
  return keys;
}

/** A faulty line is named by its number: it may hold a key. */
function keyOf(line: string, number: number): [string, KeyObject] {
  const [id = '', secret = '', ...rest] = line.trim().split(/\s+/);
  const bytes = Buffer.from(secret, 'base64');
  if (!/^[\w.-]{1,64}$/.test(id) || bytes.length !== keyBytes || rest.length > 0)
    throw new Error(`EVENKEEL_PAYLOAD_KEYS: key ${number} is not written as <id> <${keyBytes} bytes in base64>`);
  return [id, createSecretKey(bytes)];
}
