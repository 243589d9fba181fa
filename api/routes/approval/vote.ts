import { z } from 'zod';
import type { Approval } from '../../../domain/approval.ts';
import { type Joined, partiesOf, withJoined } from '../../../domain/approval/stage.rules.ts';
import { castVote, delegatorsOf } from '../../../domain/approval/vote.rules.ts';
import { approversNow } from '../../../domain/approvers.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { ApprovalId } from '../../../domain/id.ts';
import { type Access, demandPerson, refuseLentToken } from '../../access.ts';
import type { Context } from '../../context.ts';
import { viewOf } from '../../record-view.ts';
import { isConcerned } from '../../visibility.ts';

export const Ballot = z.strictObject({
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

type Given = Omit<z.output<typeof Ballot>, 'channel'> & { channel: z.output<typeof Ballot>['channel'] | 'slack' };

/** The approval, for whoever is asked, has asked, or may see what its team does. */
export const visibleApproval = async ({ stores }: Context, id: ApprovalId, access: Access): Promise<Approval> => {
  const approval = await stores.approvals.find(id);
  if (!approval) throw new DomainError('not-found', `there is no approval ${id}`);
  if (!isConcerned(approval, access)) access.demand('viewer', approval.team, `approval ${id}`);
  return approval;
};

export const joinedTo = async (context: Context, { belongsTo, status }: Approval): Promise<Joined> => {
  const { stores, views } = context;
  const { view, id } = viewOf(views, belongsTo);
  return {
    triggeredBy: await stores.plans.toldBy(belongsTo),
    people: await stores.catalogue.list('Person'),
    // What was decided was decided for those of then.
    executors: status === 'open' ? await view.executors(context, id) : [],
  };
};

/** Whoever decides may have been asked days ago. */
export const sinceOf = async ({ stores }: Context, { belongsTo }: Approval): Promise<string[]> => {
  const { deviations = [] } = ((await stores.records.find(belongsTo))?.state ?? {}) as { deviations?: string[] };
  return deviations;
};

/** Votes are decided here, under the row lock of the database; workflows only hear of it. */
export const vote = async (
  context: Context,
  id: ApprovalId,
  ballot: Given,
  access: Access,
): Promise<Approval & { since: string[]; repeated: boolean }> => {
  const { stores } = context;
  demandPerson(access, 'only a person with a personal token decides');
  const seen = await visibleApproval(context, id, access);
  // One human has one vote, whatever tokens they have made.
  const others = [...seen.stages.flatMap(({ eligible }) => eligible), ...seen.votes.map(({ voter }) => voter)];
  const at = new Date();
  const joined = await joinedTo(context, seen);
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
    return { ...after, since: await sinceOf(context, after), repeated: !isCounted };
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
