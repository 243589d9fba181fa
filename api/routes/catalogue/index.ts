import { z } from 'zod';
import { toYamlStream } from '../../../domain/catalogue/write.ts';
import { Kind } from '../../../domain/document.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { Context } from '../../context.ts';
import { operation, type Untagged } from '../../operation.ts';
import { applyDocuments } from './apply.ts';
import { deleteDocument } from './delete.ts';

const Shown = z.object({
  kind: Kind,
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  spec: z.record(z.string(), z.unknown()).meta({ description: 'As the reference of the kind has it' }),
});

export const catalogueOperations = (context: Context): Untagged[] => {
  const { catalogue } = context.stores;
  return [
    applyDocuments(context),
    deleteDocument(context),
    operation({
      id: 'listDocuments',
      route: 'GET /v1/catalogue/{kind}',
      summary: 'Lists the documents of a kind, as JSON and as YAML to apply again',
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
      summary: 'Shows one document, as JSON and as YAML to apply again',
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
