import { describe, expect, test } from 'vitest';
import { sayProblem } from '../../domain/catalogue/location.ts';
import { readDocuments } from '../../domain/catalogue/read.ts';

/** The problems of one file, as somebody reads them. */
const problemsOf = (text: string): string[] => readDocuments([{ path: 'a.yaml', text }]).problems.map(sayProblem);

const head = (kind: string, name = 'x'): string =>
  `apiVersion: evenkeel/v1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;

describe('a file', () => {
  test('holds documents with what they leave out filled in', () => {
    const { documents, problems } = readDocuments([
      {
        path: 'a.yaml',
        text: `# two\n${head('Environment', 'a')}spec: {}\n---\n# nothing\n---\n${head('Environment', 'b')}spec: { production: true }`,
      },
      { path: 'b.json', text: '{"apiVersion":"evenkeel/v1","kind":"Environment","metadata":{"name":"c"},"spec":{}}' },
      { path: 'c.yaml', text: '# only a comment\n' },
    ]);

    expect(problems).toEqual([]);
    expect(documents.map(({ document }) => document)).toEqual([
      { kind: 'Environment', name: 'a', labels: {}, spec: { description: '', production: false, variables: {} } },
      { kind: 'Environment', name: 'b', labels: {}, spec: { description: '', production: true, variables: {} } },
      { kind: 'Environment', name: 'c', labels: {}, spec: { description: '', production: false, variables: {} } },
    ]);
  });

  test('is told which keys do not go together', () => {
    const text = `${head('Runbook')}spec:
  steps:
    - { name: a, kind: wait, for: 1s, url: "https://example.org" }
    - { name: b, kind: task, title: x, assignee: { team: shop, person: ana } }
`;

    expect(problemsOf(text)).toEqual([
      'a.yaml:6:39 spec.steps.0.url: does not belong to the kind wait',
      'a.yaml:7:52 spec.steps.1.assignee.team: cannot be combined with person',
    ]);
  });

  test('names everything that is wrong at once, where it is', () => {
    const text = `${head('Runbook')}spec:
  steps:
    - name: a
      kind: http
      timout: 3s
      url: 5
    - { name: b, kind: wait, for: soon }
    - { name: c, kind: paralel, steps: [] }
    - { name: d, kind: parallel, steps: [{ name: e, kind: http }] }
`;

    expect(problemsOf(text)).toEqual([
      'a.yaml:8:7 spec.steps.0.timout: unknown key, did you mean timeout?',
      'a.yaml:9:12 spec.steps.0.url: expected string, received number: put it in quotes',
      'a.yaml:10:35 spec.steps.1.for: expected a duration such as 90s, 15m or 4h, at most a year',
      'a.yaml:11:24 spec.steps.2.kind: expected one of http, command, task, check, wait, approval, parallel, did you mean parallel?',
      'a.yaml:12:42 spec.steps.3.steps.0.url: is missing',
    ]);
  });

  test('of several forms explains the one that was meant', () => {
    const text = `${head('ApprovalPolicy')}spec: { timeout: 4h, stages: [{ approvers: [{ team: a, rol: b }], quorum: firts }] }`;

    expect(problemsOf(text)).toEqual([
      'a.yaml:4:56 spec.stages.0.approvers.0.rol: unknown key, did you mean role?',
      'a.yaml:4:75 spec.stages.0.quorum: expected one of first, all, { count }, { percent }, did you mean first?',
    ]);
  });

  test.each([
    ['an unknown kind', head('Servce'), 'a.yaml:2:7 kind: unknown kind Servce, did you mean Service? (known: Service,'],
    ['a kind that is near nothing', head('Widget'), 'a.yaml:2:7 kind: unknown kind Widget (known: '],
    ['no kind', 'apiVersion: evenkeel/v1\n', 'a.yaml:1:1 kind: unknown kind none (known: '],
    ['another version', 'apiVersion: v1\nkind: Service', 'a.yaml:1:13 apiVersion: expected evenkeel/v1'],
    ['no spec', head('Environment'), 'a.yaml:1:1 spec: is missing'],
    ['a bad name', `${head('Environment', 'Not_Good')}spec: {}`, 'a.yaml:3:19 metadata.name: expected lower-case'],
    ['a key too much', `${head('Environment')}spec: {}\nextra: 1`, 'a.yaml:5:1 extra: unknown key'],
    ['a key twice', `${head('Environment')}spec: {}\nspec: {}`, 'a.yaml:5:1 spec: the key is there twice'],
    ['a list', '- a', 'a.yaml:1:1 expected a document with apiVersion'],
    ['broken YAML', 'a: [1\nb: 2', 'a.yaml:2:1 '],
    ['an own tag', `${head('Environment')}spec: !js/function {}`, 'a.yaml:4:7 Unresolved tag: !js/function'],
    ['an alias to nothing', 'a: *b', 'a.yaml:1:4 *b stands for nothing: a text that begins so needs quotes'],
    [
      'a kind of step that is near another',
      `${head('Runbook')}spec: { steps: [{ name: s, kind: htp, url: "http://a" }] }`,
      'a.yaml:4:34 spec.steps.0.kind: expected one of http, command, task, check, wait, approval, parallel, did you mean http?',
    ],
    [
      'a role that nobody has',
      `${head('Team')}spec: { members: [{ person: ana, role: aprover }] }`,
      'spec.members.0.role: expected one of viewer, responder, operator, approver, admin, did you mean approver?',
    ],
    [
      'a limit by another name',
      `${head('Runbook')}spec: { steps: [{ name: a, kind: task, title: t, assignee: { person: p }, form: [{ field: f, label: l, type: number, failsWhen: { over: 3 } }] }] }`,
      'failsWhen.over: unknown key (known: below, above)',
    ],
    [
      'a limit that is passed',
      `${head('ApprovalPolicy')}spec: { timeout: 4h, stages: [] }`,
      'spec.stages: must have at least 1 item',
    ],
    [
      'a quorum in other words',
      `${head('ApprovalPolicy')}spec: { timeout: 4h, stages: [{ approvers: [{ team: shop }], quorum: 2 }] }`,
      'spec.stages.0.quorum: expected one of first, all, { count }, { percent }',
    ],
    [
      'a quorum that is misspelt',
      `${head('ApprovalPolicy')}spec: { timeout: 4h, stages: [{ approvers: [{ team: shop }], quorum: frist }] }`,
      'spec.stages.0.quorum: expected one of first, all, { count }, { percent }, did you mean first?',
    ],
    [
      'a level of another alphabet',
      `${head('PlanTemplate')}spec: { checklists: { D: x }, activities: [{ name: a, runbook: r }] }`,
      'a.yaml:4:23 spec.checklists.D: unknown key',
    ],
    [
      'a webhook that is no http(s) URL',
      `${head('NotificationChannel')}spec: { type: webhook, url: "ftp://a", secret: s }`,
      'a.yaml:4:29 spec.url: expected an http(s) URL',
    ],
    [
      'NUL',
      `${head('Environment')}spec: { description: "a\\0" }`,
      'a.yaml:4:22 spec.description: the text contains NUL',
    ],
  ])('with %s', (_, text, problem) => {
    expect(problemsOf(text)[0]).toContain(problem);
  });

  test.each([
    [
      'a first handoff with Z',
      `${head('Schedule')}spec: { zone: UTC, layers: [{ start: "2026-01-05T09:00:00Z", turn: { every: 1, unit: days }, people: [a] }] }`,
      'spec.layers.0.start: expected a local time of the zone: write 2026-01-05T09:00:00, without Z',
    ],
    [
      'a first handoff with an offset',
      `${head('Schedule')}spec: { zone: UTC, layers: [{ start: "2026-01-05T09:00+01:00", turn: { every: 1, unit: days }, people: [a] }] }`,
      'spec.layers.0.start: expected a local time of the zone, such as 2026-01-05T09:00, without Z or offset',
    ],
    [
      'a first handoff on a day that does not exist',
      `${head('Schedule')}spec: { zone: UTC, layers: [{ start: "2026-02-30T09:00", turn: { every: 1, unit: days }, people: [a] }] }`,
      'spec.layers.0.start: expected a local time of the zone',
    ],
    [
      'an override that ends before it begins',
      `${head('Schedule')}spec: { zone: UTC, layers: [{ start: "2026-01-05T09:00", turn: { every: 1, unit: days }, people: [a] }], overrides: [{ from: "2026-12-10T00:00:00Z", until: "2026-12-01T00:00:00Z", person: b }] }`,
      'spec.overrides.0.until: expected a time after from: are the two swapped?',
    ],
    [
      'a layer that ends before it begins',
      `${head('Schedule')}spec: { zone: UTC, layers: [{ start: "2026-01-05T09:00", end: "2026-01-04T09:00", turn: { every: 1, unit: days }, people: [a] }] }`,
      'spec.layers.0.end: expected a time after start: are the two swapped?',
    ],
    [
      'a restriction without a weekday',
      `${head('Schedule')}spec: { zone: UTC, layers: [{ start: "2026-01-05T09:00", turn: { every: 1, unit: days }, people: [a], restrictions: [{ days: [monday], from: "09:00", until: "17:00" }] }] }`,
      'spec.layers.0.restrictions.0.days.0: expected one of mon, tue, wed, thu, fri, sat, sun, holiday',
    ],
    [
      'a step of an escalation that does not exist',
      `${head('EscalationPolicy')}spec: { steps: [{ if: { hours: working }, do: [{ levle: { targets: [{ person: a }] } }] }] }`,
      'spec.steps.0.do.0.levle: unknown key, did you mean level?',
    ],
    [
      'a target of an escalation that does not exist',
      `${head('EscalationPolicy')}spec: { steps: [{ level: { targets: [{ onCall: a }] } }] }`,
      'spec.steps.0.level.targets.0.onCall: unknown key (known: schedule, person, team, role)',
    ],
    [
      'a wait that is no duration',
      `${head('EscalationPolicy')}spec: { steps: [{ delay: { for: soon } }] }`,
      'spec.steps.0.delay.for: expected a duration such as 90s, 15m or 4h',
    ],
    [
      'a delegation that ends before it begins',
      `${head('Person')}spec: { name: F, email: f@example.org, delegate: { to: bob, from: "2027-01-10T00:00:00Z", until: "2026-01-01T00:00:00Z" } }`,
      'spec.delegate.until: expected a time after from: are the two swapped?',
    ],
    [
      'a freeze that ends before it begins, with offsets',
      `${head('MaintenanceWindow')}spec: { zone: UTC, opens: "* * * * *", lasts: 1h, freezes: [{ from: "2027-01-05T00:00:00Z", until: "2027-01-05T00:30:00+01:00", reason: sale }] }`,
      'spec.freezes.0.until: expected a time after from: are the two swapped?',
    ],
    [
      'a freeze without an offset',
      `${head('MaintenanceWindow')}spec: { zone: UTC, opens: "* * * * *", lasts: 1h, freezes: [{ from: "2027-01-05", until: "2027-01-06T00:00:00Z", reason: sale }] }`,
      'spec.freezes.0.from: expected an instant with Z or an offset, such as 2026-12-24T22:00:00Z',
    ],
    [
      'an opening on 30 February',
      `${head('MaintenanceWindow')}spec: { zone: UTC, opens: "0 2 30 2 *", lasts: 1h }`,
      'spec.opens: expected a cron pattern or a local time that occurs',
    ],
    [
      'a single opening with Z',
      `${head('MaintenanceWindow')}spec: { zone: UTC, opens: "2026-12-24T22:00:00Z", lasts: 1h }`,
      'spec.opens: expected a cron pattern or a local time that occurs',
    ],
  ])('hears what to write instead of %s', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(problem)]);
  });

  test('is valid whatever the time is: a window that has opened for the last time is one', () => {
    const windows = ['0 5 10 28 11 * 2020', '2020-12-24T22:00'].map(
      (opens, at) => `${head('MaintenanceWindow', `w${at}`)}spec: { zone: UTC, opens: "${opens}", lasts: 1h }\n`,
    );

    expect(problemsOf(windows.join('---\n'))).toEqual([]);
  });

  test('may not bring the same name twice, and hears where the first is', () => {
    const text = `${head('Environment', 'a')}spec: {}\n`;
    const { problems } = readDocuments([
      { path: 'a.yaml', text },
      { path: 'b.yaml', text },
    ]);

    expect(problems.map(sayProblem)).toEqual([
      'b.yaml:3:19 metadata.name: Environment a is there twice, first in a.yaml:3:19',
    ]);
  });
});

