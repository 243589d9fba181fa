import { describe, expect, test } from 'vitest';
import { sayProblem } from '../../domain/catalogue/location.ts';
import { readDocuments } from '../../domain/catalogue/read.ts';
import { checkReferences } from '../../domain/catalogue/references.ts';
import type { Document } from '../../domain/document.ts';

/** A catalogue to lean on: one team with one person, one service, one environment. */
const ground = `
{ apiVersion: evenkeel/v1, kind: Person, metadata: { name: ana }, spec: { name: Ana, email: ana@example.org } }
---
{ apiVersion: evenkeel/v1, kind: Team, metadata: { name: shop }, spec: { members: [{ person: ana, role: admin }] } }
---
{ apiVersion: evenkeel/v1, kind: Service, metadata: { name: checkout }, spec: { description: d, owner: shop } }
---
{ apiVersion: evenkeel/v1, kind: Environment, metadata: { name: production }, spec: { variables: { url: 'https://a' } } }
---
{ apiVersion: evenkeel/v1, kind: Runbook, metadata: { name: verify }, spec: { steps: [{ name: w, kind: wait, for: 1s }] } }
`;

const read = (text: string) => {
  const { documents, problems } = readDocuments([{ path: 'a.yaml', text }]);
  expect(problems.map(sayProblem)).toEqual([]);
  return documents;
};
const existing: Document[] = read(ground).map(({ document }) => document);

