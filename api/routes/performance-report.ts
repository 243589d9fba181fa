import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { PeriodQuery, periodOf } from '../../domain/metric/period.ts';
import { PerformanceReport, ReportCommission } from '../../domain/performance-report.ts';
import { reportToHtml } from '../../domain/performance-report/html.rules.ts';
import { reportToMarkdown } from '../../domain/performance-report/markdown.rules.ts';
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
  send: z.boolean().default(false).meta({
    description: 'Sends it to the stakeholders of the service, or to the team; you get it in any case',
  }),
});
const Ordered = z.object({ accepted: z.string(), state: z.string(), report: z.string().optional() });
export type Ordered = z.infer<typeof Ordered>;
const Listed = ReportCommission.extend({ writtenAt: z.string().nullable() });
export type ListedReport = z.infer<typeof Listed>;

/** Reports of services, teams and all: ordered, then written and sent by a workflow. */
export const performanceReportOperations = (context: Context): Untagged[] => {
  const { performanceReports } = context.stores;

  /** The report as it was written, for somebody who may see what it is of. */
  const written = async (id: string, access: Access): Promise<PerformanceReport> => {
    const commission = await performanceReports.commission(id);
    if (!commission || !maySee(access, commission.team)) throw new DomainError('not-found', `there is no report ${id}`);
    const report = await performanceReports.find(id);
    if (!report) throw new DomainError('conflict', `report ${id} is not written yet`);
    return report;
  };

  return [
    operation({
      id: 'orderPerformanceReport',
      route: 'POST /v1/performance-reports',
      summary: 'Orders a report of a service, a team or all: it is written and sent as soon as it can be',
      role: 'responder',
      headers: mayHaveKey,
      body: Order,
      answer: {
        status: 202,
        description: 'Committed, with its id if there is one already',
        schema: Ordered,
        headers: { Location: 'Where it is shown what became of it' },
      },
      async handle({ body: { period, from, until, send, ...asked }, access, headers }) {
        const scope = await scopeOf(context, access, asked, send ? 'operator' : 'responder');
        const order = { scope, period: periodOf({ period, from, until }, Date.now()), isSent: send };
        const {
          location,
          opened,
          reason: _,
          ...committed
        } = await declare(
          context,
          {
            what: 'report',
            name: 'report.ordered',
            team: await teamOf(context, scope),
            content: { family: 'report', facts: [order] },
          },
          { access, headers },
        );
        return { headers: { location }, body: { ...committed, ...(opened === undefined ? {} : { report: opened }) } };
      },
    }),
    operation({
      id: 'listPerformanceReports',
      route: 'GET /v1/performance-reports',
      summary: 'Lists the reports of your teams, newest first',
      role: 'viewer',
      query: z.strictObject(PageQuery),
      answer: pagesOf(Listed),
      async handle({ query: { after, limit }, access }) {
        const teams = access.teamsWith('viewer');
        const found = await performanceReports.list({ teams, after: positionOf(after, uuid), limit });
        return { body: pageOfListed(found, (row) => row) };
      },
    }),
    operation({
      id: 'showPerformanceReport',
      route: 'GET /v1/performance-reports/{id}',
      summary: 'Shows a report as data; the figures in it are performance records',
      role: 'viewer',
      params: ById,
      answer: { status: 200, description: 'The report', schema: PerformanceReport },
      handle: async ({ params: { id }, access }) => ({ body: await written(id, access) }),
    }),
    operation({
      id: 'showPerformanceReportAsText',
      route: 'GET /v1/performance-reports/{id}/markdown',
      summary: 'Shows a report as Markdown',
      role: 'viewer',
      params: ById,
      answer: { status: 200, description: 'The report', schema: z.string(), contentType: 'text/markdown' },
      handle: async ({ params: { id }, access }) => ({
        body: reportToMarkdown(await written(id, access)),
        headers: { 'content-type': 'text/markdown; charset=utf-8' },
      }),
    }),
    operation({
      id: 'showPerformanceReportAsPage',
      route: 'GET /v1/performance-reports/{id}/html',
      summary: 'Shows a report as a page with charts, to read or to print',
      role: 'viewer',
      params: ById,
      answer: { status: 200, description: 'The report', schema: z.string(), contentType: 'text/html' },
      handle: async ({ params: { id }, access }) => ({
        body: reportToHtml(await written(id, access)),
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
        },
      }),
    }),
  ];
};
