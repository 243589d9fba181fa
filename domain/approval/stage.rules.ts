import type { Approval, ApprovalStage, Approver, OpenStage, Quorum, Vote } from '../approval.ts';

/** How many distinct humans have to approve, of `eligible`. */
export const neededOf = (quorum: Quorum, eligible: number): number => {
  if (quorum === 'first') return 1;
  if (quorum === 'all') return Math.max(1, eligible);
  return 'count' in quorum ? quorum.count : Math.max(1, Math.ceil((quorum.percent * eligible) / 100));
};

type Parties = Pick<Approval, 'requester' | 'editors' | 'executors'>;

/** Everybody who has a part in what is asked about. */
export const partiesOf = ({ requester, editors = [], executors }: Parties): string[] => [
  requester,
  ...editors,
  ...executors,
];

/** The part of a person that keeps them from deciding in a stage, if any does. */
export const conflictOf = (
  { requester, editors = [], executors }: Parties,
  { excludeRequester, excludeExecutor }: ApprovalStage,
  person: string,
): 'asked for it' | 'changed it' | 'executes it' | undefined => {
  if (excludeRequester && person === requester) return 'asked for it';
  if (excludeRequester && editors.includes(person)) return 'changed it';
  return excludeExecutor && executors.includes(person) ? 'executes it' : undefined;
};

/** Opens the stage for the people who may vote: each once, without those who asked, changed it, or will execute. */
export const openStage = (
  approval: Parties & Pick<Approval, 'policy'>,
  index: number,
  people: readonly string[],
): OpenStage => {
  const stage = approval.policy.stages[index]!;
  const eligible = [...new Set(people)].filter((name) => conflictOf(approval, stage, name) === undefined);
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
export const leftOut = (approval: Approval, named: readonly string[]): { person: string; why: string }[] =>
  named.flatMap((person) => {
    const why = conflictOf(approval, approval.policy.stages[approval.stage]!, person);
    return why === undefined ? [] : [{ person, why }];
  });

export const stageOf = (approval: Approval): OpenStage => approval.stages[approval.stage]!;

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