const check = (kind: string, spec: string, name = 'x') => {
  const text = `apiVersion: evenkeel/v1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
  const { problems, warnings } = checkReferences(read(text), existing);
  return { problems: problems.map(sayProblem), warnings: warnings.map(sayProblem) };
};

test('documents may name those applied with them and those that exist', () => {
  expect(checkReferences(read(ground)).problems).toEqual([]);
  expect(check('Service', '{ description: d, owner: shop, dependsOn: [checkout] }').problems).toEqual([]);
});

test('a document with a mistake of its own is not said to be missing as well', () => {
  const text = `
{ apiVersion: evenkeel/v1, kind: Team, metadata: { name: shop }, spec: { membrs: [] } }
---
{ apiVersion: evenkeel/v1, kind: Service, metadata: { name: checkout }, spec: { description: d, owner: shop } }
---
{ apiVersion: evenkeel/v1, kind: Service, metadata: { name: basket }, spec: { description: d, owner: shpo } }
`;
  const { documents, faulty } = readDocuments([{ path: 'a.yaml', text }]);

  expect(checkReferences(documents, [], faulty).problems.map(sayProblem)).toEqual([
    'a.yaml:6:102 spec.owner: there is no Team shpo, did you mean shop?',
  ]);
});

test('a document of before that would not be taken today is there by its name, and holds up no other one', () => {
  const odd = (kind: 'MaintenanceWindow' | 'Environment' | 'Service', name: string, spec: object): Document => ({
    kind,
    name,
    labels: {},
    spec,
  });
  const before = [
    ...existing,
    odd('MaintenanceWindow', 'w', { zone: 'Mars/Olympus', opens: 'never', lasts: 'long' }),
    odd('Environment', 'old', { variables: null }),
    odd('Service', 'old', { owner: 'shop' }),
  ];
  const text = `
{ apiVersion: evenkeel/v1, kind: PlanTemplate, metadata: { name: t }, spec: { checklists: {}, window: w, activities: [{ name: a, runbook: verify }] } }
---
{ apiVersion: evenkeel/v1, kind: Service, metadata: { name: new }, spec: { description: d, owner: shop, dependsOn: [old], plans: { deployment: t } } }
`;

  expect(checkReferences(read(text), before, [], Date.parse('2026-11-28T10:00:00Z')).problems).toEqual([]);
});

const task = (assignee: string) => `{ title: t, assignee: ${assignee} }`;
const step = (more: string) => `{ steps: [{ name: s, ${more} }] }`;
const template = (more: string) => `{ checklists: {}, activities: [{ name: a, runbook: verify }], ${more} }`;
const activity = (more: string) => `{ checklists: {}, activities: [{ name: a, ${more} }] }`;
const checklist = (fields: string) => `{ checks: [{ id: A-1, title: t, level: A, severity: minor, ${fields} }] }`;

describe('a name that nobody has is a problem', () => {
  test.each([
    ['Service', '{ description: d, owner: shpo }', 'spec.owner: there is no Team shpo, did you mean shop?'],
    ['Service', '{ description: d, owner: shop, dependsOn: [checkout, y] }', 'spec.dependsOn.1: there is no Service y'],
    [
      'Service',
      '{ description: d, owner: shop, plans: { rollback: y } }',
      'spec.plans.rollback: there is no PlanTemplate y',
    ],
    [
      'Service',
      '{ description: d, owner: shop, stakeholders: [y] }',
      'stakeholders.0: there is no NotificationChannel y',
    ],
    ['Source', '{ format: github, team: y, secrets: [s] }', 'spec.team: there is no Team y'],
    [
      'Source',
      '{ format: github, team: shop, secrets: [s], mappings: [{ from: a, to: { service: y, environment: z } }] }',
      'spec.mappings.0.to.service: there is no Service y',
    ],
    ['Team', '{ members: [{ person: y, role: viewer }] }', 'spec.members.0.person: there is no Person y'],
    ['Team', '{ members: [{ person: ana, role: viewer }], schedule: y }', 'spec.schedule: there is no Schedule y'],
    [
      'Person',
      '{ name: n, email: a@example.org, delegate: { to: y, from: 2026-01-01T00:00:00Z, until: 2026-02-01T00:00:00Z } }',
      'spec.delegate.to: there is no Person y',
    ],
    [
      'Schedule',
      '{ zone: UTC, layers: [{ start: 2026-01-01T00:00:00, turn: { every: 1, unit: weeks }, people: [ana, y] }] }',
      'spec.layers.0.people.1: there is no Person y',
    ],
    ['Team', '{ members: [{ person: ana, role: viewer }], escalation: y }', 'there is no EscalationPolicy y'],
    [
      'EscalationPolicy',
      '{ steps: [{ if: { priority: [1] }, do: [{ notify: x }, { if: { hours: working }, do: [], else: [{ level: { targets: [{ person: y }] } }] }] }] }',
      'spec.steps.0.do.1.else.0.level.targets.0.person: there is no Person y',
    ],
    [
      'EscalationPolicy',
      '{ steps: [{ notify: y }], exhausted: [{ schedule: z }] }',
      'spec.exhausted.0.schedule: there is no Schedule z',
    ],
    [
      'ReadinessChecklist',
      '{ checks: [{ id: A-1, title: t, level: A, severity: minor, remediation: y, evidence: { kind: attestation, statement: s, by: z } }] }',
      'spec.checks.0.remediation: there is no Runbook y',
    ],
    ['PlanTemplate', template('approvalPolicy: y'), 'spec.approvalPolicy: there is no ApprovalPolicy y'],
    ['PlanTemplate', template('window: y'), 'spec.window: there is no MaintenanceWindow y'],
    ['PlanTemplate', activity('runbook: y'), 'spec.activities.0.runbook: there is no Runbook y'],
    ['PlanTemplate', activity('runbook: verify, undo: y'), 'spec.activities.0.undo: there is no Runbook y'],
    [
      'PlanTemplate',
      activity('runbook: verify, people: [{ team: y }]'),
      'activities.0.people.0.team: there is no Team y',
    ],
    ['PlanTemplate', activity(`task: ${task('{ person: y }')}`), 'task.assignee.person: there is no Person y'],
    ['PlanTemplate', activity('runbook: verify, after: [b]'), 'spec.activities.0.after.0: there is no activity b'],
    ['Runbook', step('kind: approval, policy: y, question: q'), 'spec.steps.0.policy: there is no ApprovalPolicy y'],
    [
      'Runbook',
      step(`kind: http, url: u, undo: { kind: task, title: t, assignee: { team: y } }`),
      'spec.steps.0.undo.assignee.team: there is no Team y',
    ],
    [
      'ApprovalPolicy',
      '{ timeout: 1h, stages: [{ approvers: [{ onCall: y }] }] }',
      'approvers.0.onCall: there is no Schedule y',
    ],
    [
      'ApprovalPolicy',
      '{ timeout: 1h, stages: [{ approvers: [{ person: ana }] }], escalateTo: [{ team: y }] }',
      'spec.escalateTo.0.team: there is no Team y',
    ],
  ])('%s %s', (kind, spec, problem) => {
    expect(check(kind, spec).problems.join('\n')).toContain(problem);
  });

  test('at its line and column', () => {
    expect(check('Service', '{ description: d, owner: other }').problems).toEqual([
      'a.yaml:4:32 spec.owner: there is no Team other',
    ]);
  });
});

describe('a plan template', () => {
  test.each(['{ A: basics }', '{ A: basics, B: basics }'])(
    'with checklists %s says nothing of level C',
    (checklists) => {
      const { problems } = readDocuments([
        {
          path: 'a.yaml',
          text: `apiVersion: evenkeel/v1
kind: PlanTemplate
metadata: { name: x }
spec: { checklists: ${checklists}, activities: [{ name: a, runbook: verify }] }`,
        },
      ]);

      expect(problems.map(sayProblem).join('\n')).toContain('spec.checklists: expected a checklist for C too');
    },
  );

  test('whose activities wait for each other names them all', () => {
    const activities =
      '[{ name: a, after: [c], runbook: verify }, { name: b, after: [a], runbook: verify }, { name: c, after: [b], runbook: verify }]';

    expect(check('PlanTemplate', `{ checklists: {}, activities: ${activities} }`).problems.join()).toMatch(
      /wait for each other: (a -> b -> c -> a|b -> c -> a -> b|c -> a -> b -> c)/,
    );
  });
});

describe('a team', () => {
  test('that loses its last admin is warned of', () => {
    const { warnings, problems } = check('Team', '{ members: [{ person: ana, role: operator }] }', 'shop');

    expect(problems).toEqual([]);
    expect(warnings.join()).toContain('spec.members: team shop has no admin left');
  });

  test('that keeps an admin, or never had one, is not', () => {
    expect(check('Team', '{ members: [{ person: ana, role: admin }] }', 'shop').warnings).toEqual([]);
    expect(check('Team', '{ members: [{ person: ana, role: operator }] }', 'new').warnings).toEqual([]);
  });
});

describe('a name inside of a document', () => {
  test.each([
    [
      'PlanTemplate',
      '{ checklists: {}, activities: [{ name: a, runbook: verify }, { name: a, runbook: verify }] }',
      'spec.activities.1.name: a occurs twice',
    ],
    [
      'Runbook',
      '{ steps: [{ name: a, kind: wait, for: 1s }, { name: p, kind: parallel, steps: [{ name: a, kind: wait, for: 1s }] }] }',
      'spec.steps.1.steps.0.name: a occurs twice',
    ],
    [
      'Team',
      '{ members: [{ person: ana, role: admin }, { person: ana, role: viewer }] }',
      'spec.members.1.person: ana occurs twice',
    ],
  ])('of %s is there once', (kind, spec, problem) => {
    expect(check(kind, spec).problems.join()).toContain(problem);
  });
});

describe('texts are looked at when they are applied', () => {
  test.each([
    [
      'a rule',
      'ReadinessChecklist',
      checklist('evidence: { kind: catalogue, rule: servce.name == "a" }'),
      'evidence.rule: Unknown variable: servce',
    ],
    [
      'a condition',
      'ReadinessChecklist',
      checklist('appliesIf: verdict == "ready", evidence: { kind: catalogue, rule: "true" }'),
      'appliesIf: Unknown variable: verdict',
    ],
    [
      'a policy',
      'ApprovalPolicy',
      '{ timeout: 1h, notNeededWhen: service.name.matches("a"), stages: [{ approvers: [{ person: ana }] }] }',
      'notNeededWhen: matches() may take for ever',
    ],
    [
      'an activity',
      'PlanTemplate',
      '{ checklists: {}, activities: [{ name: a, runbook: verify, when: 1 + }] }',
      'activities.0.when: Unexpected token',
    ],
    [
      'a URL of a check',
      'ReadinessChecklist',
      checklist('evidence: { kind: http, url: "{{environment.url}}/{{step}}" }'),
      'evidence.url: unknown placeholder {{step}}',
    ],
    [
      'a body',
      'Runbook',
      '{ steps: [{ name: s, kind: http, url: "http://a", body: "{{ artefact }}" }] }',
      'body: unknown placeholder {{artefact}}, did you mean artifact?',
    ],
    [
      'an argument',
      'Runbook',
      '{ steps: [{ name: s, kind: command, program: p, arguments: [a, "{{x}}"] }] }',
      'arguments.1: unknown placeholder {{x}}',
    ],
    [
      'a variable that no environment has',
      'Runbook',
      step('kind: http, url: "{{environment.ulr}}/x"'),
      'a.yaml:4:45 spec.steps.0.url: no environment has the variable of {{environment.ulr}}, did you mean environment.url?',
    ],
    [
      'the URL of a step',
      'Runbook',
      step('kind: http, url: "ftp://a/x"'),
      'a.yaml:4:45 spec.steps.0.url: expected an http(s) URL, or {{environment.<variable>}} at its start',
    ],
    [
      'the URL of an undo',
      'Runbook',
      step('kind: http, url: "http://a/", undo: { kind: http, url: "{{service}}/x" }'),
      'spec.steps.0.undo.url: expected an http(s) URL',
    ],
    [
      'the URL of evidence',
      'ReadinessChecklist',
      checklist('evidence: { kind: http, url: "file:///etc/passwd" }'),
      'a.yaml:4:95 spec.checks.0.evidence.url: expected an http(s) URL',
    ],
    [
      'the URL of Prometheus',
      'ReadinessChecklist',
      checklist('evidence: { kind: prometheus, url: "prometheus:9090", query: up, operator: ">", value: 0 }'),
      'spec.checks.0.evidence.url: expected an http(s) URL',
    ],
  ])('%s', (_, kind, spec, problem) => {
    expect(check(kind, spec).problems.join()).toContain(problem);
  });

  test('and may be fine', () => {
    const written = '{ name: s, kind: http, url: "{{environment.url}}/{{service}}/{{step}}", body: "{{artifact}}" }';

    expect(check('Runbook', `{ steps: [${written}] }`).problems).toEqual([]);
  });
});

test('a source speaks only of services of its team', () => {
  const person =
    '{ apiVersion: evenkeel/v1, kind: Team, metadata: { name: other }, spec: { members: [{ person: ana, role: admin }] } }';
  const source =
    '{ apiVersion: evenkeel/v1, kind: Source, metadata: { name: s }, spec: { format: github, team: other, secrets: [s], mappings: [{ from: a, to: { service: checkout, environment: production } }] } }';

  expect(
    checkReferences(read(`${person}\n---\n${source}`), existing)
      .problems.map(sayProblem)
      .join(),
  ).toContain('spec.mappings.0.to.service: checkout belongs to team shop, the source to other');
});

test('services that depend on each other are a warning', () => {
  const { problems, warnings } = check('Service', '{ description: d, owner: shop, dependsOn: [x] }');

  expect(problems).toEqual([]);
  expect(warnings).toEqual(['a.yaml:4:49 spec.dependsOn: services depend on each other: x -> x']);
});

test('what is redundant is one of the dependencies', () => {
  const { problems } = check('Service', '{ description: d, owner: shop, dependsOn: [x], redundant: [[x, y]] }');

  expect(problems.join()).toContain('spec.redundant.0.1: y is not in dependsOn');
});

test('what an error budget policy is for is looked up', () => {
  const rule =
    '{ scope: { services: [chekcout], objectives: [gone] }, condition: { spentPercent: 100 }, actions: [freeze] }';
  const { problems } = check('ErrorBudgetPolicy', `{ rules: [${rule}] }`);

  expect(problems.join()).toContain('spec.rules.0.scope.services.0');
  expect(problems.join()).toContain('spec.rules.0.scope.objectives.0');
});

describe('mappings of a source', () => {
  const source = (mappings: string[], format = 'github') =>
    check(
      'Source',
      `{ format: ${format}, team: shop, secrets: [s], mappings: [${mappings
        .map((mapping) => `{ ${mapping}, to: { service: checkout, environment: production } }`)
        .join()}] }`,
    ).problems;

  test.each([
    [
      'twice the same',
      ['from: acme/shop, environment: live', 'from: acme/shop, environment: live'],
      'is mapping 0 once more',
    ],
    [
      'behind every environment',
      ['from: acme/shop', 'from: acme/shop, environment: production'],
      'never fits: mapping 0 comes first',
    ],
    ['behind every name', ['from: "*"', 'from: acme/shop'], 'never fits: mapping 0 comes first'],
    [
      'behind a wider pattern',
      ['from: acme/*, environment: review/*', 'from: acme/shop-*, environment: review/eu-*'],
      'never fits',
    ],
    [
      'behind the same rule',
      ['from: acme/shop, when: task == "a"', 'from: acme/shop, when: task == "a"'],
      'is mapping 0 once more',
    ],
  ])('that can never fit are refused: %s', (_, mappings, problem) => {
    expect(source(mappings)).toEqual([expect.stringContaining(`spec.mappings.1: ${problem}`)]);
  });

  test.each([
    ['no owner', 'from: shop', 'expected owner/repository, as GitHub writes it'],
    [
      'a version',
      'from: pkg:github/acme/shop@abc',
      'expected pkg:github/owner/repository, in lower case and without version',
    ],
    ['capitals in a package URL', 'from: pkg:github/Acme/shop', 'expected pkg:github/owner/repository, in lower case'],
    ['another kind of package', 'from: pkg:oci/shop', 'expected pkg:github/owner/repository'],
  ])('that GitHub has no name for are refused: %s', (_, mapping, problem) => {
    expect(source([mapping])).toEqual([expect.stringContaining(`spec.mappings.0.from: never fits: ${problem}`)]);
    expect(source([mapping], 'cloudevents')).toEqual([]);
  });

  test('stay when each has something of its own', () => {
    expect(
      source([
        'from: acme/mono, when: payload.service == "search"',
        'from: acme/mono, when: task == "deploy:checkout"',
        'from: acme/mono',
        'from: acme/mono, environment: review/*',
        'from: acme/shop, environment: live',
        'from: acme/*, environment: live',
        'from: "*"',
      ]),
    ).toEqual([]);
  });

  test('are told what their rules may speak of', () => {
    expect(source(['from: acme/mono, when: service.name == "a"'])).toEqual([
      expect.stringContaining('spec.mappings.0.when: Unknown variable: service'),
    ]);
  });
});

test('nobody is a delegate of themselves', () => {
  const span = 'from: "2026-12-01T00:00:00Z", until: "2026-12-02T00:00:00Z"';
  const person = (to: string) =>
    check('Person', `{ name: Ana, email: ana@example.org, delegate: { to: ${to}, ${span} } }`, 'ana').problems;

  expect(person('ana')).toEqual(['a.yaml:4:60 spec.delegate.to: ana cannot refer to itself here']);
});

describe('a plan for gates', () => {
  const gatePlan = `{ apiVersion: evenkeel/v1, kind: PlanTemplate, metadata: { name: gate }, spec: { checklists: {}, activities: [{ name: a, runbook: verify }] } }`;
  const service = `{ apiVersion: evenkeel/v1, kind: Service, metadata: { name: checkout }, spec: { description: d, owner: shop, plans: { gate: gate } } }`;
  const sourceOf = (name: string, app = '') =>
    `{ apiVersion: evenkeel/v1, kind: Source, metadata: { name: ${name} }, spec: { format: github, team: shop, secrets: [s], ${app} mappings: [{ from: a/b, to: { service: checkout, environment: production } }] } }`;
  const withApp = sourceOf('actions', 'app: { id: 1, privateKey: key },');
  const checked = (texts: string[], before: string[] = []) => {
    const known = before.flatMap((text) => read(text).map(({ document }) => document));
    const { problems, warnings } = checkReferences(read([gatePlan, ...texts].join('\n---\n')), [...existing, ...known]);
    return [...problems, ...warnings].map(({ message }) => message);
  };

  test('needs a source with an App, and one is enough', () => {
    expect(checked([service, sourceOf('plain')])).toEqual(['no source of GitHub that speaks of checkout has an app']);
    expect(checked([service, sourceOf('plain'), withApp])).toEqual([]);
  });

  test('is said to be unheard while no source speaks of its service', () => {
    expect(checked([service])).toEqual(['no source of GitHub speaks of checkout']);
  });

  test('is no matter of a source that is not of GitHub', () => {
    expect(checked([withApp.replace('format: github', 'format: grafana')])).toEqual([
      'a source of format grafana has no gates to answer',
    ]);
  });

  test('keeps the App of the source that answers it', () => {
    const without = sourceOf('actions');

    expect(checked([without], [gatePlan, service, withApp])).toEqual([
      'checkout has a plan for gates, which no source without an app can answer',
    ]);
  });
});

describe('work and its window', () => {
  const now = Date.parse('2026-11-28T10:00:00Z');
  const windowed = (window: string, activities: string, existingToo: readonly Document[] = existing) => {
    const text = [
      `{ apiVersion: evenkeel/v1, kind: MaintenanceWindow, metadata: { name: w }, spec: { zone: UTC, ${window} } }`,
      ...(activities === ''
        ? []
        : [
            `{ apiVersion: evenkeel/v1, kind: PlanTemplate, metadata: { name: t }, spec: { checklists: {}, window: w, activities: [${activities}] } }`,
          ]),
    ];
    const { problems, warnings } = checkReferences(read(text.join('\n---\n')), existingToo, [], now);
    return { problems: problems.map(sayProblem), warnings: warnings.map(sayProblem) };
  };
  const nightly = 'opens: "0 2 * * *", lasts: 30m';
  const work = (duration: string, more = '') => `{ name: a, runbook: verify, duration: ${duration}${more} }`;

  test.each([
    ['is longer than any opening', nightly, work('1h'), '60 min'],
    ['is longer with its undoing', nightly, work('20m', ', undo: verify'), '40 min'],
    [
      'is longer with all its parts',
      nightly,
      `${work('20m')}, { name: b, after: [a], runbook: verify, duration: 20m }`,
      '40 min',
    ],
    ['has only one opening that is too short', 'opens: 2026-12-24T22:00, lasts: 1h', work('2h'), '120 min'],
  ])('that %s is refused', (_, window, activities, length) => {
    expect(windowed(window, activities).problems).toEqual([
      expect.stringMatching(`spec.window: the work of t with its undo takes ${length}, and w is never open that long`),
    ]);
  });

  test('is refused as well when the window becomes too short', () => {
    const before = read(
      [
        `{ apiVersion: evenkeel/v1, kind: MaintenanceWindow, metadata: { name: w }, spec: { zone: UTC, opens: "0 2 * * *", lasts: 4h } }`,
        `{ apiVersion: evenkeel/v1, kind: PlanTemplate, metadata: { name: t }, spec: { checklists: {}, window: w, activities: [${work('1h')}] } }`,
      ].join('\n---\n'),
    ).map(({ document }) => document);

    expect(windowed(nightly, '', [...existing, ...before]).problems).toEqual([
      expect.stringContaining('spec.lasts: the work of t with its undo takes 60 min'),
    ]);
    expect(windowed(nightly, work('10m'), [...existing, ...before]).problems).toEqual([]);
  });

  test.each([
    ['fits', nightly, work('30m')],
    ['may be left out', nightly, work('1h', ', when: "true"')],
    ['goes on over openings that touch', 'opens: "0 * * * *", lasts: 1h', work('12h')],
    ['takes longer than anybody looks', 'opens: "* * * * *", lasts: 1m', work('90d')],
  ])('that %s is taken', (_, window, activities) => {
    expect(windowed(window, activities).problems).toEqual([]);
  });

  test('is a warning when the window is closed for as long as plans look, whatever was valid before', () => {
    expect(windowed('opens: "0 2 29 2 *", lasts: 2h', work('1h'))).toEqual({
      problems: [],
      warnings: [
        'a.yaml:1:102 spec.opens: has no opening in the next 90 days; the pattern opens next at 2028-02-29T02:00:00.000Z',
        expect.stringContaining('spec.window: w has no opening of 60 min in the next 90 days: a plan made now fails'),
      ],
    });
    expect(windowed('opens: 2026-11-28T09:00, lasts: 30m', '')).toEqual({
      problems: [],
      warnings: ['a.yaml:1:102 spec.opens: has no opening in the next 90 days or later'],
    });
  });
});

describe('a rule with a mistake is shown where it is written', () => {
  const at = (when: string): string[] => {
    const text = `apiVersion: evenkeel/v1\nkind: PlanTemplate\nmetadata: { name: x }\nspec:\n  checklists: {}\n  activities:\n    - name: a\n      runbook: verify\n      when: ${when}\n`;
    return checkReferences(read(text), existing).problems.map(({ line, column }) => `${line}:${column}`);
  };

  test.each([
    ['has(service.slo) && servce.owner == "shop"', '9:33'],
    [`'has(service.slo) && servce.owner == "shop"'`, '9:34'],
    ['|-\n        has(service.slo) &&\n          servce.owner == "shop"', '11:11'],
    ['>-\n        has(service.slo) && servce.owner == "shop"', '10:29'],
    // Written with escapes, its beginning has to do.
    ['"has(service.slo) && servce.owner == \\"shop\\""', '9:13'],
  ])('%s', (when, place) => {
    expect(at(when)).toEqual([place]);
  });
});

describe('the owning team may stand for a name', () => {
  test.each([
    ['PlanTemplate', activity('runbook: verify, people: [{ team: "{{team}}" }]')],
    ['PlanTemplate', activity('task: { title: t, assignee: { team: "{{team}}" } }')],
    ['Runbook', step('kind: task, title: t, assignee: { team: "{{team}}" }')],
    ['ApprovalPolicy', '{ timeout: 1h, stages: [{ approvers: [{ team: "{{team}}" }], quorum: { count: 2 } }] }'],
  ])('in a %s', (kind, spec) => {
    const { problems, warnings } = check(kind, spec);

    expect([...problems, ...warnings.filter((text) => !text.includes('approvalPolicy'))]).toEqual([]);
  });

  test('and nothing else may', () => {
    const text = `apiVersion: evenkeel/v1\nkind: ApprovalPolicy\nmetadata: { name: x }\nspec: { timeout: 1h, stages: [{ approvers: [{ team: "{{tema}}" }] }] }\n`;

    expect(readDocuments([{ path: 'a.yaml', text }]).problems).not.toEqual([]);
  });
});

describe('a login is of one person', () => {
  const person = (name: string, more = '') =>
    `{ apiVersion: evenkeel/v1, kind: Person, metadata: { name: ${name} }, spec: { name: ${name}, email: ${name}@example.org${more} } }`;
  const problemsOf = (one: string, other: string): string[] =>
    checkReferences(read(`${person('cid', one)}\n---\n${person('dan', other)}`), existing).problems.map(
      ({ message }) => message,
    );

  test.each([
    [', logins: { github: [octo] }', ', logins: { github: [OCTO] }', 'github login OCTO already belongs to cid'],
    [', logins: { oidc: [a] }', ', logins: { oidc: [a] }', 'oidc login a already belongs to cid'],
    ['', ', logins: { email: [Cid@example.org] }', 'email login Cid@example.org already belongs to cid'],
  ])('%s and %s', (one, other, message) => {
    expect(problemsOf(one, other)).toContainEqual(expect.stringContaining(message));
  });

  test('also of one that is in the catalogue', () => {
    expect(
      checkReferences(read(person('cid', ', logins: { email: [ana@example.org] }')), existing).problems,
    ).toMatchObject([{ message: expect.stringContaining('already belongs to ana') }]);
  });

  test.each([
    [', logins: { oidc: [a] }', ', logins: { oidc: [A] }'],
    [', logins: { github: [octo] }', ', logins: { other: [octo] }'],
    [', logins: { github: [dan] }', ''],
  ])('and may look like another one: %s and %s', (one, other) => {
    expect(problemsOf(one, other)).toEqual([]);
  });
});
