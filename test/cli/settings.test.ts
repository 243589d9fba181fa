import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { settingFindings } from '../../cli/doctor-settings.ts';

const root = join(import.meta.dirname, '..', '..');
const wrong = { EVENKEEL_EGRESS_ALLOW: '10.0.0.0/99', EVENKEEL_DATABASE_CONNECTIONS: 'many' };

/** A process with these settings; the code that it ends with, and what it said. */
const ended = (program: string, argv: string[], settings: Record<string, string>) => {
  const env = { ...process.env, EVENKEEL_STATE_DIR: '/nowhere', ...settings };
  const { status, stderr } = spawnSync(process.execPath, [join(root, program), ...argv], { env, encoding: 'utf8' });
  return { status, stderr };
};

describe('settings that will not do', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'evenkeel-doctor-'));

  test.each([
    ['cli/main.ts', ['start'], {}],
    ['roles/main.ts', ['api'], { DATABASE_URL: 'postgresql://db/evenkeel', TEMPORAL_ADDRESS: '127.0.0.1:7233' }],
  ])('end %s %j once, with all of them and without a stack', (program, argv, servers) => {
    const { status, stderr } = ended(program, argv, { ...wrong, ...servers, EVENKEEL_STATE_DIR: stateDir });

    expect(status).toBe(2);
    expect(stderr).toContain('EVENKEEL_EGRESS_ALLOW=10.0.0.0/99: 10.0.0.0/99 is neither host:port nor a network');
    expect(stderr).toContain('EVENKEEL_DATABASE_CONNECTIONS=many: expected a number from 4 to 200');
    expect(stderr).toMatch(/^evenkeel: these settings are not valid$/m);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test('are found by the doctor, with what is misspelt', () => {
    const findings = settingFindings({ ...wrong, EVENKEEL_PROT: '7481', EVENKEEL_SECRET_GITHUB: 's' }, stateDir);

    expect(findings.map(({ subject, state }) => [subject, state])).toEqual([
      ['EVENKEEL_EGRESS_ALLOW', 'missing'],
      ['EVENKEEL_DATABASE_CONNECTIONS', 'missing'],
      ['EVENKEEL_PROT', 'warn'],
    ]);
  });
});

test('the doctor looks into folders', () => {
  const [stateDir, programs] = [mkdtempSync(join(tmpdir(), 'evenkeel-')), mkdtempSync(join(tmpdir(), 'evenkeel-'))];
  mkdirSync(join(stateDir, 'secrets'));
  for (const [name, mode] of [
    ['github', 0o600],
    ['open', 0o644],
    ['Slack.txt', 0o600],
  ] as const) {
    writeFileSync(join(stateDir, 'secrets', name), 'x');
    chmodSync(join(stateDir, 'secrets', name), mode);
  }
  writeFileSync(join(programs, 'deploy.sh'), '#!/bin/sh', { mode: 0o644 });

  const findings = settingFindings({ EVENKEEL_PROGRAMS_DIR: programs }, stateDir);

  expect(findings.map(({ detail }) => detail)).toEqual([
    'as expected',
    `3 in ${join(stateDir, 'secrets')}; everybody can read open; no document can refer to Slack.txt`,
    'cannot be run: deploy.sh',
  ]);
  // What mends it can be pasted.
  expect(findings.map(({ remedy }) => remedy?.split('\n')[0])).toEqual([
    undefined,
    `chmod o-r ${join(stateDir, 'secrets', 'open')}`,
    `chmod +x ${join(programs, 'deploy.sh')}`,
  ]);
});
