import { accessSync, constants } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sayProblem } from '../../domain/catalogue/location.ts';
import { readDocuments } from '../../domain/catalogue/read.ts';
import { checkReferences } from '../../domain/catalogue/references.ts';
import { specs } from '../../domain/document.ts';
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
