import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readJson, readSome } from '../../domain/json.ts';
import { DeploymentFact } from '../../domain/deployment.ts';
import { parseGithub } from '../../domain/trigger/github.ts';
import { payload } from './payload.ts';

const delivery = '72d3162e-cc78-11e3-81ab-4c9367dc0958';
const told = (event: string, body: unknown) => parseGithub({ event, delivery, body });
const sent = (event: string, file: string) => told(event, readJson(payload(`github/${file}`)));

/** A body of today with some fields changed. */
const changed = (part: 'deployment' | 'deployment_status', fields: object): object => {
  const body = z.record(z.string(), z.unknown()).parse(readJson(payload('github/deployment_status.created.json')));
  return { ...body, [part]: { ...z.looseObject({}).parse(body[part]), ...fields } };
};

const linkOf = (fields: object) => told('deployment_status', changed('deployment_status', fields)).facts[0]?.link;

describe('GitHub tells of a deployment', () => {
  test.each([
    ['deployment', 'deployment.created.json', 'announced'],
    ['deployment', 'deployment.created.with-installation.json', 'announced'],
    ['deployment', 'deployment.created.gh-pages.json', 'announced'],
    ['deployment', 'ghes-3.5.deployment.json', 'announced'],
    ['deployment_status', 'deployment_status.created.json', 'deployed'],
    ['deployment_status', 'deployment_status.created.with-installation.json', 'deployed'],
    ['deployment_status', 'deployment_status.created.gh-pages.json', 'progressing'],
    ['deployment_status', 'ghes-3.5.deployment_status.json', 'deployed'],
  ])('%s in %s is %s', (event, file, change) => {
    const { deliveryKey, facts } = sent(event, file);

    expect(deliveryKey).toBe(delivery);
    expect(facts).toHaveLength(1);
    expect(facts[0]).toMatchObject({ change, subject: 'Codertocat/Hello-World' });
    expect(DeploymentFact.parse(facts[0])).toMatchObject({ change });
  });

  test('in the names of its own repository, commit and environment', () => {
    expect(sent('deployment_status', 'deployment_status.created.json').facts).toEqual([
      {
        change: 'deployed',
        factKey: '186853002:145988746',
        subject: 'Codertocat/Hello-World',
        environment: 'production',
        artifact: 'pkg:github/codertocat/hello-world@f95f852bd8fca8fcc58a9a2d6c842781e32a215e',
        transient: false,
        task: 'deploy',
        payload: {},
        triggeredBy: [{ system: 'github', login: 'Codertocat' }],
        link: undefined,
        note: undefined,
        at: '2019-05-15T15:20:55Z',
      },
    ]);
  });

  test('with everybody who had a part in it, also whoever started the run of a bot', () => {
    const run = { actor: { login: 'cid-c', type: 'User' }, triggering_actor: { login: 'Dan', type: 'User' } };
    const bot = { login: 'github-actions[bot]', type: 'Bot' };
    const creator = { deployment: { id: 1, sha: 'a'.repeat(40), environment: 'production', creator: bot } };
    const body = { ...changed('deployment_status', { creator: bot }), ...creator, workflow_run: run, sender: bot };

    expect(told('deployment_status', body).facts[0]?.triggeredBy).toEqual([
      { system: 'github', login: 'github-actions[bot]', isBot: true },
      { system: 'github', login: 'cid-c' },
      { system: 'github', login: 'Dan' },
    ]);
  });

  test.each([[null], ['ann'], [{ login: 7 }], [{ login: '' }], [[]]])(
    'also where it says of some in no way who: %j',
    (sender) => {
      const body = { ...changed('deployment', { creator: sender }), sender, workflow_run: sender };

      expect(told('deployment_status', body).facts).toMatchObject([
        { change: 'deployed', triggeredBy: [{ login: 'Codertocat' }] },
      ]);
    },
  );

  test('with one key for all that is said of one deployment', () => {
    const [announced] = sent('deployment', 'deployment.created.json').facts;
    const [deployed] = sent('deployment_status', 'deployment_status.created.json').facts;
    const [failed] = told('deployment_status', changed('deployment_status', { state: 'failure', id: 9 })).facts;

    expect(deployed?.factKey).toBe(announced?.factKey);
    expect(failed?.factKey).toBe(announced?.factKey);
  });

  test.each([
    ['queued', 'progressing'],
    ['pending', 'progressing'],
    ['waiting', 'progressing'],
    ['in_progress', 'progressing'],
    ['success', 'deployed'],
    ['failure', 'failed'],
    ['error', 'failed'],
  ])('whose status %s means %s', (state, change) => {
    expect(told('deployment_status', changed('deployment_status', { state })).facts[0]?.change).toBe(change);
  });

  test('that is short-lived', () => {
    const body = changed('deployment', { transient_environment: true, environment: 'preview/pr-12' });

    expect(told('deployment_status', body).facts[0]).toMatchObject({ transient: true, environment: 'preview/pr-12' });
  });

  test('with a link only when it is one', () => {
    expect(linkOf({ environment_url: '', target_url: '' })).toBeUndefined();
    expect(linkOf({ environment_url: 'javascript:alert(1)' })).toBeUndefined();
    expect(linkOf({ environment_url: 'https://shop.example.org/' })).toBe('https://shop.example.org/');
  });
});

