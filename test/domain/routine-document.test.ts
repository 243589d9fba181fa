import { describe, expect, test } from 'vitest';
import { sayProblem } from '../../domain/catalogue/location.ts';
import { readDocuments } from '../../domain/catalogue/read.ts';
import { checkReferences } from '../../domain/catalogue/references.ts';
import { servicesOf } from '../../domain/routine/selection.ts';
import { RoutineSpec } from '../../domain/routine.ts';
import { document } from '../support/company.ts';

const template = (parameters = '{}') =>
  `{ apiVersion: evenkeel/v1, kind: PlanTemplate, metadata: { name: drill }, spec: { checklists: {}, parameters: ${parameters},
     activities: [{ name: a, task: { title: t, instructions: i, assignee: { team: shop }, dueWithin: 1h, remindBefore: 5m } }] } }`;
const ground = `
{ apiVersion: evenkeel/v1, kind: Person, metadata: { name: ana }, spec: { name: Ana, email: ana@example.org } }
---
{ apiVersion: evenkeel/v1, kind: Team, metadata: { name: shop }, spec: { members: [{ person: ana, role: admin }] } }
---
{ apiVersion: evenkeel/v1, kind: Team, metadata: { name: bank }, spec: { members: [{ person: ana, role: admin }] } }
---
{ apiVersion: evenkeel/v1, kind: Service, metadata: { name: checkout, labels: { tier: a } }, spec: { description: d, owner: shop } }
---
{ apiVersion: evenkeel/v1, kind: Service, metadata: { name: ledger, labels: { tier: a } }, spec: { description: d, owner: bank } }
---
{ apiVersion: evenkeel/v1, kind: Environment, metadata: { name: staging }, spec: {} }
`;

const usual = {
  description: 'd',
  owner: 'shop',
  kind: 'runbook-drill',
  cron: '30 2 * * *',
  zone: 'Europe/Berlin',
  template: 'drill',
  services: { names: ['checkout'] },
  environments: ['staging'],
};
const check = (changed: object = {}, parameters?: string) => {
  const routine = JSON.stringify({
    apiVersion: 'evenkeel/v1',
    kind: 'Routine',
    metadata: { name: 'x' },
    spec: { ...usual, ...changed },
  });
  const { documents, problems: form } = readDocuments([
    { path: 'a.yaml', text: [ground, template(parameters), routine].join('\n---\n') },
  ]);
  const { problems, warnings } = checkReferences(documents);
  const said = (problem: Parameters<typeof sayProblem>[0]) => sayProblem(problem).replace(/^\S+ /, '');
  return { problems: [...form, ...problems].map(said), warnings: warnings.map(said) };
};

describe('a routine', () => {
  test('is taken as it should be', () => {
    expect(check()).toEqual({ problems: [], warnings: [] });
  });

  test.each([
    [{ owner: 'shpo', services: { labels: { tier: 'a' } } }, 'spec.owner: there is no Team shpo, did you mean shop?'],
    [{ template: 'dril' }, 'spec.template: there is no PlanTemplate dril, did you mean drill?'],
    [{ environments: ['prod'] }, 'spec.environments.0: there is no Environment prod'],
    [{ services: { names: ['ledger'] } }, 'spec.services.names.0: ledger belongs to team bank, the routine to shop'],
    [{ parameters: { size: 3 } }, 'spec.parameters: the template has no parameter size (known: none)'],
    [
      { services: {} },
      'spec.services: expected labels or names: a routine for every service says so by a label that every one has',
    ],
    [{ zone: 'Berlin' }, 'spec.zone: expected an IANA time zone such as Europe/Berlin'],
    [
      { jitter: '13h' },
      'spec.jitter: expected at most 12h: a plan that begins later than that belongs to another time',
    ],
  ])('%o is refused', (changed, said) => {
    expect(check(changed).problems).toEqual([said]);
  });

  test('gives its template what that needs', () => {
    const size = '{ size: { description: how large, type: number, atMost: 5 } }';
    expect(check({}, size).problems).toEqual(['spec.parameters: parameter size has to be given: how large']);
    expect(check({ parameters: { size: 9 } }, size).problems).toEqual([
      'spec.parameters: parameter size: expected at most 5',
    ]);
    expect(check({ parameters: { size: 4 } }, size).problems).toEqual([]);
  });

  test('warns where its labels select nothing', () => {
    expect(check({ services: { labels: { tier: 'b' } } })).toEqual({
      problems: [],
      warnings: ['spec.services: selects no service of team shop: its runs are skipped until one is there'],
    });
  });
});

describe('the pattern of a routine', () => {
  const fault = 'expected a cron pattern of five fields that occurs, such as "30 2 * * *"';
  test.each([
    ['every day', fault],
    ['30 2 30 2 *', fault],
    ['0 30 2 * * *', fault],
    ['2026-12-24T22:00', fault],
    ['@daily', fault],
    ['0 2 L * *', fault],
    ['0 2 1 * 1', 'names a day of the month and a weekday: write a routine for each'],
    ['*/5 * * * *', 'names times that are less than 15 minutes apart'],
    ['59,0 * * * *', 'names times that are less than 15 minutes apart'],
  ])('%s is refused', (cron, said) => {
    expect(check({ cron }).problems).toEqual([`spec.cron: ${said}`]);
  });

  test.each(['*/15 * * * *', '0 4 * * MON-FRI', '0 6 1 1,4,7,10 *'])('%s is taken', (cron) => {
    expect(check({ cron }).problems).toEqual([]);
  });
});

test("a routine selects its owner's services alone: those that it names, and those that carry all of its labels", () => {
  const service = (name: string, owner: string, labels: Record<string, string>) => ({
    ...document('Service', name, { description: 'd', owner }),
    kind: 'Service' as const,
    spec: { ...document('Service', name, { description: 'd', owner }).spec, owner } as never,
    labels,
  });
  const services = [
    service('web', 'shop', { tier: 'a', zone: 'eu' }),
    service('app', 'shop', { tier: 'a' }),
    service('job', 'shop', {}),
    service('ledger', 'bank', { tier: 'a', zone: 'eu' }),
  ];
  const selected = (selector: object) => servicesOf(RoutineSpec.parse({ ...usual, services: selector }), services);

  expect(selected({ labels: { tier: 'a' } })).toEqual(['app', 'web']);
  expect(selected({ labels: { tier: 'a', zone: 'eu' } })).toEqual(['web']);
  expect(selected({ names: ['job', 'ledger'] })).toEqual(['job']);
  expect(selected({ labels: { zone: 'eu' }, names: ['job'] })).toEqual(['job', 'web']);
});
