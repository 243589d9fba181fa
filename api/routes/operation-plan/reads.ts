import { z } from 'zod';
import { PlanId } from '../../../domain/id.ts';
import { DomainError } from '../../../domain/errors.ts';
import { OperationPlan, PlanStatus } from '../../../domain/operation-plan.ts';
import { PlanContent } from '../../../domain/operation-plan/content.ts';
import { ReadinessReview } from '../../../domain/readiness.ts';
import { Stall } from '../../../domain/stall.ts';
import { aboutOf } from '../../../domain/trigger/about.ts';
import { withTries } from '../../../domain/step-try.rules.ts';
import { RunWithTries } from '../../../domain/step-try.ts';
import type { PlanRow } from '../../../storage/operation-plan.ts';
import type { Context } from '../../context.ts';
import { operation, type Untagged } from '../../operation.ts';
import { PageQuery, pageOfListed, pagesOf, positionOf } from '../../page.ts';
import { visiblePlan } from '../../visibility.ts';

const ById = z.strictObject({ id: PlanId });
const Summary = z.object({
  id: z.string(),
  service: z.string(),
  environment: z.string(),
  team: z.string(),
  about: z.string(),
  status: z.string(),
  rev: z.int(),
  openedAt: z.string(),
  updatedAt: z.string(),
  paused: z.boolean(),
});
const Shown = Summary.extend({
  workflowId: z.string(),
  record: OperationPlan.nullable(),
  /** What is tried again and again meanwhile. */
  stalls: z.array(Stall),
});
export type Shown = z.infer<typeof Shown>;
const Report = z.object({
  kind: z.enum(['completion', 'status']),
  number: z.int(),
  madeAt: z.string(),
  markdown: z.string(),
  record: z.unknown(),
});

const summaryOf = (row: PlanRow): z.infer<typeof Summary> =>
  Summary.parse({
    ...row,
    about: aboutOf(row.commission.trigger),
    paused: row.record?.paused ?? false,
  });

/** What there is to see of plans. */
export const planReads = (context: Context): Untagged[] => {
  const { stores } = context;

  /** One thing that whoever sees a plan may see of it. */
  const part = <Schema extends z.ZodType>(
    id: string,
    path: string,
    summary: string,
    [description, schema]: [string, Schema],
    read: (plan: PlanRow) => Promise<z.input<Schema>>,
  ): Untagged =>
    operation({
      id,
      route: `GET /v1/operation-plans/{id}${path}`,
      summary,
      role: 'viewer',
      params: ById,
      answer: { status: 200, description, schema },
      handle: async ({ params, access }) => ({
        body: await read(await visiblePlan(context, params.id, access)),
      }),
    });

  const parts = [
    part(
      'showOperationPlan',
      '',
      'Shows a plan with its activities, people, approval and tasks',
      ['The plan', Shown],
      async (plan) => {
        const { workflowId, record, reference: belongsTo } = plan;
        return { ...summaryOf(plan), workflowId, record, stalls: await stores.stalls.list({ belongsTo }) };
      },
    ),
    part(
      'listRuns',
      '/runs',
      'Lists the runbook runs of a plan with their steps',
      [
        'All runs, each step with its attempts and the answers of its target',
        z.object({ items: z.array(RunWithTries) }),
      ],
      async ({ reference }) => {
        const [runs, effects] = await Promise.all([stores.runs.of(reference), stores.outbox.of(reference)]);
        return { items: runs.map((run) => withTries(run, effects)) };
      },
    ),
    part(
      'showReadiness',
      '/readiness',
      'Shows the signed readiness review of a plan',
      ['The review', ReadinessReview],
      async ({ id, record }) => {
        const review = record?.readiness && (await stores.readiness.review(record.readiness.review));
        if (!review) throw new DomainError('not-found', `plan ${id} has not been assessed yet`);
        return review;
      },
    ),
    part(
      'showPlanContent',
      '/content',
      'Shows what an approval of the plan is about: its current revision in full, with the digest',
      ['Digest and content', z.object({ digest: z.string(), content: PlanContent })],
      async ({ id, record }) => {
        const content = record && (await stores.plans.content(id, record.revision));
        if (!content) throw new DomainError('not-found', `plan ${id} has not been planned yet`);
        return content;
      },
    ),
    part(
      'listReports',
      '/reports',
      'Lists the reports of a plan as Markdown and JSON',
      ['All reports', z.object({ items: z.array(Report) })],
      async ({ reference }) => ({ items: await stores.reports.of(reference) }),
    ),
  ];

  return [
    operation({
      id: 'listOperationPlans',
      route: 'GET /v1/operation-plans',
      summary: 'Lists the plans of your teams and those with a seat for you, newest first',
      role: 'viewer',
      query: z.strictObject({
        ...PageQuery,
        service: z.string().max(63).optional(),
        environment: z.string().max(63).optional(),
        status: PlanStatus.optional(),
      }),
      answer: pagesOf(Summary),
      async handle({ query, access }) {
        const { after, limit, ...filter } = query;
        const found = await stores.plans.list({
          ...filter,
          teams: access.teamsWith('viewer'),
          seated: access.actor.type === 'person' ? access.actor.name : undefined,
          after: positionOf(after),
          limit,
        });
        return { body: pageOfListed(found, summaryOf) };
      },
    }),
    ...parts,
  ];
};
