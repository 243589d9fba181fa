import { createPrivateKey } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { configFaults, given, type SettingFault, type Settings } from './config.ts';
import { keysIn } from './payload-keys.ts';

/** Throws when the file or folder of a setting is not what it has to be, with what was expected. */
type Look = (path: string) => void;

const problemOf: Record<string, string> = {
  ENOENT: 'it is not there',
  EACCES: 'it may not be read or written by this user',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  EROFS: 'it cannot be written',
};

class Unexpected extends Error {}

const folder: Look = (path) => {
  if (!statSync(path).isDirectory()) throw new Unexpected('it is no folder');
  accessSync(path, constants.R_OK | constants.X_OK);
};

/** The folder itself, or the nearest one above it: what is not there yet is made. */
const growing: Look = (path) => {
  const there = existsSync(path) || path === dirname(path);
  if (!there) return growing(dirname(path));
  if (!statSync(path).isDirectory()) throw new Unexpected(`${path} is no folder`);
  accessSync(path, constants.W_OK | constants.X_OK);
};

const appended: Look = (path) => {
  if (!existsSync(path)) return accessSync(dirname(path), constants.W_OK | constants.X_OK);
  if (!statSync(path).isFile()) throw new Unexpected('it is no file');
  accessSync(path, constants.W_OK);
};

const pem: Look = (path) => {
  if (!readFileSync(path, 'utf8').includes('-----BEGIN ')) throw new Unexpected('there is nothing in PEM in it');
};

const signingKey: Look = (path) => {
  pem(path);
  if (createPrivateKey(readFileSync(path)).asymmetricKeyType !== 'ed25519') throw new Unexpected('it is another key');
};

const files: Record<string, { expected: string; look: Look }> = {
  EVENKEEL_STATE_DIR: { expected: 'a folder that can be written, or be made', look: growing },
  EVENKEEL_SECRETS_DIR: { expected: 'a folder with a file for each secret', look: folder },
  EVENKEEL_PROGRAMS_DIR: { expected: 'a folder with programs', look: folder },
  EVENKEEL_CHECKPOINT_FILE: { expected: 'a file that can be appended to', look: appended },
  EVENKEEL_SIGNING_KEY: { expected: 'a file with an Ed25519 private key (PEM)', look: signingKey },
  EVENKEEL_PAYLOAD_KEYS: {
    expected: 'a file with a line for each key',
    look: (path) => void keysIn(readFileSync(path, 'utf8')),
  },
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: { expected: 'a file with certificates (PEM)', look: pem },
  TEMPORAL_TLS_CLIENT_CERT_PATH: { expected: 'a file with a certificate (PEM)', look: pem },
  TEMPORAL_TLS_CLIENT_KEY_PATH: { expected: 'a file with a private key (PEM)', look: pem },
};

/** All that is wrong with the settings, also with the files and folders that they name. */
export const settingFaults = (environment: Settings): SettingFault[] => [
  ...configFaults(environment),
  ...Object.entries(given(environment)).flatMap(([name, value]): SettingFault[] => {
    const file = files[name];
    const problem = file && troubleOf(() => file.look(value));
    return problem === undefined ? [] : [{ name, value, message: `expected ${file!.expected}: ${problem}` }];
  }),
];

const troubleOf = (look: () => void): string | undefined => {
  try {
    look();
    return undefined;
  } catch (error) {
    if (error instanceof Unexpected) return error.message;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return problemOf[code] ?? (error instanceof Error ? error.message.replace(/^EVENKEEL_\w+: /, '') : String(error));
  }
};
