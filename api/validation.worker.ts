import { parentPort } from 'node:worker_threads';
import { sayProblem } from '../domain/catalogue/location.ts';
import { readDocuments } from '../domain/catalogue/read.ts';
import { checkReferences } from '../domain/catalogue/references.ts';
import type { Validated, Submitted } from './validation.ts';

parentPort!.on('message', ({ files, existing }: Submitted) => {
  const { documents, faulty, problems } = readDocuments(files);
  const between = checkReferences(documents, existing, faulty, Date.now());
  const validated: Validated = {
    documents: documents.map(({ document }) => document),
    problems: [...problems, ...between.problems].map(sayProblem),
    warnings: between.warnings.map(sayProblem),
  };
  parentPort!.postMessage(validated, []);
});

// Loaded: from here on the time counts.
parentPort!.postMessage('ready', []);
