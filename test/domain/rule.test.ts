import { describe, expect, test } from 'vitest';
import { evaluateRule } from '../../domain/rule.ts';
import { checkRule } from '../../domain/rule/check.ts';
import { approvalScope, checkScope, mappingScope } from '../../domain/rule/scope.ts';

const context = {
  service: { name: 'checkout', slo: { target: 99.9 }, owner: undefined, stakeholders: ['shop-mail'] },
  environment: { name: 'production', production: true },
  level: 'B',
  dependencies: [
    { name: 'payments', owner: 'shop' },
    { name: 'catalog', owner: 'other' },
  ],
};

describe('a rule', () => {
  test.each([
    ['service.slo.target >= 99', true],
    ['level in ["A", "B"] && environment.production', true],
    ['has(service.owner)', false],
    ['dependencies.all(d, d.owner == "shop")', false],
    ['size(dependencies.filter(d, d.owner == "shop").map(d, d.name)) == 1', true],
    ['service.slo.target != 99 && service.slo.target < 99.95', true],
    ['dependencies[0].owner == "shop"', true],
    ['re(service.name, "^check(out)?$")', true],
  ])('%s is %s', (rule, expected) => {
    checkRule(rule, checkScope);

    expect(evaluateRule(rule, context)).toBe(expected);
  });

  test('that cannot be answered is refused and never false', () => {
    expect(() => evaluateRule('service.tier == "gold"', context)).toThrow(/No such key: tier/);
  });

  test('has to yield true or false', () => {
    expect(() => checkRule('size(service.name)', checkScope)).toThrow('yields true or false');
    expect(() => evaluateRule('service.name', context)).toThrow('yields true or false');
  });

  test('knows only the variables of its place', () => {
    checkRule('verdict == "ready" && size(conditions) == 0', approvalScope);

    expect(() => checkRule('verdict == "ready"', checkScope)).toThrow(/^Unknown variable: verdict.*$/);
  });

  test('that cannot be answered says why in one line', () => {
    expect(() => evaluateRule('service.slos.target > 99', context)).toThrow(/^No such key: slos.*$/);
  });

  test('that looks for a large pattern in very much text is not answered', () => {
    const names = (count: number) => Array.from({ length: count }, () => 'a'.repeat(4_000));
    const answer = (count: number) => evaluateRule('names.exists(n, re(n, "[bc]{200}"))', { names: names(count) });

    expect(answer(1)).toBe(false);
    expect(() => answer(20)).toThrow('too much text');
    // Each has as much as any other.
    expect(answer(1)).toBe(false);
  });

  test('does not see through to JavaScript', () => {
    for (const rule of ['service.constructor == 1', 'service.__proto__ == 1', 'service["constructor"] == 1']) {
      expect(() => evaluateRule(rule, context)).toThrow('No such key');
    }
  });
});

describe('a rule is refused when it is applied', () => {
  test.each([
    ['does not parse', 'service.name ==', /^Unexpected token: EOF$/],
    ['calls matches()', 'service.name.matches("^(a+)+$")', /^matches\(\) .*: use re\(text, pattern\)$/],
    ['hides matches() in a list', '[service.name.matches("a")].all(x, x)', /use re/],
    ['nests comprehensions', 'dependencies.all(d, dependencies.exists(e, e == d))', /inside of another/],
    ['chains many comprehensions', '[1].map(x, x).map(x, x).map(x, x) == [1]', /too many in a chain/],
    ['binds values', 'cel.bind(x, "a", x == "a")', /not offered/],
    ['calls what does not exist', 'shell("ls")', /no matching overload/],
    ['has a pattern that RE2 does not know', 're(service.name, "(a")', /not a pattern of RE2/],
    [
      'has patterns that repeat too much together',
      ['{120}', '{131}'].map((times) => `re(service.name, "[ab]${times}")`).join(' || '),
      /repeat more than 250 times/,
    ],
    ['has a pattern that repeats a repetition', 're(service.name, "((a?){20}){20}")', /too large: \d+ steps/],
    [
      'has patterns that are too large together',
      `re(service.name, "${'.*'.repeat(249)}") || re(service.name, "abc")`,
      /too large/,
    ],
    ['takes a pattern from what it looks at', 're(service.name, service.owner)', /has to be written out/],
    ['is too long', Array.from({ length: 200 }, () => 'true').join(' && '), /nodes|AST/i],
    ['is too deep', `${'('.repeat(60)}true${')'.repeat(60)}`, /depth/i],
  ])('that %s', (_, rule, message) => {
    expect(() => checkRule(rule, checkScope)).toThrow(message);
  });
});

