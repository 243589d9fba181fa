import { z } from 'zod';
import { DomainError } from '../../../domain/errors.ts';
import { OperationPlan, PlanStatus } from '../../../domain/operation-plan.ts';
import { PlanContent } from '../../../domain/plan-content.ts';
import { ReadinessReview } from '../../../domain/readiness.ts';
import { RunbookRun } from '../../../domain/runbook-run.ts';
import type { PlanRow } from '../../../storage/operation-plan.ts';
import type { Context } from '../../context.ts';
import { operation, type Operation } from '../../operation.ts';
import { PageQuery, pageOf, positionOf } from '../../page.ts';
import { visiblePlan } from '../../visibility.ts';

const ById = z.strictObject({ id: z.string().max(200) });
const Summary = z.object({
  id: z.string(),
  service: z.string(),
  environment: z.string(),
  team: z.string(),
  artifact: z.string(),
  status: z.string(),
  rev: z.int(),
  openedAt: z.string(),
  updatedAt: z.string(),
  paused: z.boolean(),
});
const Shown = Summary.extend({ workflowId: z.string(), record: OperationPlan.nullable() });
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
    artifact: row.commission.trigger.artifact,
    paused: row.record?.paused ?? false,
  });

/** What there is to see of plans. */
export const planReads = (context: Context): Operation[] => {
  const { stores } = context;
  return [
    operation({
      id: 'listOperationPlans',
      method: 'get',
      path: '/v1/operation-plans',
      summary: 'Lists the plans of your teams and those in which you were asked for a seat, the newest first',
      tag: 'operation plans',
      role: 'viewer',
      query: z.strictObject({
        ...PageQuery,
        service: z.string().max(63).optional(),
        environment: z.string().max(63).optional(),
        status: PlanStatus.optional(),
      }),
      answer: {
        status: 200,
        description: 'A page',
        schema: z.object({ items: z.array(Summary), next: z.string().optional() }),
      },
      async handle({ query, access }) {
        const { after, limit, ...filter } = query;
        const rows = await stores.plans.list({
          ...filter,
          teams: access.teamsWith('viewer'),
          seated: access.actor.type === 'person' ? access.actor.name : undefined,
          after: positionOf(after),
          limit,
        });
        return { status: 200, body: pageOf(rows.map(summaryOf), limit, ({ openedAt, id }) => ({ at: openedAt, id })) };
      },
    }),
    operation({
      id: 'showOperationPlan',
      method: 'get',
      path: '/v1/operation-plans/{id}',
      summary: 'Shows a plan with its activities, people, approval and tasks',
      tag: 'operation plans',
      role: 'viewer',
      params: ById,
      answer: { status: 200, description: 'The plan', schema: Shown },
      async handle({ params, access }) {
        const plan = await visiblePlan(context, params.id, access);
        return { status: 200, body: { ...summaryOf(plan), workflowId: plan.workflowId, record: plan.record } };
      },
    }),
    operation({
      id: 'listRuns',
      method: 'get',
      path: '/v1/operation-plans/{id}/runs',
      summary: 'Lists the runbook runs of a plan with their steps',
      tag: 'operation plans',
      role: 'viewer',
      params: ById,
      answer: { status: 200, description: 'All runs', schema: z.object({ items: z.array(RunbookRun) }) },
      async handle({ params, access }) {
        const plan = await visiblePlan(context, params.id, access);
        return { status: 200, body: { items: await stores.runs.ofPlan(plan.id) } };
      },
    }),
    operation({
      id: 'showReadiness',
      method: 'get',
      path: '/v1/operation-plans/{id}/readiness',
      summary: 'Shows the signed readiness review of a plan',
      tag: 'operation plans',
      role: 'viewer',
      params: ById,
      answer: { status: 200, description: 'The review', schema: ReadinessReview },
      async handle({ params, access }) {
        const plan = await visiblePlan(context, params.id, access);
        const review = plan.record?.readiness && (await stores.readiness.review(plan.record.readiness.review));
        if (!review) throw new DomainError('not-found', `plan ${plan.id} has not been assessed yet`);
        return { status: 200, body: review };
      },
    }),
    operation({
      id: 'showPlanContent',
      method: 'get',
      path: '/v1/operation-plans/{id}/content',
      summary: 'Shows what an approval of the plan is about: its present revision, whole, with its digest',
      tag: 'operation plans',
      role: 'viewer',
      params: ById,
      answer: {
        status: 200,
        description: 'Digest and content',
        schema: z.object({ digest: z.string(), content: PlanContent }),
      },
      async handle({ params, access }) {
        const plan = await visiblePlan(context, params.id, access);
        const content = plan.record && (await stores.plans.content(plan.id, plan.record.revision));
        if (!content) throw new DomainError('not-found', `plan ${plan.id} has not been planned yet`);
        return { status: 200, body: content };
      },
    }),
    operation({
      id: 'listReports',
      method: 'get',
      path: '/v1/operation-plans/{id}/reports',
      summary: 'Lists the reports of a plan as Markdown and JSON',
      tag: 'operation plans',
      role: 'viewer',
      params: ById,
      answer: { status: 200, description: 'All reports', schema: z.object({ items: z.array(Report) }) },
      async handle({ params, access }) {
        const plan = await visiblePlan(context, params.id, access);
        return { status: 200, body: { items: await stores.reports.ofPlan(plan.id) } };
      },
    }),
  ];
};
