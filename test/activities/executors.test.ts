import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEgress } from '../../activities/egress.ts';
import { executeCommand } from '../../activities/executors/command.ts';
import { executeHttp } from '../../activities/executors/http.ts';
import { Undo } from '../../domain/runbook.ts';
import { answering, answeringPrivately, execution, secretsOf, serve } from './world.ts';

const request = (url: string, more: object = {}) =>
  Undo.parse({ kind: 'http', url, ...more }) as Extract<Undo, { kind: 'http' }>;

describe('a request', () => {
  /** A server that remembers what it was asked, and answers with what `reply` makes of it. */
  const target = async (reply: (request: IncomingMessage) => string = () => '') => {
    const seen: { method: string | undefined; headers: IncomingMessage['headers']; body: string }[] = [];
    const served = await serve(async (incoming, response) => {
      let body = '';
      for await (const chunk of incoming as AsyncIterable<Buffer>) body += chunk.toString();
      seen.push({ method: incoming.method, headers: incoming.headers, body });
      response.end(reply(incoming));
    });
    return { ...served, seen, egress: createEgress([served.address]) };
  };

  test('carries the key of its effect', async () => {
    const { url, egress, seen } = await target();

    expect(await executeHttp(request(url), execution({ egress, key: 'k/1' }))).toMatchObject({ ok: true });
    expect(seen).toMatchObject([{ method: 'POST', headers: { 'idempotency-key': 'k/1' } }]);
  });

  test('carries no other key, however a step writes it', async () => {
    const { url, egress, seen } = await target();
    const headers = { 'Idempotency-Key': 'mine', 'Content-Type': 'text/plain' };
    await executeHttp(request(url, { headers, body: '"x"' }), execution({ egress, key: 'k/1' }));

    expect(seen[0]!.headers).toMatchObject({ 'idempotency-key': 'k/1', 'content-type': 'text/plain' });
  });

  test('fills in values so that none leaves its string', async () => {
    const { url, egress, seen } = await target();
    const values = { artifact: 'a","admin":true,"x":"\n' };
    await executeHttp(request(url, { body: '{"artifact":"{{artifact}}"}' }), execution({ egress, values }));

    expect(seen[0]!.headers['content-type']).toBe('application/json');
    expect(JSON.parse(seen[0]!.body)).toEqual({ artifact: values.artifact });
  });

  test('shows no secret that the receiver says back', async () => {
    const { url, egress, seen } = await target((incoming) => `you are ${incoming.headers.authorization}`);
    const headers = { authorization: { secret: 'deploy', prefix: 'Bearer ' } };
    const result = await executeHttp(
      request(url, { headers }),
      execution({ egress, secrets: secretsOf({ deploy: 's3cret' }) }),
    );

    expect(seen[0]!.headers.authorization).toBe('Bearer s3cret');
    expect(result).toEqual({ ok: true, detail: 'status 200', output: 'you are Bearer [secret]' });
  });

  test.each([
    [
      'the header in base64',
      (header: string) => Buffer.from(header).toString('base64'),
      /^[\w+/=]{0,12}\[secret\][\w+/=]{0,4}$/,
    ],
    ['it in JSON', (header: string) => JSON.stringify({ header }), /^\{"header":"Bearer \[secret\]"\}$/],
    ['it in a URL', (header: string) => encodeURIComponent(header), /^Bearer%20\[secret\]$/],
  ])('shows no secret when the receiver says back %s', async (_, form, shown) => {
    const { url, egress } = await target((incoming) => form(incoming.headers.authorization!));
    const headers = { authorization: { secret: 'deploy', prefix: 'Bearer ' } };
    const { output } = await executeHttp(
      request(url, { headers }),
      execution({ egress, secrets: secretsOf({ deploy: 's3"cret/of+the house' }) }),
    );

    expect(output).toMatch(shown);
  });

  test('shows no password of a login that the receiver reads', async () => {
    const login = Buffer.from('deployer:pass word').toString('base64');
    const { url, egress } = await target((incoming) => atob(incoming.headers.authorization!.slice(6)));
    const headers = { authorization: { secret: 'login', prefix: 'Basic ' } };
    const { output } = await executeHttp(
      request(url, { headers }),
      execution({ egress, secrets: secretsOf({ login }) }),
    );

    expect(output).toBe('[secret]');
  });

  test('keeps beginning and end of a long reply', async () => {
    const { url, egress } = await target(() => `first${'x'.repeat(100_000)}the reason`);
    const { output } = await executeHttp(request(url), execution({ egress }));

    expect(output).toMatch(/^firstx+\n\[… 84,\d{3} characters are left out here …\]\nx+the reason$/);
  });

  test('says that a reply goes on which was not read to its end, and shows no half secret', async () => {
    const secret = 'very-secret-indeed';
    const body = 'x'.repeat(256 * 1024 - 5);
    const { url, egress } = await target(() => `${body}${secret} and more`);
    const headers = { authorization: { secret: 'deploy' } };
    const { output } = await executeHttp(
      request(url, { headers }),
      execution({ egress, secrets: secretsOf({ deploy: secret }) }),
    );

    expect(output).toMatch(/x\n\[the reply goes on\]$/);
    expect(output!.length).toBeLessThanOrEqual(16_000);
  });

  test('is known by its status when its reply cannot be read', async () => {
    const server = await answering(200, 'no gzip', { 'content-encoding': 'gzip' });

    expect(await executeHttp(request(server.url), execution({ egress: createEgress([server.address]) }))).toMatchObject(
      {
        ok: true,
        output: '[the reply cannot be read: what it is packed in is no valid gzip]',
      },
    );
  });

  test.each([
    [503, { 'retry-after': '20' }, 20_000],
    [429, { 'retry-after': '31536000' }, 86_400_000],
    [503, {}, undefined],
    [200, { 'retry-after': '20' }, undefined],
  ])('that is answered with %i and %o asks for another try in %s ms', async (status, headers, expected) => {
    const server = await answering(status, '', headers);
    const result = await executeHttp(request(server.url), execution({ egress: createEgress([server.address]) }));

    expect(result.retryAfterMs).toBe(expected);
  });

  test('reaches a server of a private authority when the step names it, and no other way', async () => {
    const { url, address, authority } = await answeringPrivately(200, 'fine');
    const egress = createEgress([address]);

    expect(await executeHttp(request(url), execution({ egress }))).toMatchObject({ ok: false });
    expect(await executeHttp(request(url, { authority }), execution({ egress }))).toMatchObject({
      ok: true,
      output: 'fine',
    });
  });

  test('with a header that no server would read is not sent, and does not show its value', async () => {
    const { url, egress, connections } = await target();
    const result = await executeHttp(
      request(url, { headers: { authorization: { secret: 'deploy', prefix: 'Bearer ' } } }),
      execution({ egress, secrets: secretsOf({ deploy: 'ключ' }) }),
    );

    expect(result).toEqual({
      ok: false,
      detail: 'the header "authorization" has a character that no header may have',
      neverSent: true,
    });
    expect(connections()).toBe(0);
  });

  test('leaves a reply as it is when a secret is empty', async () => {
    const { url, egress } = await target(() => 'fine');
    const headers = { authorization: { secret: 'deploy' } };
    const result = await executeHttp(
      request(url, { headers }),
      execution({ egress, secrets: secretsOf({ deploy: '' }) }),
    );

    expect(result.output).toBe('fine');
  });

  test('is not sent when a secret is missing', async () => {
    const { url, egress, connections } = await target();
    const headers = { authorization: { secret: 'deploy' } };

    expect(await executeHttp(request(url, { headers }), execution({ egress }))).toEqual({
      ok: false,
      detail: 'there is no secret deploy',
      neverSent: true,
    });
    expect(connections()).toBe(0);
  });

  test('is good only with a status that was expected', async () => {
    const server = await answering(409, 'conflict');
    const egress = createEgress([server.address]);

    expect(await executeHttp(request(server.url), execution({ egress }))).toEqual({
      ok: false,
      detail: 'status 409',
      output: 'conflict',
    });
    expect(await executeHttp(request(server.url, { status: [409] }), execution({ egress }))).toMatchObject({
      ok: true,
    });
  });

  test('to where it may not go is a failure and no exception', async () => {
    const { url, connections } = await target();

    expect(await executeHttp(request(url), execution())).toMatchObject({ ok: false });
    expect(connections()).toBe(0);
  });
});