describe('what is almost YAML', () => {
  test.each([
    ['a tab', 'a:\n\tb: 1', 'a.yaml:2:1 Tabs are not allowed as indentation: indent with spaces'],
    [
      'a colon in a text',
      'a: b: c',
      'a.yaml:1:4 Nested mappings are not allowed in compact mappings: a text with ": " inside',
    ],
    [
      'a text that begins with @',
      'a: @x',
      'a.yaml:1:4 Plain value cannot start with reserved character @: a text that begins',
    ],
    ['a backslash', 'a: "x\\d"', 'a.yaml:1:6 Invalid escape sequence \\d: write \\\\ for a backslash'],
    ['an apostrophe', "a: 'it's'", 'a.yaml:1:8 Unexpected scalar at node end: put the whole text in quotes'],
    [
      'a lost column',
      'a:\n  b: 1\n c: 2',
      'a.yaml:3:1 All mapping items must start at the same column: begin each line',
    ],
    [
      'no space behind the colon',
      'a:b\nc: 1',
      'a.yaml:1:1 Implicit keys need to be on a single line: write "key: value"',
    ],
    ['a placeholder', 'a: {{service}}', 'a.yaml:1:5 a key is a text: one that begins with { or [ needs quotes'],
    [
      'a cron pattern',
      'opens: * 2 * * *',
      'a.yaml:1:8 Alias cannot be an empty string: a text that begins so needs quotes',
    ],
    ['a cron step', 'opens: */5 * * * *', 'a.yaml:1:12 Unexpected alias at node end: put the whole text in quotes'],
    ['one star', 'from: *order', 'a.yaml:1:7 *order stands for nothing: a text that begins so needs quotes'],
  ])('such as %s is told once what to write', (_, text, problem) => {
    expect(problemsOf(text)[0]).toContain(problem);
    expect(problemsOf(text).filter((said) => said.startsWith(problem.split(' ')[0]!))).toHaveLength(1);
  });
});

