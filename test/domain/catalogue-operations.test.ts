import { accessSync, constants, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sayProblem } from '../../domain/catalogue/location.ts';
import { isOf } from '../../domain/catalogue/lookup.ts';
import { readDocuments } from '../../domain/catalogue/read.ts';
import { checkReferences } from '../../domain/catalogue/references.ts';
import { openingsFrom } from '../../domain/calendar/opening.ts';
import { specs } from '../../domain/document.ts';
import { cadences, coverageOf } from '../../domain/routine/coverage.ts';
import { groupsOf } from '../../domain/runbook.ts';
import { operationFiles, operationPrograms } from '../support/operations.ts';
import { companyFiles } from './company.ts';

const { documents, problems } = readDocuments(operationFiles());
const company = readDocuments(companyFiles()).documents.map(({ document }) => document);
const named = documents.map(({ document }) => document);

test.each([
  ['by themselves', []],
  ['on the example company', company],
])('the ready-made operations are applied without a problem: %s', (_, existing) => {
  const { problems: between, warnings } = checkReferences(documents, existing);

  expect([...problems, ...between, ...warnings].map(sayProblem)).toEqual([]);
});

test('none of them takes the place of a document of the example company', () => {
  const taken = new Set(company.map(({ kind, name }) => `${kind} ${name}`));

  expect(documents.map(({ document: { kind, name } }) => `${kind} ${name}`).filter((name) => taken.has(name))).toEqual(
    [],
  );
});

test('the programs of their runbooks are there and may be run', () => {
  const runbooks = named.filter(({ kind }) => kind === 'Runbook').map(({ spec }) => specs.Runbook.parse(spec));
  const steps = runbooks.flatMap((runbook) => groupsOf(runbook.steps).flat());
  const programs = steps.flatMap((step) => (step.kind === 'command' ? [step.program] : []));

  expect(programs).toEqual(['dump-database.mjs', 'verify-backup.mjs', 'restore-test.mjs']);
  for (const program of programs) accessSync(`${operationPrograms}/${program}`, constants.X_OK);
});

describe('each template', () => {
  const templates = named
    .filter(({ kind }) => kind === 'PlanTemplate')
    .map(({ name, spec }) => ({ name, spec: specs.PlanTemplate.parse(spec) }));

  test('is there', () => {
    expect(templates.map(({ name }) => name).toSorted()).toEqual([
      'access-review',
      'backup-verification',
      'capacity-review',
      'certificate-rotation',
      'compliance-evidence',
      'failover-exercise',
      'patching',
      'restore-test',
      'secret-rotation',
      'security-scan-intake',
    ]);
  });

  test.each(templates)('$name may be requested, with parameters, and says who agrees', ({ spec }) => {
    expect(spec.requestableBy).toBeDefined();
    expect(spec.approvalPolicy).toBeDefined();
    expect(Object.keys(spec.parameters)).not.toEqual([]);
  });
});

describe('the routines of the example company', () => {
  const text = readFileSync(new URL('../../examples/routines/shop.yaml', import.meta.url), 'utf8');
  const read = readDocuments([{ path: 'shop.yaml', text }]);
  const routines = read.documents.map(({ document: { name, spec } }) => ({
    name,
    spec: specs.Routine.parse(spec),
    isPaused: false,
  }));

  test('are applied after its documents and the templates, without a problem', () => {
    const { problems: between, warnings } = checkReferences(read.documents, [...company, ...named]);

    expect([...read.problems, ...between, ...warnings].map(sayProblem)).toEqual([]);
  });

  test('see to every kind that has a cadence, but to those that are no work of ready-made templates', () => {
    const services = company.filter((document) => isOf(document, 'Service'));
    const covered = coverageOf(services, routines, [], Date.UTC(2026, 0));

    const kinds = covered.filter(({ service, coverage }) => service === 'checkout' && coverage === 'none');
    expect(kinds.map(({ kind }) => kind)).toEqual(['runbook-drill', 'pen-test']);
  });

  test.each(routines.filter(({ spec }) => spec.kind in cadences))(
    '$name comes as often as is asked for',
    ({ spec }) => {
      const days = cadences[spec.kind as keyof typeof cadences];
      const times: number[] = [];
      for (const time of openingsFrom({ opens: spec.cron, zone: spec.zone }, Date.UTC(2026, 0))) {
        if (time > Date.UTC(2029, 0)) break;
        times.push(time);
      }

      const longest = Math.max(...times.slice(1).map((time, at) => time - times[at]!));
      // The clocks go back by an hour.
      expect(longest).toBeLessThanOrEqual(days * 86_400_000 + 3_600_000);
      expect(times.length).toBeGreaterThan(4);
    },
  );
});
