import { z } from 'zod';
import { differences } from '../../../domain/catalogue/difference.ts';
import { catalogueAfter, prunedBy, stillNamed } from '../../../domain/catalogue/removal.ts';
import { Labels } from '../../../domain/document.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { Context } from '../../context.ts';
import { HttpError } from '../../errors.ts';
import { operation, type Untagged } from '../../operation.ts';
import { createValidator } from '../../validation.ts';
import { refuseForeign } from './ownership.ts';

const fourMegabytes = 4 * 1024 * 1024;

const Applied = z.object({
  revision: z.int(),
  dryRun: z.boolean(),
  changes: z.array(z.object({ kind: z.string(), name: z.string(), change: z.string(), lines: z.array(z.string()) })),
  warnings: z.array(z.string()),
});

const File = z.strictObject({ path: z.string().min(1).max(500), text: z.string().max(1_048_576) });
type File = z.infer<typeof File>;

export const applyDocuments = ({ stores: { catalogue }, recent }: Context): Untagged => {
  const validate = createValidator();
  return operation({
    id: 'applyDocuments',
    route: 'POST /v1/catalogue',
    summary: 'Checks documents, shows the differences, and applies them as one revision',
    role: 'admin',
    limit: fourMegabytes,
    body: z.strictObject({
      files: z.array(File).min(1).max(2000),
      dryRun: z.boolean().default(false),
      prune: Labels.refine((labels) => Object.keys(labels).length > 0, 'expected at least one label')
        .optional()
        .meta({ description: 'Deletes the documents that carry these labels and are not in the files' }),
    }),
    answer: { status: 200, description: 'The differences, and the revision', schema: Applied },
    async handle({ body: { files, dryRun, prune }, access, gone }) {
      const base = await catalogue.revision();
      const existing = await catalogue.all(base);
      const { documents, problems, warnings } = await validate({ files, existing }, gone());
      refuseProblems(problems);
      if (documents.length === 0) throw nothingIn(files);
      const removed = prune === undefined ? [] : prunedBy(prune, existing, documents);
      const changes = differences(existing, documents, removed);
      const teams = existing.filter(({ kind }) => kind === 'Team').map(({ name }) => name);
      for (const change of changes.filter(({ change: how }) => how !== 'unchanged')) {
        const isIt = ({ kind, name }: { kind: string; name: string }): boolean =>
          kind === change.kind && name === change.name;
        const before = existing.find(isIt);
        refuseForeign(access, (documents.find(isIt) ?? before)!, before, { teams, all: [...existing, ...documents] });
      }
      refuseProblems(stillNamed(removed, catalogueAfter(existing, { applied: documents, removed })));
      if (dryRun) return { body: { revision: await catalogue.revision(), dryRun, changes, warnings } };
      const { revision } = await catalogue.apply(documents, access.actor, new Date().toISOString(), { base, removed });
      recent.forget();
      return { body: { revision, dryRun, changes, warnings } };
    },
  });
};

const refuseProblems = (problems: string[]): void => {
  if (problems.length === 0) return;
  const count = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
  throw new HttpError(422, `${count}; nothing was applied`, { errors: problems });
};

const nothingIn = (files: readonly File[]): DomainError => {
  const named = files.slice(0, 3).map(({ path }) => path);
  return new DomainError(
    'invalid',
    `there is no document in ${named.join(', ')}${files.length > named.length ? ', …' : ''}`,
  );
};
