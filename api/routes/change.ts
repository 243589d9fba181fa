import { z } from 'zod';
import type { Context } from '../context.ts';
import { operation, type Untagged } from '../operation.ts';
import { PageQuery, pageOf, pagesOf, positionOf, uuid } from '../page.ts';

const Shown = z.object({
  id: z.string(),
  source: z.string(),
  team: z.string(),
  service: z.string().nullable(),
  environment: z.string().nullable(),
  summary: z.string(),
  at: z.string(),
  link: z.string().nullable(),
});

/** What sources say was changed: evidence for what an incident may come from. */
export const changeOperations = ({ stores: { changes } }: Context): Untagged[] => [
  operation({
    id: 'listChanges',
    route: 'GET /v1/changes',
    summary: 'Lists changes that sources of your teams told of, the latest first',
    role: 'viewer',
    query: z.strictObject({
      ...PageQuery,
      service: z.string().max(200).optional(),
      environment: z.string().max(200).optional(),
      source: z.string().max(63).optional(),
    }),
    answer: pagesOf(Shown),
    async handle({ query: { after, limit, ...filter }, access }) {
      const teams = access.teamsWith('viewer');
      const found = await changes.list({ ...filter, teams, after: positionOf(after, uuid), limit });
      return { body: pageOf(found, limit, ({ at, id }) => ({ at, id })) };
    },
  }),
];
