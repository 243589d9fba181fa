import { z } from 'zod';
import { Approval, ApprovalStatus } from '../../../domain/approval.ts';
import { askedOf, leftOut, withJoined } from '../../../domain/approval/stage.rules.ts';
import { approversNow } from '../../../domain/approvers.ts';
import { specs } from '../../../domain/document.ts';
import { ApprovalId } from '../../../domain/id.ts';
import { PlannedStart } from '../../../domain/operation-plan/slot.ts';
import { Reference } from '../../../domain/reference.ts';
import type { Context } from '../../context.ts';
import { operation, type Untagged } from '../../operation.ts';
import { PageQuery, pageOfListed, pagesOf, positionOf } from '../../page.ts';
import { viewOf } from '../../record-view.ts';
import { Ballot, joinedTo, sinceOf, visibleApproval, vote } from './vote.ts';

const ById = z.strictObject({ id: ApprovalId });

const since = z.array(z.string()).meta({
  description: 'What has happened to the record since, such as a newer completed deployment',
});

const Asked = Approval.extend({
  since,
  leftOut: z
    .array(z.object({ person: z.string(), why: z.string() }))
    .meta({ description: 'Whom the open stage names but who may not vote' }),
  runbook: z
    .object({ name: z.string(), spec: specs.Runbook })
    .optional()
    .meta({ description: 'Of an incident: the runbook that runs if it is approved, as it was ordered' }),
  plannedStart: PlannedStart.optional().meta({ description: 'When the plan starts if it is approved now' }),
});

const Voted = Approval.extend({
  since,
  repeated: z.boolean().meta({ description: 'The same vote was already there, so nothing has changed' }),
});

export const approvalOperations = (context: Context): Untagged[] => {
  const { stores, views } = context;
  const plannedStartOf = async ({ belongsTo, subject, status, digest }: Approval) => {
    if (subject !== belongsTo || status !== 'open') return undefined;
    const { view, id } = viewOf(views, belongsTo);
    return view.plannedStart(context, id, digest);
  };

  return [
    operation({
      id: 'listApprovals',
      route: 'GET /v1/approvals',
      summary: 'Lists the approvals of your teams and those that ask you, newest first',
      role: 'viewer',
      query: z.strictObject({ ...PageQuery, belongsTo: Reference.optional(), status: ApprovalStatus.optional() }),
      answer: pagesOf(Approval),
      async handle({ query, access }) {
        const { after, limit, ...filter } = query;
        const found = await stores.approvals.list({
          ...filter,
          teams: access.teamsWith('viewer'),
          asked: access.actor.type === 'person' ? access.actor.name : undefined,
          after: positionOf(after),
          limit,
        });
        return { body: pageOfListed(found, (item) => item) };
      },
    }),
    operation({
      id: 'showApproval',
      route: 'GET /v1/approvals/{id}',
      summary: 'Shows an approval: the question, the digest, who is asked, who may not vote and why, who has voted',
      role: 'viewer',
      params: ById,
      answer: { status: 200, description: 'The approval', schema: Asked },
      async handle({ params, access }) {
        const approval = await visibleApproval(context, params.id, access);
        const named = await approversNow(stores, askedOf(approval), Date.now());
        const asked = withJoined(approval, await joinedTo(context, approval));
        const plannedStart = await plannedStartOf(approval);
        const { view, id } = viewOf(views, approval.belongsTo);
        const runbook = await view.ordered(context, id, approval.digest);
        return {
          body: {
            ...asked,
            since: await sinceOf(context, approval),
            leftOut: leftOut(asked, named),
            ...(plannedStart ? { plannedStart } : {}),
            ...(runbook ? { runbook } : {}),
          },
        };
      },
    }),
    operation({
      id: 'voteOnApproval',
      route: 'POST /v1/approvals/{id}/votes',
      summary: 'Votes; refused for whoever requested or executes it, for another digest, and after the deadline',
      role: 'approver',
      params: ById,
      body: Ballot,
      answer: { status: 200, description: 'The approval after the vote', schema: Voted },
      handle: async ({ params, body, access }) => ({ body: await vote(context, params.id, body, access) }),
    }),
  ];
};
