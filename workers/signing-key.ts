import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyIdOf } from '../domain/digest.ts';
import type { Config } from './config.ts';
import { keptFile } from './kept-file.ts';

export interface SigningKey {
  key: KeyObject;
  publicPem: string;
  /** Sixteen digits of the public key's digest. */
  keyId: string;
}

/** The key that signs checkpoints: of the environment, else of the state folder, where it is made once with mode 0600. */
export function loadSigningKey({ EVENKEEL_SIGNING_KEY, EVENKEEL_STATE_DIR }: Config): SigningKey {
  if (EVENKEEL_SIGNING_KEY !== undefined) return described(createPrivateKey(readFileSync(EVENKEEL_SIGNING_KEY)));
  if (EVENKEEL_STATE_DIR === undefined)
    throw new Error(
      'EVENKEEL_SIGNING_KEY: a file with an Ed25519 private key is needed where there is no state folder',
    );
  const path = join(EVENKEEL_STATE_DIR, 'signing-key.pem');
  const make = (): string =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return described(createPrivateKey(keptFile(path, make)));
}

const described = (key: KeyObject): SigningKey => {
  const publicPem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  return { key, publicPem, keyId: keyIdOf(publicPem) };
};
