import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { PeriodQuery, periodOf } from '../../domain/metric/period.ts';
import { PatternCommission, PatternRun } from '../../domain/pattern.ts';
import type { Access } from '../access.ts';
import type { Context } from '../context.ts';
import { declare } from '../declaration.ts';
import { mayHaveKey } from '../idempotency.ts';
import { maySee, ScopeQuery, scopeOf, teamOf } from '../metric-scope.ts';
import { operation, type Untagged } from '../operation.ts';
import { PageQuery, pageOfListed, pagesOf, positionOf, uuid } from '../page.ts';

const ById = z.strictObject({ id: z.uuid() });
const Order = z.strictObject({
  ...ScopeQuery,
  ...PeriodQuery,
  open: z.boolean().default(false).meta({ description: 'Problems open of what is found; else it is said alone' }),
});
const Ordered = z.object({ accepted: z.string(), state: z.string(), run: z.string().optional() });
export type OrderedPatterns = z.infer<typeof Ordered>;
const Listed = PatternCommission.extend({ foundAt: z.string().nullable(), patterns: z.int().nullable() });
export type ListedRun = z.infer<typeof Listed>;

/** What keeps happening: looked for each day, and in a past that somebody chooses. */
export const patternOperations = (context: Context): Untagged[] => {
  const { patternRuns } = context.stores;

  /** The run as it came out, for somebody who may see what it is of. */
  const found = async (id: string, access: Access): Promise<PatternRun> => {
    const commission = await patternRuns.commission(id);
    if (!commission || !maySee(access, commission.team))
      throw new DomainError('not-found', `there is no pattern run ${id}`);
    const run = await patternRuns.find(id);
    if (!run) throw new DomainError('conflict', `pattern run ${id} has found nothing yet: it goes on`);
    return run;
  };

  return [
    operation({
      id: 'orderPatternRun',
      route: 'POST /v1/pattern-runs',
      summary: 'Looks for what keeps happening in a past: the same past has the same patterns',
      role: 'responder',
      headers: mayHaveKey,
      body: Order,
      answer: {
        status: 202,
        description: 'Committed, with its id if there is one already',
        schema: Ordered,
        headers: { Location: 'Where it is shown what became of it' },
      },
      async handle({ body: { period, from, until, open, ...asked }, access, headers }) {
        const scope = await scopeOf(context, access, asked, open ? 'operator' : 'responder');
        const order = { scope, period: periodOf({ period, from, until }, Date.now()), opens: open };
        const {
          location,
          opened,
          reason: _,
          ...committed
        } = await declare(
          context,
          {
            what: 'pattern-run',
            name: 'patterns.ordered',
            team: await teamOf(context, scope),
            content: { family: 'pattern-run', facts: [order] },
          },
          { access, headers },
        );
        return { headers: { location }, body: { ...committed, ...(opened === undefined ? {} : { run: opened }) } };
      },
    }),
    operation({
      id: 'listPatternRuns',
      route: 'GET /v1/pattern-runs',
      summary: 'Lists when patterns were looked for in your teams, newest first',
      role: 'viewer',
      query: z.strictObject(PageQuery),
      answer: pagesOf(Listed),
      async handle({ query: { after, limit }, access }) {
        const teams = access.teamsWith('viewer');
        const rows = await patternRuns.list({ teams, after: positionOf(after, uuid), limit });
        return { body: pageOfListed(rows, (row) => row) };
      },
    }),
    operation({
      id: 'showPatternRun',
      route: 'GET /v1/pattern-runs/{id}',
      summary: 'Shows what was found, and what each pattern stands on',
      role: 'viewer',
      params: ById,
      answer: { status: 200, description: 'The run', schema: PatternRun },
      handle: async ({ params: { id }, access }) => ({ body: await found(id, access) }),
    }),
  ];
};
