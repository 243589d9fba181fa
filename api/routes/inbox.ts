import { z } from 'zod';
import { Actor } from '../../domain/actor.ts';
import { DomainError } from '../../domain/errors.ts';
import type { ShownRow } from '../../domain/inbox.ts';
import { Reference } from '../../domain/reference.ts';
import { type Access, senderOf } from '../access.ts';
import type { Context } from '../context.ts';
import { operation, type Untagged } from '../operation.ts';
import { PageQuery, pageOf, pagesOf, positionOf, uuid } from '../page.ts';

const ById = z.strictObject({ id: z.uuid() });
const State = z.enum(['accepted', 'delivered', 'applied', 'refused', 'gap', 'skipped', 'dead', 'parked']);

const Shown = z.object({
  id: z.uuid(),
  kind: z.enum(['fact', 'command', 'signal']),
  source: z.string(),
  name: z.string(),
  state: State,
  verdict: z
    .object({
      code: z.enum(['invalid', 'not-allowed', 'not-found', 'conflict']).optional(),
      reason: z.string().optional(),
      field: z.string().optional(),
      records: z.array(Reference).optional(),
    })
    .nullable(),
  receivedAt: z.string(),
  team: z.string().nullable(),
  actor: Actor,
  attempts: z.int(),
  bodyHash: z.string(),
});

const shown = (row: ShownRow): z.infer<typeof Shown> => Shown.parse({ ...row, team: row.team ?? null });

/** As each of the two lists is ordered. */
const newestFirst = (a: ShownRow, b: ShownRow): number =>
  a.receivedAt === b.receivedAt ? (a.id < b.id ? 1 : -1) : a.receivedAt < b.receivedAt ? 1 : -1;

/** What came in and what became of it: gaps, dead letters, parked rows, and the verdict of a command. */
export const inboxOperations = ({ stores: { inbox, parkedAlerts } }: Context): Untagged[] => {
  const visible = async (id: string, access: Access): Promise<ShownRow> => {
    const row = (await inbox.find(id)) ?? (await parkedAlerts.find(id));
    const isMine = row?.source === senderOf(access) || row?.source === `api/${senderOf(access)}`;
    if (!row || (row.team === undefined && !isMine)) throw new DomainError('not-found', `there is no inbox row ${id}`);
    if (!isMine) access.demand('viewer', row.team!, `inbox row ${id}`);
    return row;
  };

  return [
    operation({
      id: 'listInbox',
      route: 'GET /v1/inbox',
      summary: 'Lists what came in for your teams, by state: gap, skipped, dead, parked, refused …',
      role: 'viewer',
      query: z.strictObject({ ...PageQuery, state: State.default('gap') }),
      answer: pagesOf(Shown),
      async handle({ query: { state, limit, after }, access }) {
        const page = { teams: access.teamsWith('viewer'), after: positionOf(after, uuid), limit };
        const parked = state === 'parked' ? await parkedAlerts.list(page) : [];
        const rows = [...(await inbox.list({ ...page, state })), ...parked].toSorted(newestFirst).slice(0, limit);
        return { body: pageOf(rows.map(shown), limit, ({ receivedAt, id }) => ({ at: receivedAt, id })) };
      },
    }),
    operation({
      id: 'showInboxRow',
      route: 'GET /v1/inbox/{id}',
      summary: 'Shows what happened to something that was accepted',
      role: 'viewer',
      params: ById,
      answer: { status: 200, description: 'The row without its body', schema: Shown },
      handle: async ({ params, access }) => ({ body: shown(await visible(params.id, access)) }),
    }),
    operation({
      id: 'redeliver',
      route: 'POST /v1/inbox/{id}/redeliver',
      summary: 'Delivers a gap, once its mapping exists, or a parked row again',
      role: 'operator',
      params: ById,
      answer: {
        status: 202,
        description: 'Being delivered',
        schema: z.object({ id: z.string(), state: z.literal('accepted') }),
      },
      async handle({ params, access }) {
        const row = await visible(params.id, access);
        if (row.team !== undefined) access.demand('operator', row.team, `inbox row ${row.id}`);
        const at = new Date().toISOString();
        const isOnItsWay =
          (await inbox.redeliver(row.id, access.actor, at)) || (await parkedAlerts.redeliver(row.id, access.actor, at));
        if (!isOnItsWay)
          throw new DomainError('conflict', `the row is ${row.state}: only a gap or a parked row is delivered again`);
        return { body: { id: row.id, state: 'accepted' } };
      },
    }),
  ];
};
