import { describe, expect, test } from 'vitest';
import { approvalVariables, checkRule, checkVariables, evaluateRule } from '../../domain/rule.ts';

const context = {
  service: { name: 'checkout', slo: { target: 99.9 }, owner: undefined, stakeholders: ['shop-mail'] },
  environment: { name: 'production', production: true },
  level: 'B',
  dependencies: [
    { name: 'payments', level: 'A' },
    { name: 'catalog', level: 'C' },
  ],
};

describe('a rule', () => {
  test.each([
    ['service.slo.target >= 99', true],
    ['level in ["A", "B"] && environment.production', true],
    ['has(service.owner)', false],
    ['dependencies.all(d, d.level == "A")', false],
    ['size(dependencies.filter(d, d.level == "A").map(d, d.name)) == 1', true],
    ['re(service.name, "^check(out)?$")', true],
  ])('%s is %s', (rule, expected) => {
    checkRule(rule, checkVariables);

    expect(evaluateRule(rule, context)).toBe(expected);
  });

  test('that cannot be answered is refused and never false', () => {
    expect(() => evaluateRule('service.tier == "gold"', context)).toThrow(/No such key: tier/);
  });

  test('has to yield true or false', () => {
    expect(() => checkRule('size(service.name)', checkVariables)).toThrow('yields true or false');
    expect(() => evaluateRule('service.name', context)).toThrow('yields true or false');
  });

  test('knows only the variables of its place', () => {
    checkRule('verdict == "ready" && size(conditions) == 0', approvalVariables);

    expect(() => checkRule('verdict == "ready"', checkVariables)).toThrow(/Unknown variable: verdict[\s\S]*\^/);
  });

  test('does not see through to JavaScript', () => {
    for (const rule of ['service.constructor == 1', 'service.__proto__ == 1', 'service["constructor"] == 1']) {
      expect(() => evaluateRule(rule, context)).toThrow('No such key');
    }
  });
});

describe('a rule is refused when it is applied', () => {
  test.each([
    ['does not parse', 'service.name ==', /Unexpected token[\s\S]*\^/],
    ['calls matches()', 'service.name.matches("^(a+)+$")', /use re\(text, pattern\)[\s\S]*\n {9}\^$/],
    ['hides matches() in a list', '[service.name.matches("a")].all(x, x)', /use re/],
    ['nests comprehensions', 'dependencies.all(d, dependencies.exists(e, e == d))', /inside of another/],
    ['chains many comprehensions', '[1].map(x, x).map(x, x).map(x, x) == [1]', /too many in a chain/],
    ['binds values', 'cel.bind(x, "a", x == "a")', /not offered/],
    ['calls what does not exist', 'shell("ls")', /no matching overload/],
    ['has a pattern that RE2 does not know', 're(service.name, "(a")', /not a pattern of RE2/],
    [
      'has a pattern that repeats too much',
      `re(service.name, "${'(a?){500}'.repeat(3)}")`,
      /repeats more than 1000 times/,
    ],
    ['is too long', Array.from({ length: 200 }, () => 'true').join(' && '), /nodes|AST/i],
    ['is too deep', `${'('.repeat(60)}true${')'.repeat(60)}`, /depth/i],
  ])('that %s', (_, rule, message) => {
    expect(() => checkRule(rule, checkVariables)).toThrow(message);
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
