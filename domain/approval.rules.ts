import type { Approval, Approver, OpenStage, Quorum, Vote } from './approval.ts';
import { DomainError } from './errors.ts';
import type { PersonSpec } from './team.ts';

/** How many distinct humans have to approve, of `eligible`. */
export const neededOf = (quorum: Quorum, eligible: number): number => {
  if (quorum === 'first') return 1;
  if (quorum === 'all') return Math.max(1, eligible);
  return 'count' in quorum ? quorum.count : Math.max(1, Math.ceil((quorum.percent * eligible) / 100));
};

/** Opens the stage for the people who may vote: each once, without those who asked, changed it, or will execute. */
export const openStage = (
  { policy, requester, editors = [], executors }: Pick<Approval, 'policy' | 'requester' | 'editors' | 'executors'>,
  index: number,
  people: readonly string[],
): OpenStage => {
  const stage = policy.stages[index]!;
  const excluded = [
    ...(stage.excludeRequester ? [requester, ...editors] : []),
    ...(stage.excludeExecutor ? executors : []),
  ];
  const eligible = [...new Set(people)].filter((name) => !excluded.includes(name));
  return {
    eligible,
    needed: neededOf(stage.quorum, eligible.length),
    quorum: stage.quorum,
    allowDelegation: stage.allowDelegation,
  };
};

/** Whom the open stage names, and whom escalation has added. */
export const askedOf = ({ policy, stage, escalated }: Approval): Approver[] => [
  ...policy.stages[stage]!.approvers,
  ...(escalated ? policy.escalateTo : []),
];

/** Of the people whom the open stage names, those who may not vote, with the reason. */
export const leftOut = (
  { policy, stage, requester, editors = [], executors }: Approval,
  named: readonly string[],
): { person: string; why: string }[] => {
  const { excludeRequester, excludeExecutor } = policy.stages[stage]!;
  return named.flatMap((person) => {
    if (excludeRequester && person === requester) return [{ person, why: 'asked for it' }];
    if (excludeRequester && editors.includes(person)) return [{ person, why: 'changed it' }];
    return excludeExecutor && executors.includes(person) ? [{ person, why: 'executes it' }] : [];
  });
};

/** Who may decide now: by stage, and whom escalation adds. */
export interface Entitled {
  stages: readonly (readonly string[])[];
  escalated: readonly string[];
}

/** Roles are looked at again: a stage carried by people who have lost theirs is not carried any more. */
export const isStillCarried = ({ policy, stages, votes, escalated }: Approval, entitled: Entitled): boolean =>
  policy.stages.every((_, index) => {
    const may = [...(entitled.stages[index] ?? []), ...(escalated ? entitled.escalated : [])];
    const carrying = votes.filter(
      ({ stage, decision, seat }) => stage === index && decision === 'approve' && may.includes(seat),
    );
    return new Set(carrying.map(({ voter }) => voter)).size >= (stages[index]?.needed ?? Number.POSITIVE_INFINITY);
  });

const stageOf = (approval: Approval): OpenStage => approval.stages[approval.stage]!;

/** Fewer people may vote than have to agree: somebody has to be asked in addition; the quorum is never lowered. */
export const isUnsatisfiable = (approval: Approval): boolean =>
  stageOf(approval).eligible.length < stageOf(approval).needed;

