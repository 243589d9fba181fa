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
    expect(warnings.join()).toContain('spec.members: team shop has no admin any more');
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
      'spec.activities.1.name: a is there twice',
    ],
    [
      'Runbook',
      '{ steps: [{ name: a, kind: wait, for: 1s }, { name: p, kind: parallel, steps: [{ name: a, kind: wait, for: 1s }] }] }',
      'spec.steps.1.steps.0.name: a is there twice',
    ],
    [
      'Team',
      '{ members: [{ person: ana, role: admin }, { person: ana, role: viewer }] }',
      'spec.members.1.person: ana is there twice',
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
