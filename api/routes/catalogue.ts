import { z } from 'zod';
import { differences } from '../../domain/catalogue/difference.ts';
import { toYamlStream } from '../../domain/catalogue/write.ts';
import { type Document, Kind } from '../../domain/document.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Access } from '../access.ts';
import type { Context } from '../context.ts';
import { createValidator } from '../validation.ts';
import { HttpError } from '../errors.ts';
import { operation, type Untagged } from '../operation.ts';

const fourMegabytes = 4 * 1024 * 1024;

const Applied = z.object({
  revision: z.int(),
  dryRun: z.boolean(),
  changes: z.array(z.object({ kind: z.string(), name: z.string(), change: z.string(), lines: z.array(z.string()) })),
  warnings: z.array(z.string()),
});

/**
 * A team's documents are changed by its own admins. What teams share (policies, runbooks, people …) may be added by an
 * admin of any; to change it, or to make an auditor, takes an admin of all.
 */
const refuseForeign = (
  access: Access,
  next: Document,
  before: Document | undefined,
  teams: readonly string[],
): void => {
  const { kind, name } = next;
  const owners = (before ? [before, next] : [next]).flatMap(({ spec }) => {
    if (kind === 'Team') return before ? [name] : [];
    if ('owner' in spec) return [spec.owner];
    return kind === 'Source' && 'team' in spec ? [spec.team] : [];
  });
  // A team that the same documents bring along has no admins yet.
  for (const team of owners.filter((owner) => teams.includes(owner))) access.demand('admin', team, `${kind} ${name}`);
  const isOwned = kind === 'Team' || kind === 'Service' || kind === 'Source';
  const makesAuditor = 'auditor' in next.spec && next.spec.auditor;
  if ((isOwned || !before) && !makesAuditor) return;
  const foreign = teams.find((team) => access.roleIn(team) !== 'admin');
  if (foreign !== undefined)
    throw new DomainError(
      'not-allowed',
      `${kind} ${name} is shared: to change it takes an admin of every team, ${foreign} too`,
    );
};

const Shown = z.object({
  kind: Kind,
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  spec: z.record(z.string(), z.unknown()).meta({ description: 'As the reference of the kind has it' }),
});

export const catalogueOperations = ({ stores: { catalogue }, recent }: Context): Untagged[] => {
  const validate = createValidator();
  return [
    operation({
      id: 'applyDocuments',
      route: 'POST /v1/catalogue',
      summary: 'Checks documents, shows what differs, and applies them as one revision',
      role: 'admin',
      limit: fourMegabytes,
      body: z.strictObject({
        files: z
          .array(z.strictObject({ path: z.string().min(1).max(500), text: z.string().max(1_048_576) }))
          .min(1)
          .max(2000),
        dryRun: z.boolean().default(false),
      }),
      answer: { status: 200, description: 'What differs, and the revision', schema: Applied },
      async handle({ body: { files, dryRun }, access }) {
        const base = await catalogue.revision();
        const existing = await catalogue.all(base);
        const { documents, problems, warnings } = await validate({ files, existing });
        if (problems.length > 0) {
          throw new HttpError(
            422,
            `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}; nothing was applied`,
            { errors: problems },
          );
        }
        if (documents.length === 0) {
          const named = files.slice(0, 3).map(({ path }) => path);
          throw new DomainError(
            'invalid',
            `there is no document in ${named.join(', ')}${files.length > 3 ? ', …' : ''}`,
          );
        }
        const changes = differences(existing, documents);
        const teams = existing.filter(({ kind }) => kind === 'Team').map(({ name }) => name);
        const named = (all: readonly Document[], { kind, name }: { kind: string; name: string }) =>
          all.find((one) => one.kind === kind && one.name === name);
        for (const change of changes.filter(({ change: how }) => how !== 'unchanged'))
          refuseForeign(access, named(documents, change)!, named(existing, change), teams);
        if (dryRun) return { body: { revision: await catalogue.revision(), dryRun, changes, warnings } };
        const { revision } = await catalogue.apply(documents, access.actor, new Date().toISOString(), base);
        recent.forget();
        return { body: { revision, dryRun, changes, warnings } };
      },
    }),
    operation({
      id: 'listDocuments',
      route: 'GET /v1/catalogue/{kind}',
      summary: 'Lists the documents of a kind, as JSON and as YAML that can be applied again',
      role: 'viewer',
      params: z.strictObject({ kind: Kind }),
      answer: {
        status: 200,
        description: 'All documents of the kind',
        schema: z.object({ items: z.array(Shown), yaml: z.string() }),
      },
      async handle({ params }) {
        const documents = await catalogue.list(params.kind);
        return { body: { items: documents, yaml: toYamlStream(documents) } };
      },
    }),
    operation({
      id: 'showDocument',
      route: 'GET /v1/catalogue/{kind}/{name}',
      summary: 'Shows one document, as JSON and as YAML that can be applied again',
      role: 'viewer',
      params: z.strictObject({ kind: Kind, name: z.string().max(63) }),
      answer: { status: 200, description: 'The document', schema: Shown.extend({ yaml: z.string() }) },
      async handle({ params: { kind, name } }) {
        const document = (await catalogue.list(kind)).find((candidate) => candidate.name === name);
        if (!document) throw new DomainError('not-found', `there is no ${kind} ${name}`);
        return { body: { ...document, yaml: toYamlStream([document]) } };
      },
    }),
  ];
};