describe('GitHub tells of something that starts nothing', () => {
  test.each([
    ['a state nobody knows', 'deployment_status', changed('deployment_status', { state: 'inactive' }), 'inactive'],
    [
      'a state named like a member of objects',
      'deployment_status',
      changed('deployment_status', { state: 'constructor' }),
      'not known',
    ],
    ['a ping', 'ping', { zen: 'Keep it logically awesome.', hook_id: 7, hook: {} }, 'ping of hook 7'],
    ['a deployment that is not created', 'deployment', { ...changed('deployment', {}), action: 'edited' }, 'edited'],
    ['another event', 'push', {}, 'event push is not used'],
  ])('%s', (_, event, body, note) => {
    const parsed = told(event, body);

    expect(parsed.facts).toEqual([]);
    expect(parsed.note).toContain(note);
  });

  test('a job that carries a deployment', () => {
    expect(sent('workflow_job', 'workflow_job.queued.with-deployment.json').facts).toEqual([]);
  });
});

test.each([
  ['no deployment', { repository: { id: 1, full_name: 'a/b' } }, /^deployment: /],
  ['an environment without a name', changed('deployment', { environment: '' }), /^deployment\.environment: /],
  ['a commit that is none', changed('deployment', { sha: '../..' }), /^deployment\.sha: /],
  ['nothing', null, /expected object/],
])('a body with %s is refused by field', (_, body, message) => {
  expect(() => told('deployment_status', body)).toThrow(message);
});

test('a delivery without an id is refused', () => {
  expect(() => parseGithub({ event: 'ping', delivery: '', body: {} })).toThrow('X-GitHub-Delivery');
});

describe('what else GitHub says of a deployment, for the rules of mappings', () => {
  const payloadOf = (written: unknown) =>
    told('deployment_status', changed('deployment', { payload: written })).facts[0]?.payload;

  test.each([
    ['an object', { service: 'checkout' }, { service: 'checkout' }],
    ['JSON in a text', '{"service":"checkout"}', { service: 'checkout' }],
    ['a text', 'checkout', 'checkout'],
    ['a text that is nearly JSON', '{checkout', '{checkout'],
    ['nothing', null, undefined],
    ['not there', undefined, undefined],
    ['an empty text', '', ''],
    [
      'what the database cannot keep',
      { 'a\0': 'b\ud800', list: ['\0'] },
      { 'a\u{fffd}': 'b\u{fffd}', list: ['\u{fffd}'] },
    ],
    ['another prototype', JSON.parse('{"__proto__":{"a":1},"b":2}'), { b: 2 }],
    ['too much', { text: 'x'.repeat(20_000) }, undefined],
    ['too many', Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [at, at])), undefined],
  ])('is %s', (_, written, kept) => {
    expect(payloadOf(written)).toEqual(kept);
  });

  test('is cut off where it is too deep', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(50)}1${'}'.repeat(50)}`) as unknown;

    expect(JSON.stringify(payloadOf(deep)).length).toBeLessThan(110);
  });
});

describe('a part of the body that nobody uses', () => {
  const text = new TextDecoder().decode(payload('github/deployment_status.created.json'));
  const withOdd = (odd: string) => {
    const body = text.replace(/"payload": \{\s*\}/, `"payload": {"odd": ${odd}}`).replace('{', `{"more": ${odd},`);
    return told('deployment_status', readSome(new TextEncoder().encode(body))).facts;
  };

  test.each([
    ['has many keys', `{${Array.from({ length: 5_000 }, (_, at) => `"k${at}": 0`).join()}}`],
    ['is deep', `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
    ['names a prototype', '{"__proto__": {"deployment": 1}, "constructor": 2}'],
    ['has half a surrogate pair', String.raw`"\ud800"`],
    ['has NUL', String.raw`"a\u0000b"`],
    ['has long lists', `[${'0,'.repeat(50_000)}0]`],
  ])('and %s does not keep the rest from being read', (_, odd) => {
    const [{ payload: kept, ...fact }] = withOdd(odd) as [DeploymentFact];
    const [{ payload: __, ...plain }] = sent('deployment_status', 'deployment_status.created.json').facts as [
      DeploymentFact,
    ];

    expect(fact).toEqual(plain);
    expect(JSON.stringify(kept ?? null)).not.toContain(String.raw`\u0000`);
    expect(JSON.stringify(kept ?? null).isWellFormed()).toBe(true);
  });

  test('but a name with half a surrogate pair is refused, which the database could not keep', () => {
    expect(() => told('deployment', changed('deployment', { environment: 'a\ud800' }))).toThrow(
      'environment: expected one line',
    );
  });
});
