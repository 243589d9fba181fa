import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { expect, onTestFinished, test, vi } from 'vitest';
import { doctor } from '../../cli/doctor.ts';
import { claimRun } from '../../cli/state.ts';
import { startFakeApi } from './fake-api.ts';

/** What doctor says of the mail server that this URL names; nothing else is looked at in vain. */
const mail = async (url: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  vi.stubEnv('EVENKEEL_SMTP_URL', url);
  vi.stubEnv('DATABASE_URL', 'postgres://nowhere');
  vi.stubEnv('TEMPORAL_ADDRESS', 'nowhere:7233');
  onTestFinished(() => void vi.unstubAllEnvs());
  return (await doctor(folder)).find(({ subject }) => subject === 'mail')!;
};

const server = async (password: string): Promise<number> => {
  const smtp = new SMTPServer({
    closeTimeout: 100,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ password: given }, _, done) =>
      given === password
        ? done(null, { user: 'evenkeel' })
        : done(Object.assign(new Error('Authentication failed'), { responseCode: 535 })),
  });
  smtp.on('error', () => {});
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => new Promise((resolve) => smtp.close(() => resolve())));
  return (smtp.server.address() as AddressInfo).port;
};

test('what runs is named by its own address, and that its settings are not those of this shell', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  claimRun(folder, { address: 'http://127.0.0.1:7580' });

  const findings = await doctor(folder);

  expect(findings.find(({ subject }) => subject === 'Evenkeel')).toMatchObject({
    state: 'ok',
    detail: `runs at http://127.0.0.1:7580 (pid ${process.pid})`,
    remedy: expect.stringContaining("this shell's environment"),
  });
  expect(JSON.stringify(findings)).not.toContain('7480');
});

test('a secret that a Source or a channel names is missed where it is not in place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const api = await startFakeApi({
    'GET /v1/catalogue/Source': {
      body: {
        items: [
          { name: 'grafana-shop', spec: { secrets: ['grafana-new', 'grafana-old'], app: { privateKey: 'app-key' } } },
        ],
      },
    },
    'GET /v1/catalogue/NotificationChannel': {
      body: {
        items: [
          { name: 'mail', spec: { type: 'email', to: ['ana@example.org'] } },
          { name: 'chat', spec: { type: 'slack', token: 'slack-bot', to: 'C024BE91L' } },
          { name: 'sms', spec: { type: 'gateway', headers: { a: 'plain', b: { secret: 'sms', prefix: '' } } } },
        ],
      },
    },
  });
  claimRun(folder, { address: api.url });
  mkdirSync(join(folder, 'secrets'));
  writeFileSync(join(folder, 'secrets', 'grafana-old'), 'x', { mode: 0o600 });
  vi.stubEnv('EVENKEEL_TOKEN', 'evk_test');
  vi.stubEnv('EVENKEEL_SECRET_SLACK_BOT', 'x');
  onTestFinished(() => void vi.unstubAllEnvs());

  const found = (await doctor(folder)).filter(({ subject }) => subject === 'secret');

  expect(found.map(({ state, detail }) => [state, detail])).toEqual([
    ['warn', 'Source grafana-shop names grafana-new, which is not there'],
    ['warn', 'Source grafana-shop names app-key, which is not there'],
    ['warn', 'NotificationChannel sms names sms, which is not there'],
  ]);
  expect(found[2]?.remedy).toContain(join(folder, 'secrets', 'sms'));
});

test('a mail server that lets us in is good', async () => {
  const port = await server('new');

  expect(await mail(`smtp://evenkeel:new@127.0.0.1:${port}`)).toMatchObject({
    state: 'ok',
    detail: `127.0.0.1:${port} accepts the login`,
  });
});

test.each([
  ['a wrong password', (port: number) => `smtp://evenkeel:s3cret@127.0.0.1:${port}`, '535'],
  ['nobody there', () => 'smtp://evenkeel:s3cret@127.0.0.1:1', 'ECONNREFUSED'],
  ['what is no URL', () => 's3cret', ''],
])('%s is found, and no password is shown', async (_, url, detail) => {
  const found = await mail(url(await server('new')));

  expect(found).toMatchObject({ state: 'missing', detail: expect.stringContaining(detail) });
  expect(JSON.stringify(found)).not.toContain('s3cret');
});