describe('a merge key', () => {
  const steps = (second: string): string =>
    `${head('Runbook')}spec:\n  steps:\n    - &s { name: one, kind: http, method: GET, url: "http://a", timeout: 10s }\n    - ${second}\n`;

  test('brings in the fields of another map, which own ones override', () => {
    const { documents, problems } = readDocuments([{ path: 'a.yaml', text: steps('{ <<: *s, name: two }') }]);

    expect(problems).toEqual([]);
    expect(documents[0]?.document.spec).toMatchObject({
      steps: [
        { name: 'one', url: 'http://a', timeout: '10s' },
        { name: 'two', url: 'http://a', timeout: '10s' },
      ],
    });
  });

  test('may bring in several, the first one first', () => {
    const text = `${head('Environment')}spec:\n  variables: { <<: [{ a: first }, { a: second, b: second }], c: own }\n`;

    expect(readDocuments([{ path: 'a.yaml', text }]).documents[0]?.document.spec).toMatchObject({
      variables: { a: 'first', b: 'second', c: 'own' },
    });
  });

  test('says what is wrong with a field at the place where that was written', () => {
    expect(problemsOf(steps('{ <<: *s, name: Two }').replace('10s', 'soon'))).toEqual([
      expect.stringMatching(/^a\.yaml:6:74 spec\.steps\.0\.timeout: expected a duration/),
      expect.stringMatching(/^a\.yaml:6:74 spec\.steps\.1\.timeout: expected a duration/),
      expect.stringMatching(/^a\.yaml:7:23 spec\.steps\.1\.name: expected lower-case letters/),
    ]);
  });

  test('takes maps alone, and each key once', () => {
    expect(problemsOf(steps('{ <<: 3, name: two }'))).toEqual([expect.stringContaining('Merge sources must be maps')]);
    expect(problemsOf(steps('{ <<: *s, <<: *s, name: two }'))).toEqual(['a.yaml:7:17 <<: the key is there twice']);
  });
});

