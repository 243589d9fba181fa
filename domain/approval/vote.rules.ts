import type { Approval, Vote } from '../approval.ts';
import { DomainError } from '../errors.ts';
import type { PersonSpec } from '../team.ts';
import { conflictOf, openStage, outcomeOf, stageOf } from './stage.rules.ts';

/** A wish to vote, with what the database knows of it. */
export interface Ballot {
  /** Stage that was shown; a vote that was meant for an earlier one does not count for the next. */
  stage?: number | undefined;
  voter: string;
  /** Whose seat is voted; the voter's own unless said otherwise. */
  onBehalfOf?: string | undefined;
  decision: Vote['decision'];
  reason: string;
  digest: string;
  channel: Vote['channel'];
  at: string;
  /** People who have handed their vote to this voter today. */
  delegators: readonly string[];
  /** Whom each stage of the policy names now, should this vote open it: which one that is, only the row knows. */
  named: readonly (readonly string[])[];
}

/** People who have handed their vote to this voter, at an instant in milliseconds. */
export const delegatorsOf = (
  voter: string,
  people: readonly { name: string; delegate: PersonSpec['delegate'] }[],
  at: number,
): string[] =>
  people
    .filter(
      ({ delegate }) => delegate?.to === voter && Date.parse(delegate.from) <= at && at < Date.parse(delegate.until),
    )
    .map(({ name }) => name);

/**
 * The approval after one vote. A vote that is repeated, word for word, changes nothing.
 * Refuses: a closed or late request, another digest than the one asked about, changes of a step, somebody who asked or executes,
 * somebody who is not eligible, and a second vote for the same seat that says something else.
 */
export function castVote(approval: Approval, ballot: Ballot): Approval {
  const { voter, onBehalfOf: seat = voter, decision, reason, digest, channel, at, named } = ballot;
  if (repeatedVote(approval, ballot, seat)) return approval;
  refuseUnlessOpen(approval, ballot);
  if (decision === 'request-changes' && approval.subject !== approval.belongsTo)
    throw new DomainError('invalid', 'a step under way cannot be changed: approve or reject it', 'decision');
  refuseUnlessEligible(approval, ballot, seat);
  const given = givenFor(approval, seat);
  if (given) throw votedAlready(given);
  if (reason === '' && (decision === 'reject' || decision === 'request-changes'))
    throw new DomainError('invalid', 'a reason is required', 'reason');
  const vote = { stage: approval.stage, seat, voter, decision, reason, digest, channel, at };
  return settle({ ...approval, votes: [...approval.votes, vote] }, at, named);
}

/** The vote of the seat in the open stage. */
const givenFor = ({ votes, stage }: Approval, seat: string): Vote | undefined =>
  votes.find((vote) => vote.stage === stage && vote.seat === seat);

/** The vote that the ballot repeats, if it does. Refuses what was meant for an earlier stage, or comes with other words. */
const repeatedVote = (approval: Approval, ballot: Ballot, seat: string): Vote | undefined => {
  const isSame = (vote: Vote): boolean =>
    vote.seat === seat && vote.voter === ballot.voter && vote.decision === ballot.decision;
  if (ballot.stage !== undefined && ballot.stage !== approval.stage) {
    const before = approval.votes.find((vote) => vote.stage === ballot.stage && isSame(vote));
    if (before) return before;
    throw new DomainError('conflict', `the request is in stage ${approval.stage + 1} now`, 'stage');
  }
  const given = givenFor(approval, seat);
  const earlier = given ?? approval.votes.findLast((vote) => vote.seat === seat && vote.voter === ballot.voter);
  if (!earlier || !isSame(earlier) || earlier.digest !== ballot.digest) return undefined;
  // In a later stage the same words are a new vote only from somebody who is asked again.
  if (!given && approval.status === 'open' && stageOf(approval).eligible.includes(seat)) return undefined;
  if (earlier.reason !== ballot.reason) throw votedAlready(earlier);
  return earlier;
};

const votedAlready = ({ seat, decision, at, reason }: Vote): DomainError =>
  new DomainError(
    'conflict',
    `${seat} has voted already: ${decision}, ${at}${reason === '' ? '' : `, ${reason}`}. The first vote stands`,
  );

const closed: Record<Exclude<Approval['status'], 'open'>, string> = {
  approved: 'the request was approved already',
  consumed: 'the request was approved, and the work has begun',
  rejected: 'the request was rejected already',
  'changes-requested': 'changes were asked for',
  expired: 'the request has expired',
  superseded: 'what it is about has changed since, so it is asked about anew',
  cancelled: 'the request was withdrawn',
};

const refuseUnlessOpen = (approval: Approval, { digest, at }: Ballot): void => {
  if (approval.status !== 'open')
    throw new DomainError('conflict', `${closed[approval.status]}: no vote counts any more`);
  if (Date.parse(at) >= Date.parse(approval.deadlineAt)) throw new DomainError('conflict', 'the request has expired');
  if (digest !== approval.digest) {
    throw new DomainError('conflict', 'the vote is for another digest than the request: look at it again', 'digest');
  }
};

const conflicts = {
  'asked for it': 'whoever requested it cannot vote',
  'changed it': 'whoever changed it cannot vote on it',
  'executes it': 'whoever executes it cannot vote',
};

const refuseUnlessEligible = (approval: Approval, { voter, delegators }: Ballot, seat: string): void => {
  const { eligible, allowDelegation } = stageOf(approval);
  const conflict = conflictOf(approval, approval.policy.stages[approval.stage]!, voter);
  if (conflict !== undefined) throw new DomainError('not-allowed', conflicts[conflict]);
  if (!eligible.includes(seat)) throw new DomainError('not-allowed', `${seat} is not asked in this stage`);
  if (seat !== voter && !(allowDelegation && delegators.includes(seat)))
    throw new DomainError('not-allowed', `${seat} has not delegated the vote to ${voter}`);
};

const settle = (approval: Approval, at: string, named: Ballot['named']): Approval => {
  const votes = approval.votes.filter(({ stage }) => stage === approval.stage);
  const outcome = outcomeOf(stageOf(approval), votes);
  if (outcome === 'open') return approval;
  if (outcome !== 'approved') return { ...approval, status: outcome, decidedAt: at };
  const next = approval.stage + 1;
  if (next === approval.policy.stages.length) return { ...approval, status: 'approved', decidedAt: at };
  return { ...approval, stage: next, stages: [...approval.stages, openStage(approval, next, named[next] ?? [])] };
};
