import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sayProblem } from '../../domain/catalogue/location.ts';
import { readDocuments } from '../../domain/catalogue/read.ts';
import { checkReferences } from '../../domain/catalogue/references.ts';
import { groupsOf } from '../../domain/runbook.ts';
import { kinds, specs } from '../../domain/document.ts';
import { companyFiles } from './company.ts';

const { documents, problems } = readDocuments(companyFiles());

test('the example company is applied without a problem', () => {
  const { problems: between, warnings } = checkReferences(documents);

  expect([...problems, ...between, ...warnings].map(sayProblem)).toEqual([]);
});

test('the example company shows every kind of document', () => {
  expect([...new Set(documents.map(({ document }) => document.kind))].toSorted()).toEqual(kinds.toSorted());
});

test('the programs of its runbooks are there', () => {
  const programs = documents
    .filter(({ document }) => document.kind === 'Runbook')
    .flatMap(({ document }) => groupsOf(specs.Runbook.parse(document.spec).steps).flat())
    .flatMap((step) => (step.kind === 'command' ? [step.program] : []));

  expect(programs).not.toEqual([]);
  for (const program of programs) {
    expect(existsSync(fileURLToPath(new URL(`../../examples/programs/${program}`, import.meta.url)))).toBe(true);
  }
});
