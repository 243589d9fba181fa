import { z } from 'zod';
import { catalogueAfter, stillNamed } from '../../../domain/catalogue/removal.ts';
import { Kind } from '../../../domain/document.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { Context } from '../../context.ts';
import { operation, type Untagged } from '../../operation.ts';
import { refuseForeign } from './ownership.ts';

const mostSaid = 5;

export const deleteDocument = ({ stores: { catalogue }, recent }: Context): Untagged =>
  operation({
    id: 'deleteDocument',
    route: 'DELETE /v1/catalogue/{kind}/{name}',
    summary: 'Deletes a document that no other document refers to; running plans keep their revision',
    role: 'admin',
    params: z.strictObject({ kind: Kind, name: z.string().max(63) }),
    answer: { status: 204, description: 'Deleted, as a revision of its own' },
    async handle({ params: { kind, name }, access }) {
      const base = await catalogue.revision();
      const existing = await catalogue.all(base);
      const document = existing.find((candidate) => candidate.kind === kind && candidate.name === name);
      if (!document) throw new DomainError('not-found', `there is no ${kind} ${name}`);
      const teams = existing.filter((other) => other.kind === 'Team').map((team) => team.name);
      refuseForeign(access, document, document, { teams, all: existing });

      const removed = [document];
      const namers = stillNamed(removed, catalogueAfter(existing, { removed }));
      if (namers.length > 0) {
        const more = namers.length > mostSaid ? `; and ${namers.length - mostSaid} more` : '';
        throw new DomainError('conflict', `${namers.slice(0, mostSaid).join('; ')}${more}: change that first`);
      }
      await catalogue.apply([], access.actor, new Date().toISOString(), { base, removed });
      recent.forget();
      return {};
    },
  });
