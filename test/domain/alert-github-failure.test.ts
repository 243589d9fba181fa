import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readGithubFailure } from '../../domain/alert/github-failure.ts';
import { readSome } from '../../domain/json.ts';
import { anyInstant, anyLink, anyText, anyValue, isReadOrRefused, mostly, receivedAt } from './alert-body.ts';
import { payload } from './payload.ts';

const bodyIn = (file: string) => z.record(z.string(), z.unknown()).parse(readSome(payload(`github/${file}.json`)));
const today = bodyIn('deployment_status.created');

/** A body of today with some fields of some parts changed. */
const changed = (body: Record<string, unknown>, parts: Record<string, object>): object => ({
  ...body,
  ...Object.fromEntries(
    Object.entries(parts).map(([part, fields]) => [part, { ...z.looseObject({}).parse(body[part]), ...fields }]),
  ),
});
const deployment = (state: string, parts: Record<string, object> = {}) =>
  readGithubFailure(
    'deployment_status',
    changed(today, { ...parts, deployment_status: { state, ...parts['deployment_status'] } }),
    receivedAt,
  )?.alerts[0];

const run = {
  action: 'completed',
  repository: { id: 7, full_name: 'acme/shop', default_branch: 'main' },
  workflow: { id: 12, name: 'CI' },
  workflow_run: {
    id: 99,
    workflow_id: 12,
    name: 'CI',
    event: 'push',
    head_branch: 'main',
    head_sha: 'a'.repeat(40),
    head_repository: { id: 7 },
    status: 'completed',
    conclusion: 'failure',
    display_title: 'Sell more',
    html_url: 'https://github.example/acme/shop/actions/runs/99',
    updated_at: '2026-11-28T09:12:00Z',
  },
};
const workflow = (parts: Record<string, object>, body: Record<string, unknown> = run) =>
  readGithubFailure('workflow_run', changed(body, parts), receivedAt)?.alerts[0];

describe('GitHub tells of a deployment', () => {
  test('that failed', () => {
    const written = { description: 'The migration stopped', log_url: 'https://github.example/runs/1' };

    expect(deployment('failure', { deployment_status: written })).toEqual({
      key: '["deployment",186853002,"production","deploy"]',
      status: 'firing',
      title: 'Deployment of Codertocat/Hello-World to production: failure',
      startedAt: '2019-05-15T15:20:55.000Z',
      labels: {
        repository: 'Codertocat/Hello-World',
        environment: 'production',
        task: 'deploy',
        commit: 'f95f852bd8fca8fcc58a9a2d6c842781e32a215e',
      },
      annotations: { description: 'The migration stopped' },
      link: 'https://github.example/runs/1',
    });
  });

  test.each([
    ['failure', 'firing'],
    ['error', 'firing'],
    ['success', 'resolved'],
  ])('whose state %s means that it is %s', (state, status) => {
    expect(deployment(state)).toMatchObject({ key: deployment('failure')?.key, status });
  });

  test.each(['queued', 'pending', 'waiting', 'in_progress', 'inactive', 'constructor'])(
    'nothing, while its state is %s',
    (state) => {
      expect(deployment(state)).toBeUndefined();
    },
  );

  test('that went well, which resolves no other place and no other task of the repository', () => {
    const keys = [{}, { environment: 'staging' }, { task: 'deploy:search' }].map(
      (fields) => deployment('success', { deployment: fields })?.key,
    );

    expect(new Set(keys).size).toBe(3);
  });

  test('nothing, where the environment is short-lived', () => {
    expect(deployment('failure', { deployment: { transient_environment: true } })).toBeUndefined();
  });

  test('also from an old Enterprise Server, which says no action', () => {
    const { action: _, ...old } = bodyIn('ghes-3.5.deployment_status');

    expect(readGithubFailure('deployment_status', old, receivedAt)?.alerts).toMatchObject([{ status: 'resolved' }]);
  });

  test('with a link only when it is one', () => {
    const links = { log_url: '', target_url: 'javascript:alert(1)', environment_url: '' };

    expect(deployment('failure', { deployment_status: links })?.link).toBeUndefined();
  });

  test('now, where it says no time', () => {
    const written = { created_at: null, updated_at: undefined };

    expect(deployment('success', { deployment_status: written })).toMatchObject({
      startedAt: receivedAt,
      endedAt: receivedAt,
    });
  });
});