describe('a rule is refused with what was probably meant', () => {
  test.each([
    [checkScope, 'service.ownr == "shop"', 'No such key: ownr, did you mean owner?', 0],
    [checkScope, 'true && has(service.slo.taget)', 'No such key: taget, did you mean target?', 12],
    [checkScope, 'servce.owner == "shop"', 'Unknown variable: servce, did you mean service?', 0],
    [checkScope, 'production', 'Unknown variable: production', 0],
    [checkScope, 'dependencies.exists(d, d.nam == "x")', 'No such key: nam, did you mean name?', 23],
    [
      checkScope,
      'dependencies.filter(d, has(d.slo)).all(e, e.solo.target > 9)',
      'No such key: solo, did you mean slo?',
      42,
    ],
    [checkScope, 'dependencies[0]["nme"] == "x"', 'No such key: nme, did you mean name?', 0],
    [checkScope, 'team.members.exists(m, m.role == "aprover")', 'never "aprover", did you mean approver?', 33],
    [checkScope, 'level in ["A", "D"]', 'never "D"', 15],
    [checkScope, 'deployment.change == "rolledback"', 'never "rolledback", did you mean rolled-back?', 21],
    [approvalScope, 'verdict == "redy"', 'never "redy", did you mean ready?', 11],
    [mappingScope, 'payload.anything.there && tsk == "deploy"', 'Unknown variable: tsk, did you mean task?', 26],
  ] as const)('%#: %s', (scope, rule, message, offset) => {
    const check = (): void => checkRule(rule, scope);

    expect(check).toThrow(message);
    expect(check).toThrow(expect.objectContaining({ offset }));
  });

  test.each([
    [checkScope, 'service.owner', 'this one string'],
    [checkScope, 'service.slo', 'true or false'],
    [checkScope, 'service.slo.target', 'this one double'],
    [checkScope, 'environment.production ? "yes" : "no"', 'this one string'],
    [checkScope, 'dependencies.filter(d, has(d.slo))', 'true or false'],
    [checkScope, 'environment.production == "true"', 'no such overload: bool == string'],
    [checkScope, 'level > 3', 'no such overload: string > int'],
    [checkScope, 'service.slo.target >= "99"', 'no such overload: double >= string'],
    [checkScope, 'service.slo.target + 1 > 99', 'no such overload: double + int'],
    [approvalScope, '!conditions', 'no such overload'],
    [mappingScope, 'task', 'this one string'],
  ] as const)('%#: or that answers something else: %s', (scope, rule, message) => {
    expect(() => checkRule(rule, scope)).toThrow(message);
  });

  test.each([
    [checkScope, 'service.facts.tier == "gold" && environment.variables.url.startsWith("https")'],
    [checkScope, 'has(service.facts.tier) && service.facts.tier in ["gold", 1]'],
    [checkScope, 'has(deployment.artifact) && "shop-mail" in service.stakeholders'],
    [checkScope, 'type(service.name) == string'],
    [mappingScope, 'payload.app == "shop" && has(payload.deep.er)'],
  ] as const)('%#: and is taken otherwise: %s', (scope, rule) => {
    expect(() => checkRule(rule, scope)).not.toThrow();
  });
});

test('a hostile pattern costs no time', () => {
  const started = performance.now();

  expect(evaluateRule('re(service.name, "^(a+)+$")', { service: { name: `${'a'.repeat(5000)}!` } })).toBe(false);
  expect(performance.now() - started).toBeLessThan(500);
});

test('a long list is refused', () => {
  expect(() => evaluateRule('size(dependencies) > 0', { dependencies: Array.from({ length: 1001 }) })).toThrow(
    'too long',
  );
});
