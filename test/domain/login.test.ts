import { describe, expect, test } from 'vitest';
import { openStage } from '../../domain/approval/stage.rules.ts';
import { identified, isUnknownTrigger, triggeredByText } from '../../domain/login.rules.ts';
import type { Login } from '../../domain/login.ts';
import { PersonSpec } from '../../domain/team.ts';
import { approval } from '../support/builders.ts';

const person = (name: string, logins?: object) => ({
  name,
  spec: PersonSpec.parse({ name, email: `${name}@example.org`, logins }),
});
const people = [
  person('ana', { github: ['Ana-K'], oidc: ['Ab12'], other: ['corp\\ana'] }),
  person('ben', { email: ['ben@home.example'] }),
  person('cid'),
];

const told = (system: Login['system'], login: string): Login => ({ system, login });
const whoIs = (...logins: Login[]) => identified(logins, people).map((each) => each.people);

describe('a login', () => {
  test.each([
    ['github', 'ana-k', ['ana']],
    ['github', 'ANA-K', ['ana']],
    ['github', 'ana', []],
    ['github', 'Ab12', []],
    ['oidc', 'Ab12', ['ana']],
    ['oidc', 'ab12', []],
    ['email', 'BEN@home.example', ['ben']],
    ['email', 'cid@example.org', ['cid']],
    ['evenkeel', 'cid', ['cid']],
    ['other', 'CORP\\ana', ['ana']],
    ['other', 'ben@example.org', ['ben']],
    ['other', 'ana-k', ['ana']],
    ['other', 'zoe', []],
  ] as const)('%s/%s is of %j', (system, login, names) => {
    expect(whoIs(told(system, login))).toEqual([names]);
  });

  test('that is told twice is one, and whom it led to before stays', () => {
    const before = { ...told('github', 'ana-k'), people: ['ada'] };

    expect(identified([before, told('github', 'Ana-K')], people)).toMatchObject([{ people: ['ada', 'ana'] }]);
  });

  test('that nobody has is shown as what it is', () => {
    const robot: Login = { system: 'github', login: 'deployer[bot]', isBot: true };

    expect(triggeredByText(identified([told('github', 'ana-k'), told('github', 'zoe'), robot], people))).toBe(
      'ana (github/ana-k), github/zoe (nobody of the catalogue), github/deployer[bot] (a program)',
    );
    expect(triggeredByText(identified([told('evenkeel', 'cid')], people))).toBe('cid');
    expect(triggeredByText([])).toBe('nobody is named by the sender');
  });
});

describe('whoever triggered it', () => {
  const triggeredBy = identified([told('github', 'ana-k')], people);

  test('is left out, though a source has told it', () => {
    const asked = { ...approval({ requester: 'source/github' }), triggeredBy };

    expect(openStage(asked, 0, ['ana', 'ben']).eligible).toEqual(['ben']);
  });

  test.each([
    ['a person', [told('github', 'ana-k')], false],
    ['a program for a person', [told('github', 'ana-k'), { system: 'github', login: 'x[bot]', isBot: true }], false],
    ['a program', [{ system: 'github', login: 'x[bot]', isBot: true }], true],
    ['a person and a stranger', [told('github', 'ana-k'), told('github', 'zoe')], true],
    ['nobody', [], true],
  ] as [string, Login[], boolean][])('is unknown or not: %s', (_, logins, isUnknown) => {
    expect(isUnknownTrigger(identified(logins, people))).toBe(isUnknown);
  });

  test('and is not known takes two people, where the policy says so', () => {
    const policy = { unknownTriggerNeedsTwo: true };

    expect(approval({ policy, triggeredBy: [] }).stages[0]!.needed).toBe(2);
    expect(approval({ policy, triggeredBy }).stages[0]!.needed).toBe(1);
    expect(approval({ triggeredBy: [] }).stages[0]!.needed).toBe(1);
  });
});
