import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig, settingText } from '../../workers/config.ts';
import { settingFaults } from '../../workers/settings.ts';

const sound = { DATABASE_URL: 'postgresql://evenkeel:secret@db:5432/evenkeel', TEMPORAL_ADDRESS: '127.0.0.1:7233' };
const faultsOf = (settings: Record<string, string>): string[] =>
  settingFaults({ ...sound, ...settings }).map(settingText);

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-settings-'));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const keyOf = (kind: 'ed25519' | 'x25519'): string =>
  (kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519')).privateKey
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();

describe('a setting that will not do is named, with what was expected', () => {
  test.each([
    ['DATABASE_URL', 'mysql://db/evenkeel', 'postgresql://'],
    ['DATABASE_URL', 'postgresql://evenkeel:p#ss@db/evenkeel', '%40'],
    ['TEMPORAL_ADDRESS', 'http://temporal:7233', 'a host and a port'],
    ['TEMPORAL_ADDRESS', 'localhost:70000', 'a host and a port'],
    ['TEMPORAL_TLS', 'maybe', 'true or false'],
    [
      'TEMPORAL_TLS_CLIENT_CERT_PATH',
      file('client.pem', '-----BEGIN CERTIFICATE-----'),
      'TEMPORAL_TLS_CLIENT_KEY_PATH',
    ],
    ['TEMPORAL_TLS_SERVER_CA_CERT_PATH', file('no.pem', 'not one'), 'a file with certificates (PEM)'],
    ['EVENKEEL_EGRESS_ALLOW', '10.0.0.0/99', '10.0.0.0/99 is neither host:port nor a network'],
    ['EVENKEEL_EGRESS_ALLOW', '10.0.0.0/8,deploy.internal', 'deploy.internal is neither'],
    ['EVENKEEL_EGRESS_ALLOW', 'deploy.internal:99999', 'is neither'],
    ['EVENKEEL_EGRESS_ALLOW', '*:443', 'is neither'],
    ['EVENKEEL_EGRESS_ALLOW', '300.1.1.1:443', 'is neither'],
    ['EVENKEEL_EGRESS_ALLOW', 'https://deploy.internal:443', 'is neither'],
    ['EVENKEEL_SMTP_URL', 'mail.example.org:587', 'smtps://user:password@mail.example.org'],
    ['EVENKEEL_SMTP_URL', 'http://mail.example.org', 'smtps://'],
    ['EVENKEEL_MAIL_FROM', 'Evenkeel', 'a sender such as'],
    ['EVENKEEL_HOST', 'http://0.0.0.0', 'an address of this machine'],
    ['EVENKEEL_PORT', 'abc', 'a number from 0 to 65535'],
    ['EVENKEEL_PORT', '7480.5', 'a number from 0 to 65535'],
    ['EVENKEEL_PORT', '0x1d38', 'a number from 0 to 65535'],
    ['EVENKEEL_PORT', ' ', 'a number from 0 to 65535'],
    ['EVENKEEL_PORT', '65536', 'a number from 0 to 65535'],
    ['EVENKEEL_DATABASE_CONNECTIONS', '1', 'a number from 4 to 200'],
    ['EVENKEEL_MESSAGES_PER_RUN', '1e9', 'a number from 1 to 5000'],
    ['EVENKEEL_PUBLIC_URL', 'evenkeel.example.org', 'an address such as https://'],
    ['EVENKEEL_LOG_LEVEL', 'loud', 'one of trace, debug'],
    ['EVENKEEL_STATE_DIR', join(file('a-file', ''), 'state'), 'is no folder'],
    ['EVENKEEL_SECRETS_DIR', join(folder, 'nowhere'), 'expected a folder with a file for each secret: it is not there'],
    ['EVENKEEL_SECRETS_DIR', file('secret', 's'), 'it is no folder'],
    ['EVENKEEL_PROGRAMS_DIR', '/nowhere', 'it is not there'],
    ['EVENKEEL_CHECKPOINT_FILE', join(folder, 'nowhere', 'file'), 'it is not there'],
    ['EVENKEEL_CHECKPOINT_FILE', folder, 'it is no file'],
    ['EVENKEEL_SIGNING_KEY', join(folder, 'nowhere'), 'an Ed25519 private key (PEM): it is not there'],
    ['EVENKEEL_SIGNING_KEY', file('other.pem', keyOf('x25519')), 'it is another key'],
    ['EVENKEEL_PAYLOAD_KEYS', file('keys', 'one short\n'), 'key 1 is not written as'],
  ])('%s=%s', (name, value, expected) => {
    const faults = faultsOf({ [name]: value });

    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(name);
    expect(faults[0]).toContain(expected);
  });

  test('and all of them at once', () => {
    const faults = settingFaults({
      EVENKEEL_PORT: 'abc',
      EVENKEEL_EGRESS_ALLOW: '10.0.0.0/99,a b',
      EVENKEEL_PROGRAMS_DIR: '/nowhere',
      TEMPORAL_ADDRESS: 'temporal.example.org:7233',
    }).map(({ name }) => name);

    expect(faults.toSorted()).toEqual([
      'DATABASE_URL',
      'EVENKEEL_EGRESS_ALLOW',
      'EVENKEEL_EGRESS_ALLOW',
      'EVENKEEL_PORT',
      'EVENKEEL_PROGRAMS_DIR',
      'TEMPORAL_ADDRESS',
    ]);
  });

  test('without a value that may hold a password', () => {
    expect(faultsOf({ DATABASE_URL: 'mysql://a:hush@b/c', EVENKEEL_SMTP_URL: 'http://a:hush@b' }).join()).not.toContain(
      'hush',
    );
  });
});

test.each([
  { EVENKEEL_EGRESS_ALLOW: '127.0.0.1:7499, 10.0.0.0/8,[::1]:80,fd00::/8,deploy.internal:443,my_host:1' },
  { DATABASE_URL: 'postgresql:///evenkeel?host=/run/postgresql', TEMPORAL_ADDRESS: '[::1]:7233' },
  { DATABASE_URL: 'postgresql://evenkeel@/evenkeel?host=%2Ftmp%2Fsocket&port=5432' },
  { EVENKEEL_SMTP_URL: 'smtp://127.0.0.1:2525', EVENKEEL_MAIL_FROM: 'ops@example.org', EVENKEEL_HOST: '::' },
  { EVENKEEL_STATE_DIR: join(folder, 'not', 'yet', 'there'), EVENKEEL_SIGNING_KEY: file('key.pem', keyOf('ed25519')) },
  { EVENKEEL_PORT: '', EVENKEEL_SMTP_URL: '', EVENKEEL_SECRETS_DIR: folder },
])('settings as they may be: %j', (settings) => {
  expect(faultsOf(settings)).toEqual([]);
  expect(readConfig({ ...sound, ...settings }).EVENKEEL_PORT).toBe(7480);
});
