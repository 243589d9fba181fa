import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { GateFact } from '../../domain/gate.ts';
import { readJson } from '../../domain/json.ts';
import { githubApi } from '../../domain/source.ts';
import { parseGithubGate } from '../../domain/trigger/github-gate.ts';
import { payload } from './payload.ts';

const delivery = '72d3162e-cc78-11e3-81ab-4c9367dc0958';
const body = z
  .record(z.string(), z.unknown())
  .parse(readJson(payload('github/deployment_protection_rule.requested.json')));
const repository = z.record(z.string(), z.unknown()).parse(body['repository']);
const parsed = (changed: object = {}, api = githubApi) => parseGithubGate(delivery, { ...body, ...changed }, api);
const at = (path: string): object => ({ deployment_callback_url: `https://${path}/deployment_protection_rule` });
const own = 'api.github.com/repos/Codertocat/Hello-World/actions/runs/5201934567';

describe('a gate of GitHub', () => {
  test('names its run and environment, and everybody who had a part in it', () => {
    const gate = parsed()!;

    expect(gate).toEqual({
      repository: 'Codertocat/Hello-World',
      run: 5201934567,
      environment: 'production',
      installation: 1,
      factKey: `gate:186853002:5201934567:production:${delivery}`,
      artifact: 'pkg:github/codertocat/hello-world@f95f852bd8fca8fcc58a9a2d6c842781e32a215e',
      transient: false,
      task: 'deploy',
      payload: {},
      triggeredBy: [
        { system: 'github', login: 'Codertocat' },
        { system: 'github', login: 'Hubot-Reader' },
      ],
      link: 'https://github.com/Codertocat/Hello-World/actions/runs/5201934567',
      note: 'commit f95f852bd8fca8fcc58a9a2d6c842781e32a215e of main',
    });
    expect(GateFact.parse(gate)).toEqual(gate);
  });

  test('is one also without a deployment and pull requests, as newer GitHubs ask', () => {
    expect(parsed({ deployment: null, pull_requests: null })).toMatchObject({
      artifact: 'pkg:github/codertocat/hello-world@f95f852bd8fca8fcc58a9a2d6c842781e32a215e',
      triggeredBy: [{ login: 'Codertocat' }],
    });
    expect(parsed({ deployment: null, pull_requests: null, sha: null, ref: null })).toMatchObject({
      artifact: 'pkg:github/codertocat/hello-world',
      note: undefined,
    });
  });

  test('has the other authors where one of them is odd', () => {
    expect(parsed({ pull_requests: [7, { user: { login: 'zoe' } }] })?.triggeredBy).toMatchObject([
      { login: 'Codertocat' },
      { login: 'zoe' },
    ]);
  });

  test('that is not requested is none', () => {
    expect(parsed({ action: 'withdrawn' })).toBeUndefined();
  });

  test('of an Enterprise Server is answered there', () => {
    const api = 'https://github.example.com/api/v3';

    expect(parsed(at('github.example.com/api/v3/repos/Codertocat/Hello-World/actions/runs/7'), api)).toMatchObject({
      run: 7,
    });
    expect(() => parsed({}, api)).toThrow('expected an address of https://github.example.com/api/v3/repos/');
  });

  test.each([
    ['another host', 'evil.example.com/repos/Codertocat/Hello-World/actions/runs/1'],
    ['a host that begins alike', 'api.github.com.evil.example.com/repos/Codertocat/Hello-World/actions/runs/1'],
    ['a user that looks like the host', 'api.github.com@evil.example.com/repos/Codertocat/Hello-World/actions/runs/1'],
    ['another port', 'api.github.com:8443/repos/Codertocat/Hello-World/actions/runs/1'],
    ['another repository', 'api.github.com/repos/Codertocat/Other/actions/runs/1'],
    ['a way up', 'api.github.com/repos/Codertocat/Hello-World/../Other/actions/runs/1'],
    ['something more before the run', `api.github.com/x/repos/Codertocat/Hello-World/actions/runs/1`],
    ['no run', 'api.github.com/repos/Codertocat/Hello-World/actions/runs/x'],
    ['run 0', 'api.github.com/repos/Codertocat/Hello-World/actions/runs/0'],
    ['a run that no number holds', 'api.github.com/repos/Codertocat/Hello-World/actions/runs/12345678901234567890'],
  ])('with an address of %s is refused', (_, path) => {
    expect(() => parsed(at(path))).toThrow('deployment_callback_url: expected an address of');
  });

  test.each([
    ['http instead of https', { deployment_callback_url: `http://${own}/deployment_protection_rule` }],
    ['a query', { deployment_callback_url: `https://${own}/deployment_protection_rule?to=x` }],
  ])('with %s is refused', (_, changed) => {
    expect(() => parsed(changed)).toThrow('expected an address of');
  });

  test.each([
    ['a repository that leads elsewhere', { repository: { ...repository, full_name: '../..' } }, 'full_name'],
    ['no installation', { installation: undefined }, 'installation'],
    ['no environment', { environment: '' }, 'environment'],
  ])('with %s is refused', (_, changed, field) => {
    expect(() => parsed(changed)).toThrow(field);
  });
});