/** Where the open stage stands. */
export const outcomeOf = (
  { eligible, needed, quorum }: OpenStage,
  votes: readonly Vote[],
): 'open' | 'approved' | 'rejected' | 'changes-requested' => {
  if (votes.some(({ decision }) => decision === 'request-changes')) return 'changes-requested';
  const approvals = new Set(votes.filter(({ decision }) => decision === 'approve').map(({ voter }) => voter)).size;
  if (approvals >= needed) return 'approved';
  const isRejected = votes.some(({ decision }) => decision === 'reject');
  if (isRejected && (quorum === 'first' || quorum === 'all')) return 'rejected';
  // Where too few are asked so far, others will be: that is no reason to reject.
  if (eligible.length < needed) return 'open';
  const outstanding = eligible.filter((seat) => !votes.some((vote) => vote.seat === seat)).length;
  return votes.length > 0 && approvals + outstanding < needed ? 'rejected' : 'open';
};

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
  const seat = ballot.onBehalfOf ?? ballot.voter;
  if (ballot.stage !== undefined && ballot.stage !== approval.stage) {
    const wasCast = approval.votes.some(
      (vote) =>
        vote.stage === ballot.stage &&
        vote.seat === seat &&
        vote.voter === ballot.voter &&
        vote.decision === ballot.decision,
    );
    if (wasCast) return approval;
    throw new DomainError('conflict', `the request is in stage ${approval.stage + 1} now`, 'stage');
  }
  const given = approval.votes.find((vote) => vote.stage === approval.stage && vote.seat === seat);
  const earlier = given ?? approval.votes.findLast((vote) => vote.seat === seat && vote.voter === ballot.voter);
  if (
    earlier &&
    earlier.voter === ballot.voter &&
    earlier.decision === ballot.decision &&
    earlier.digest === ballot.digest
  ) {
    // In a later stage the same words are a new vote only from somebody who is asked again.
    if (given || approval.status !== 'open' || !stageOf(approval).eligible.includes(seat)) {
      if (earlier.reason !== ballot.reason) throw votedAlready(earlier);
      return approval;
    }
  }
  refuseUnlessOpen(approval, ballot);
  if (ballot.decision === 'request-changes' && approval.subject !== approval.belongsTo)
    throw new DomainError('invalid', 'a step under way cannot be changed: approve or reject it', 'decision');
  refuseUnlessEligible(approval, ballot, seat);
  if (given) throw votedAlready(given);

  const { voter, decision, reason, digest, channel, at } = ballot;
  if (reason === '' && (decision === 'reject' || decision === 'request-changes'))
    throw new DomainError('invalid', 'say why', 'reason');
  const voted = {
    ...approval,
    votes: [...approval.votes, { stage: approval.stage, seat, voter, decision, reason, digest, channel, at }],
  };
  return settle(voted, at, ballot.named);
}

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
    throw new DomainError('conflict', 'the vote names another digest than the request: look at it again', 'digest');
  }
};

const refuseUnlessEligible = (approval: Approval, { voter, delegators }: Ballot, seat: string): void => {
  const { eligible, allowDelegation } = stageOf(approval);
  const policy = approval.policy.stages[approval.stage]!;
  if (policy.excludeRequester && voter === approval.requester) {
    throw new DomainError('not-allowed', 'whoever asked does not decide');
  }
  if (policy.excludeRequester && approval.editors?.includes(voter)) {
    throw new DomainError('not-allowed', 'whoever changed it does not decide on it');
  }
  if (policy.excludeExecutor && approval.executors.includes(voter)) {
    throw new DomainError('not-allowed', 'whoever executes does not decide');
  }
  if (!eligible.includes(seat)) throw new DomainError('not-allowed', `${seat} is not asked in this stage`);
  if (seat !== voter && !(allowDelegation && delegators.includes(seat))) {
    throw new DomainError('not-allowed', `${seat} has not handed the vote to ${voter}`);
  }
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

/** Asks more people and moves the deadline; what was needed stays needed. */
export const escalate = (approval: Approval, people: readonly string[], deadlineAt: string): Approval => {
  const stage = stageOf(approval);
  const added = openStage(approval, approval.stage, [...stage.eligible, ...people]).eligible;
  const stages = approval.stages.with(approval.stage, { ...stage, eligible: added });
  return { ...approval, stages, escalated: true, deadlineAt };
};

/** Time is up and nobody is left to ask: silence is never approval. */
export const expire = (approval: Approval, at: string): Approval =>
  approval.status === 'open' ? { ...approval, status: 'expired', decidedAt: at } : approval;

/** The subject changed or is gone: what was decided about it is void, unless it has been used already. */
export const withdraw = (approval: Approval, status: 'superseded' | 'cancelled', at: string): Approval =>
  approval.status === 'open' || approval.status === 'approved' ? { ...approval, status, decidedAt: at } : approval;