describe('GitHub tells of a workflow on the default branch', () => {
  test('that it failed', () => {
    expect(workflow({})).toEqual({
      key: '["workflow",7,12]',
      status: 'firing',
      title: 'Workflow CI of acme/shop: failure',
      startedAt: '2026-11-28T09:12:00.000Z',
      labels: { repository: 'acme/shop', workflow: 'CI', branch: 'main', commit: 'a'.repeat(40), event: 'push' },
      annotations: { run: 'Sell more' },
      link: run.workflow_run.html_url,
    });
  });

  test.each([
    ['failure', 'firing'],
    ['timed_out', 'firing'],
    ['startup_failure', 'firing'],
    ['success', 'resolved'],
  ])('whose conclusion %s means that it is %s', (conclusion, status) => {
    expect(workflow({ workflow_run: { conclusion } })).toMatchObject({ key: '["workflow",7,12]', status });
  });

  test.each([['cancelled'], ['skipped'], ['neutral'], ['action_required'], ['stale'], [null], ['constructor']])(
    'nothing, by the conclusion %j',
    (conclusion) => {
      expect(workflow({ workflow_run: { conclusion } })).toBeUndefined();
    },
  );

  test.each([
    ['another branch', { workflow_run: { head_branch: 'sell-more' } }],
    ['a branch without a name', { workflow_run: { head_branch: null } }],
    ['the branch of the same name in a fork', { workflow_run: { head_repository: { id: 8 } } }],
    ['a pull request from the default branch', { workflow_run: { event: 'pull_request' } }],
    ['a repository of which the default branch is not said', { repository: { default_branch: undefined } }],
  ])('and nothing of %s', (_, parts) => {
    expect(workflow(parts)).toBeUndefined();
  });

  test('and nothing before it is completed', () => {
    expect(workflow({}, { ...run, action: 'requested' })).toBeUndefined();
  });

  test('that has no name', () => {
    expect(workflow({ workflow_run: { name: '' } }, { ...run, workflow: null })?.title).toContain('Workflow 12 of');
  });
});

test.each(['ping', 'push', 'deployment', 'workflow_job', 'check_run', 'constructor'])('%s is no failure', (event) => {
  expect(readGithubFailure(event, run, receivedAt)).toBeUndefined();
});

test('a job that carries a deployment is no failure', () => {
  expect(readGithubFailure('workflow_job', bodyIn('workflow_job.queued.with-deployment'), receivedAt)).toBeUndefined();
});

test.each(['deployment_status', 'workflow_run'])('%s without its repository is refused by field', (event) => {
  const { repository: _, ...body } = { ...today, ...run };

  expect(() => readGithubFailure(event, body, receivedAt)).toThrow(/^repository: /);
});

test('whatever comes in such a body is read or refused', () => {
  const body = fc.record({
    action: fc.constantFrom('created', 'completed', null),
    repository: mostly(fc.record({ id: fc.nat(), full_name: mostly(anyText), default_branch: fc.constant('main') })),
    deployment: mostly(fc.record({ environment: mostly(anyText), task: mostly(anyText), sha: anyValue })),
    deployment_status: mostly(
      fc.record({
        state: fc.constantFrom('failure', 'success'),
        description: mostly(anyText),
        log_url: anyLink,
        created_at: anyInstant,
      }),
    ),
    workflow_run: mostly(
      fc.record({
        workflow_id: fc.nat(),
        name: mostly(anyText),
        head_branch: fc.constant('main'),
        conclusion: fc.constantFrom('failure', 'success'),
        html_url: anyLink,
        updated_at: anyInstant,
      }),
    ),
  });

  fc.assert(
    fc.property(fc.constantFrom('deployment_status', 'workflow_run'), mostly(body), (event, written) => {
      expect(isReadOrRefused(() => readGithubFailure(event, written, receivedAt))).toBe(true);
    }),
  );
});
