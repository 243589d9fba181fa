import { z } from 'zod';
import { Approval, ApprovalStatus } from '../../domain/approval.ts';
import { askedOf, type Joined, leftOut, partiesOf, withJoined } from '../../domain/approval/stage.rules.ts';
import { castVote, delegatorsOf } from '../../domain/approval/vote.rules.ts';
import { approversNow } from '../../domain/approvers.ts';
import { ApprovalId } from '../../domain/id.ts';
import { DomainError } from '../../domain/errors.ts';
import { Reference } from '../../domain/reference.ts';
import { PlannedStart } from '../../domain/operation-plan/slot.ts';
import { type Access, demandPerson, refuseLentToken } from '../access.ts';
import type { Context } from '../context.ts';
import { operation, type Untagged } from '../operation.ts';
import { PageQuery, pageOfListed, pagesOf, positionOf } from '../page.ts';
import { viewOf } from '../record-view.ts';
import { isConcerned } from '../visibility.ts';

const ById = z.strictObject({ id: ApprovalId });

const Ballot = z.strictObject({
  decision: z.enum(['approve', 'reject', 'abstain', 'request-changes']),
  digest: z.string().length(64).meta({ description: 'Digest of what was shown; any other is refused' }),
  reason: z.string().max(1000).default(''),
  stage: z
    .int()
    .min(0)
    .max(9)
    .optional()
    .meta({ description: 'Stage that was shown, from 0; keeps a repeated vote from counting in the next' }),
  onBehalfOf: z.string().max(63).optional().meta({ description: 'Who delegated the vote' }),
  channel: z.enum(['api', 'cli', 'console']).default('api'),
});

const since = z.array(z.string()).meta({
  description: 'What has happened to the record since, such as a newer completed deployment',
});

const Asked = Approval.extend({
  since,
  leftOut: z
    .array(z.object({ person: z.string(), why: z.string() }))
    .meta({ description: 'Whom the open stage names but who may not vote' }),
  plannedStart: PlannedStart.optional().meta({ description: 'When the plan starts if it is approved now' }),
});

const Voted = Approval.extend({
  since,
  repeated: z.boolean().meta({ description: 'The same vote was already there, so nothing has changed' }),
});

/** Votes are decided here, under the row lock of the database; workflows only hear of it. */
export const approvalOperations = (context: Context): Untagged[] => {
  const { stores, views } = context;
  const visible = async (id: ApprovalId, access: Access): Promise<Approval> => {
    const approval = await stores.approvals.find(id);
    if (!approval) throw new DomainError('not-found', `there is no approval ${id}`);
    if (!isConcerned(approval, access)) access.demand('viewer', approval.team, `approval ${id}`);
    return approval;
  };

  const joinedTo = async ({ belongsTo, status }: Approval): Promise<Joined> => {
    const { view, id } = viewOf(views, belongsTo);
    return {
      triggeredBy: await stores.plans.toldBy(belongsTo),
      people: await stores.catalogue.list('Person'),
      // What was decided was decided for those of then.
      executors: status === 'open' ? await view.executors(context, id) : [],
    };
  };

  const plannedStartOf = async ({ belongsTo, subject, status, digest }: Approval) => {
    if (subject !== belongsTo || status !== 'open') return undefined;
    const { view, id } = viewOf(views, belongsTo);
    return view.plannedStart(context, id, digest);
  };

  /** Whoever decides may have been asked days ago. */
  const sinceOf = async ({ belongsTo }: Approval): Promise<string[]> => {
    const { deviations = [] } = ((await stores.records.find(belongsTo))?.state ?? {}) as { deviations?: string[] };
    return deviations;
  };

  const vote = async (
    id: ApprovalId,
    ballot: z.output<typeof Ballot>,
    access: Access,
  ): Promise<z.output<typeof Voted>> => {
    demandPerson(access, 'only a person with a personal token decides');
    const seen = await visible(id, access);
    // One human has one vote, whatever tokens they have made.
    const others = [...seen.stages.flatMap(({ eligible }) => eligible), ...seen.votes.map(({ voter }) => voter)];
    const at = new Date();
    const joined = await joinedTo(seen);
    refuseLentToken(access, [...partiesOf(withJoined(seen, joined)), ...others]);
    const delegates = joined.people.map(({ name, spec: { delegate } }) => ({ name, delegate }));
    const delegators = delegatorsOf(access.actor.name, delegates, at.getTime());
    const named = await Promise.all(
      seen.policy.stages.map(({ approvers }) => approversNow(stores, approvers, at.getTime())),
    );
    const entry = {
      at: at.toISOString(),
      actor: access.actor,
      action: `approval.vote-${ballot.decision}` as const,
      subject: `approval/${id}`,
      belongsTo: seen.belongsTo,
      reason: ballot.reason,
      detail: { digest: ballot.digest, ...(ballot.onBehalfOf === undefined ? {} : { onBehalfOf: ballot.onBehalfOf }) },
    };
    try {
      const voter = access.actor.name;
      const after = await stores.approvals.change(id, entry, (approval) => {
        const asked = withJoined(approval, joined);
        const voted = castVote(asked, { ...ballot, voter, at: entry.at, delegators, named });
        return voted === asked ? approval : voted;
      });
      const isCounted = after.votes.some((given) => given.voter === voter && given.at === entry.at);
      return { ...after, since: await sinceOf(after), repeated: !isCounted };
    } catch (error) {
      if (error instanceof DomainError)
        await stores.approvals.noteRefusal(id, {
          ...entry,
          action: 'approval.vote-refused',
          detail: { ...entry.detail, refusal: error.message },
        });
      throw error;
    }
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
        const approval = await visible(params.id, access);
        const named = await approversNow(stores, askedOf(approval), Date.now());
        const asked = withJoined(approval, await joinedTo(approval));
        const plannedStart = await plannedStartOf(approval);
        return {
          body: {
            ...asked,
            since: await sinceOf(approval),
            leftOut: leftOut(asked, named),
            ...(plannedStart ? { plannedStart } : {}),
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
      handle: async ({ params, body, access }) => ({ body: await vote(params.id, body, access) }),
    }),
  ];
};