describe('a program', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'evenkeel-programs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const program = (name: string, script: string, where = folder): void => {
    writeFileSync(join(where, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(where, name), 0o755);
  };
  const run = (
    name: string,
    args: string[] = [],
    { grace = '10s', ...more }: Parameters<typeof execution>[0] & { grace?: string } = {},
  ) =>
    executeCommand(
      { program: name, arguments: args, repeatable: false, grace },
      execution({ programsFolder: folder, ...more }),
    );
  const pidIn = (file: string): number => Number(readFileSync(join(folder, file), 'utf8'));
  const isAlive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      // One that has ended but was not waited for is dead too.
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };

  test('gets its arguments as they are, whatever a shell would make of them', async () => {
    program('show', 'for each in "$@"; do echo "<$each>"; done');
    const values = { artifact: '$(touch pwned); rm -rf "x" `id` && *' };
    const result = await run('show', ['{{artifact}}', 'a b', '', '$HOME'], { values });

    expect(result).toEqual({
      ok: true,
      detail: 'exit code 0',
      output: '<$(touch pwned); rm -rf "x" `id` && *>\n<a b>\n<>\n<$HOME>\n',
    });
  });

  test('takes no value from outside for an option, and what the catalogue says for what it is', async () => {
    program('show', 'for each in "$@"; do echo "<$each>"; done');
    const values = { 'parameter.file': '--delete', 'parameter.change': '-5', 'environment.mode': '--dry-run' };

    expect(await run('show', ['{{parameter.file}}'], { values })).toEqual({
      ok: false,
      detail: 'the value of {{parameter.file}} begins with a hyphen, and show would take it for an option',
      neverSent: true,
    });
    expect(
      await run('show', ['{{environment.mode}}', '{{parameter.change}}', 'a{{parameter.file}}'], { values }),
    ).toMatchObject({
      ok: true,
      output: '<--dry-run>\n<-5>\n<a--delete>\n',
    });
  });

  test('sees no secret of its house, only its path and the key of its effect', async () => {
    process.env['EVENKEEL_SECRET_DEPLOY'] = 's3cret';
    program('show', '/usr/bin/env | sort');
    const { output } = await run('show', [], { key: 'k/1' });
    delete process.env['EVENKEEL_SECRET_DEPLOY'];

    const names = output!
      .trim()
      .split('\n')
      .map((line) => line.split('=', 1)[0]);
    expect(output).toContain('EVENKEEL_IDEMPOTENCY_KEY=k/1\n');
    expect(names.filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name!))).toEqual([
      'EVENKEEL_IDEMPOTENCY_KEY',
      'PATH',
    ]);
  });

  test('has failed with another exit code than zero', async () => {
    program('fail', 'echo no >&2; exit 3');

    expect(await run('fail')).toEqual({ ok: false, detail: 'exit code 3', output: 'no\n' });
  });

  test('has failed when a signal ended it', async () => {
    program('die', 'kill -TERM $$');

    expect(await run('die')).toMatchObject({ ok: false, detail: 'ended by SIGTERM' });
  });

  test('is not run when a link leads out of the folder', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'evenkeel-outside-'));
    program('real', 'echo reached', outside);
    symlinkSync(join(outside, 'real'), join(folder, 'link'));
    const result = await run('link');
    rmSync(outside, { recursive: true });

    expect(result).toEqual({
      ok: false,
      detail: 'the programs folder has no program link that may be run',
      neverSent: true,
    });
  });

  test('may be a link inside of the folder', async () => {
    program('v2', 'echo reached');
    symlinkSync('v2', join(folder, 'current'));

    expect(await run('current')).toMatchObject({ ok: true, output: 'reached\n' });
  });

  test('that is not there, is a folder or may not be run is a failure and no exception', async () => {
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'text'), 'hello');

    expect(await run('ghost')).toEqual({
      ok: false,
      detail: 'the programs folder has no program ghost that may be run',
      neverSent: true,
    });
    expect(await run('..')).toMatchObject({ ok: false });
    expect(await run('folder')).toMatchObject({ ok: false, detail: expect.stringContaining('could not be started') });
    expect(await run('text')).toMatchObject({
      ok: false,
      detail: 'the programs folder has no program text that may be run',
    });
    expect(await run('text', [], { programsFolder: undefined })).toMatchObject({
      ok: false,
      detail: 'no programs folder is set (EVENKEEL_PROGRAMS_DIR)',
    });
  });

  test('is killed with all its children when its time is up', async () => {
    program('slow', `sleep 300 & echo $! > ${folder}/child; echo begun; wait`);
    const result = await run('slow', [], { timeoutMs: 300 });

    expect(result).toEqual({ ok: false, detail: 'not done within 300 ms, then ended by SIGTERM', output: 'begun\n' });
    await expect.poll(() => isAlive(pidIn('child'))).toBe(false);
  });

  test('does not keep its caller waiting through a child that left the group', async () => {
    program('daemon', `setsid sleep 30 & echo $! > ${folder}/child; sleep 30`);
    const result = await run('daemon', [], { timeoutMs: 300 });
    process.kill(pidIn('child'), 'SIGKILL');

    expect(result).toMatchObject({ ok: false, detail: 'not done within 300 ms, then ended by SIGTERM' });
  });

  test('ends when it is cancelled, also before it began', async () => {
    program('slow', 'sleep 300');
    const aborting = new AbortController();
    const running = run('slow', [], { signal: aborting.signal });
    setTimeout(() => aborting.abort(), 50);

    expect(await running).toMatchObject({ ok: false, detail: 'cancelled, then ended by SIGTERM' });
    expect(await run('slow', [], { signal: AbortSignal.abort() })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^cancelled/),
    });
  });

  test('cleans up when its time is up, and has failed all the same', async () => {
    program('lock', `trap 'echo released; exit 0' TERM; echo locked; while :; do sleep 0.05; done`);

    expect(await run('lock', [], { timeoutMs: 300 })).toEqual({
      ok: false,
      detail: 'not done within 300 ms, then exit code 0',
      output: expect.stringMatching(/^locked\n(.*\n)?released\n$/),
    });
  });

  test('lets what it started clean up, though its shell has ended before', async () => {
    program('tool', `trap 'sleep 0.3; echo released > ${folder}/released; exit 0' TERM; while :; do sleep 0.05; done`);
    program('wrapper', `${folder}/tool\ntrue`);
    await run('wrapper', [], { timeoutMs: 300 });

    expect(readFileSync(join(folder, 'released'), 'utf8')).toBe('released\n');
  });

  test('that does not end by itself is killed after its grace, with what it started', async () => {
    program(
      'deaf',
      `trap '' TERM; sh -c "trap '' TERM; sleep 300" & echo $! > ${folder}/child; while :; do sleep 1; done`,
    );
    const result = await run('deaf', [], { timeoutMs: 300, grace: '200ms' });

    expect(result).toMatchObject({ ok: false, detail: 'not done within 300 ms, then ended by SIGKILL' });
    await expect.poll(() => isAlive(pidIn('child'))).toBe(false);
  });

  test('has no long grace when its worker stops', async () => {
    program('deaf', `trap '' TERM; echo deaf; while :; do sleep 1; done`);
    const began = Date.now();
    await run('deaf', [], { timeoutMs: 200, isInterrupted: () => true });

    expect(Date.now() - began).toBeLessThan(5_000);
  });

  test.each([
    ['its output', 'sleep 30 & echo $! > child; echo started'],
    ['its errors', 'sleep 30 >/dev/null & echo $! > child; echo started'],
    ['its output from another group', 'setsid sleep 30 & echo $! > child; echo started'],
  ])('is done when it ends, though a child in the background holds %s', async (_, script) => {
    program('launch', script);
    const began = Date.now();
    const result = await run('launch');

    expect(result).toEqual({ ok: true, detail: 'exit code 0', output: 'started\n' });
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(isAlive(pidIn('child'))).toBe(true);
    process.kill(pidIn('child'), 'SIGKILL');
  });

  test('fails with its own exit code when a child in the background goes on', async () => {
    program('launch', 'sleep 30 & echo $! > child; exit 4');

    expect(await run('launch')).toMatchObject({ ok: false, detail: 'exit code 4' });
    process.kill(pidIn('child'), 'SIGKILL');
  });

  test('may talk as long as it likes, of which beginning and end are kept', async () => {
    program('talk', 'echo first; yes | head -c 5000000; echo "ERROR: the reason" >&2; exit 3');
    const { output } = await run('talk');

    expect(output!.length).toBeLessThanOrEqual(16_000);
    expect(output).toMatch(/^first\ny\n/);
    expect(output).toMatch(/\[… 4,98\d,\d{3} characters are left out here …\]/);
    expect(output).toMatch(/y\nERROR: the reason\n$/);
  });

  test('may write a character in two pieces', async () => {
    program(
      'slow',
      String.raw`printf 'caf\303'; sleep 0.2; printf '\251\n'; printf '\360\237' >&2; sleep 0.2; printf '\230\200' >&2`,
    );

    expect(await run('slow')).toMatchObject({ output: 'café\n😀' });
  });

  test('may be cut short in the middle of a character', async () => {
    program('cut', String.raw`printf 'caf\303'`);

    expect(await run('cut')).toMatchObject({ output: 'caf\uFFFD' });
  });

  const raw = (name: string, content: string): void => {
    writeFileSync(join(folder, name), content);
    chmodSync(join(folder, name), 0o755);
  };
  test.each([
    ['#!/bin/sh\r\necho ok\r\n', String.raw`its interpreter /bin/sh\r is not there (it has Windows line ends`],
    ['#!/opt/nowhere/python3 -u\nprint()\n', 'its interpreter /opt/nowhere/python3 is not there'],
    ['#! /opt/nowhere/ruby', 'its interpreter /opt/nowhere/ruby is not there'],
    ['#!/tmp\n', 'its interpreter /tmp is no program that may be run'],
  ])('that cannot be started says why: %j', async (script, why) => {
    raw('script', script);

    expect(await run('script')).toEqual({
      ok: false,
      detail: expect.stringContaining(`could not be started: ${why}`),
      neverSent: true,
    });
  });

  test('says what it got when env does not find its interpreter', async () => {
    raw('script', '#!/usr/bin/env nowhere\n');

    expect(await run('script')).toMatchObject({ detail: 'exit code 127', output: expect.stringContaining('nowhere') });
  });

  test('cannot be asked for a value that there is not', async () => {
    program('show', 'true');

    await expect(run('show', ['{{ghost}}'])).rejects.toMatchObject({ code: 'invalid' });
  });
});