describe('a number', () => {
  const service = (facts: string): string =>
    `${head('Service')}spec: { description: x, owner: web, facts: { ${facts} } }`;

  test.each([
    ['a version', 'version: 1.10', '1.10 would become 1.1'],
    ['a commit', 'sha: 1234e56', '1234e56 would become 1.234e+59'],
    [
      'more digits than a number has',
      'build: 12345678901234567890',
      '12345678901234567890 would become 12345678901234567000',
    ],
    ['an account', 'account: 000123456789', '000123456789 would become 123456789'],
    ['another base', 'mode: 0o755', '0o755 would become 493'],
    ['a sign', 'phone: +49301234', '+49301234 would become 49301234'],
    ['less than nothing', 'zero: -0', '-0 would become 0'],
    ['a name', '1.10: yes', '1.10 would become 1.1'],
  ])('that is %s has to be put in quotes where it would change', (_, fact, problem) => {
    expect(problemsOf(service(fact))).toEqual([
      expect.stringContaining(`${problem}: put it in quotes to keep it as it is written`),
    ]);
  });

  test('stays as it is where it does not change, and in quotes', () => {
    expect(problemsOf(service('a: 12, b: -0.5, c: 1.1, d: "1.10", e: 1e+21'))).toEqual([]);
  });

  test('that can only be one may be written in another way, with all its digits', () => {
    const slo = (target: string): string =>
      `${head('ErrorBudgetPolicy')}spec: { rules: [{ condition: { spentPercent: ${target} }, actions: [freeze] }] }`;

    expect(['99.90', '99.0', '9.99e1', '099.9', '+99'].flatMap((target) => problemsOf(slo(target)))).toEqual([]);
    expect(problemsOf(slo('99.90000000000000000001'))).toEqual([
      expect.stringContaining('99.90000000000000000001 would become 99.9'),
    ]);
  });

  test('that stands where a text is expected is told so once', () => {
    expect(problemsOf(`${head('Environment')}spec: { variables: { version: 1.10 } }`)).toEqual([
      'a.yaml:4:31 spec.variables.version: expected string, received number: put it in quotes',
    ]);
  });
});

describe('a hostile file', () => {
  const laughs = Array.from({ length: 20 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`).join('\n');

  test.each([
    ['is too large', 'x'.repeat(1_000_001), 'larger than'],
    ['is nested too deep', '['.repeat(900_000), 'nested too deep'],
    ['repeats itself by aliases', `a0: &a0 [x]\n${laughs}`, 'Excessive alias count'],
    [
      'merges itself',
      `a0: &a0 { x: 1 }\n${laughs.replaceAll(/: (&a\d+) \[(.*)\]/g, ': $1 { <<: [$2] }')}`,
      'Excessive alias count',
    ],
    ['has many keys', Array.from({ length: 20_000 }, (_, at) => `k${at}: 1`).join('\n'), 'expected evenkeel/v1'],
    ['has many documents', `${head('Environment')}spec: {}\n---\n`.repeat(2_001), 'more than 2000 documents'],
  ])('that %s is refused with what is wrong', (_, text, problem) => {
    expect(problemsOf(text).join('\n')).toContain(problem);
  });
});
