import { expect, test } from 'vitest';
import { sayProblem } from '../../domain/catalogue/location.ts';
import { readDocuments } from '../../domain/catalogue/read.ts';
import { checkReferences } from '../../domain/catalogue/references.ts';

const document = (kind: string, name: string, spec: string): string =>
  `{ apiVersion: evenkeel/v1, kind: ${kind}, metadata: { name: ${name} }, spec: ${spec} }`;
const people = ['ana', 'ben', 'cid'].map((name) =>
  document('Person', name, `{ name: ${name}, email: ${name}@example.org }`),
);
const members = (...roles: string[]): string =>
  document(
    'Team',
    'shop',
    `{ members: [${roles.map((role, at) => `{ person: ${['ana', 'ben', 'cid'][at]}, role: ${role} }`).join()}] }`,
  );

const warningsOf = (...texts: string[]): string[] => {
  const { documents, problems } = readDocuments([{ path: 'a.yaml', text: [...people, ...texts].join('\n---\n') }]);
  const { problems: more, warnings } = checkReferences(documents);
  expect([...problems, ...more].map(sayProblem)).toEqual([]);
  return warnings.map(sayProblem);
};

const policy = (stage: string, more = ''): string =>
  document('ApprovalPolicy', 'second', `{ stages: [{ approvers: [{ team: shop }], ${stage} }], timeout: 4h, ${more} }`);
const live = document('Environment', 'live', '{ production: true }');
const template = (seats: string, assignee = '{ team: shop }'): string =>
  document(
    'PlanTemplate',
    'release',
    `{ checklists: {}, approvalPolicy: second, activities: [{ name: a, task: { title: t, assignee: ${assignee} }, people: [${seats}] }] }`,
  );
const lookBy = (person: string): string =>
  `{ name: ask-${person}, kind: task, title: t, assignee: { person: ${person} } }`;

test.each<[string, string[], string]>([
  [
    'nobody is an approver',
    [members('operator'), policy('')],
    'it needs 1 to approve, and nobody may: nobody can decide',
  ],
  [
    'fewer are approvers than it takes',
    [members('approver', 'approver'), policy('quorum: { count: 3 }')],
    'it needs 3 to approve, and ana, ben may: nobody can decide',
  ],
  [
    'the only approver may ask',
    [members('approver', 'operator'), policy('')],
    'it needs 1 to approve, and ana may: what ana requests cannot be decided; name more approvers',
  ],
  [
    'the only approver has to execute',
    [members('approver', 'viewer'), policy('excludeRequester: false'), template('{ team: shop }')],
    'spec.approvalPolicy: ana may approve but has a seat or a task by name',
  ],
  [
    'all approvers have a task by name',
    [
      members('approver', 'approver'),
      policy('excludeRequester: false'),
      document('Runbook', 'steps', `{ steps: [${['ana', 'ben'].map(lookBy).join()}] }`),
      template('').replace('task: { title: t, assignee: { team: shop } }', 'runbook: steps'),
    ],
    'ana, ben may approve but have a seat or a task by name',
  ],
  [
    'the only approver has a task by name',
    [members('approver', 'viewer'), policy('excludeRequester: false'), template('', '{ person: ana }')],
    'spec.approvalPolicy: ana may approve but has a seat or a task by name',
  ],
  [
    'the only approver has a task by name in a runbook',
    [
      members('approver', 'viewer'),
      policy('excludeRequester: false'),
      document('Runbook', 'steps', '{ steps: [{ name: look, kind: task, title: t, assignee: { person: ana } }] }'),
      template('').replace('task: { title: t, assignee: { team: shop } }', 'runbook: steps'),
    ],
    'spec.approvalPolicy: ana may approve but has a seat or a task by name',
  ],
  [
    'plans start in production without approval',
    [members('approver'), live, template('').replace('approvalPolicy: second, ', '')],
    'spec: without approvalPolicy its plans start in production without approval',
  ],
])('a warning is given where %s', (_, texts, warning) => {
  expect(warningsOf(...texts)).toEqual([expect.stringContaining(warning)]);
});

test.each<[string, string[]]>([
  ['two may approve', [members('approver', 'admin'), policy('')]],
  ['the requester counts too', [members('approver'), policy('excludeRequester: false')]],
  [
    'others are asked by escalation',
    [members('approver', 'admin'), policy('quorum: first', 'escalateTo: [{ person: ben }]')],
  ],
  ['others can take the seat', [members('approver', 'approver', 'responder'), policy(''), template('{ team: shop }')]],
])('none is given where %s', (_, texts) => {
  expect(warningsOf(...texts)).toEqual([]);
});
