import type { Document } from '../document.ts';
import type { TriggeredBy } from '../login.ts';
import { identified, isUnknownTrigger } from '../login.rules.ts';
import type { Approval, ApprovalStage, Approver, OpenStage, Quorum, Vote } from '../approval.ts';

/** How many distinct humans have to approve, of `eligible`. */
export const neededOf = (quorum: Quorum, eligible: number): number => {
  if (quorum === 'first') return 1;
  if (quorum === 'all') return Math.max(1, eligible);
  return 'count' in quorum ? quorum.count : Math.max(1, Math.ceil((quorum.percent * eligible) / 100));
};

type Parties = Pick<Approval, 'requester' | 'triggeredBy' | 'editors' | 'executors'>;

/** Whoever asked, and whoever made them ask. */
const requestersOf = ({ requester, triggeredBy = [] }: Parties): string[] => [
  requester,
  ...triggeredBy.flatMap(({ people }) => people),
];

/** Who has come to have a part in it since the question was put. */
export interface Joined {
  /** Who has triggered the same once more. */
  triggeredBy: readonly TriggeredBy[];
  /** The people, with the logins that they have by now. */
  people: readonly Document<'Person'>[];
  executors: readonly string[];
}

/** The approval with those who have joined; whom it had before stays. */
export const withJoined = (approval: Approval, { triggeredBy, people, executors }: Joined): Approval => ({
  ...approval,
  executors: [...new Set([...approval.executors, ...executors])],
  ...(approval.triggeredBy === undefined
    ? {}
    : { triggeredBy: identified([...approval.triggeredBy, ...triggeredBy], people) }),
});

/** Everybody who has a part in what is asked about. */
export const partiesOf = (parties: Parties): string[] => [
  ...requestersOf(parties),
  ...(parties.editors ?? []),
  ...parties.executors,
];

/** The part of a person that keeps them from deciding in a stage, if any does. */
export const conflictOf = (
  parties: Parties,
  { excludeRequester, excludeExecutor }: ApprovalStage,
  person: string,
): 'asked for it' | 'changed it' | 'executes it' | undefined => {
  const { editors = [], executors } = parties;
  if (excludeRequester && requestersOf(parties).includes(person)) return 'asked for it';
  if (excludeRequester && editors.includes(person)) return 'changed it';
  return excludeExecutor && executors.includes(person) ? 'executes it' : undefined;
};

/** What nobody is known to have triggered may have been triggered by whoever approves it. */
const leastOf = ({ policy, triggeredBy }: Pick<Approval, 'policy' | 'triggeredBy'>): number =>
  policy.unknownTriggerNeedsTwo && triggeredBy !== undefined && isUnknownTrigger(triggeredBy) ? 2 : 1;

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
    needed: Math.max(neededOf(stage.quorum, eligible.length), leastOf(approval)),
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

/** Whoever has voted on what stands, or is still asked, and so has no part in it: where executors are left out. */
export const decidersOf = (approvals: readonly Approval[]): string[] =>
  approvals
    .filter(({ status }) => status === 'open' || status === 'approved' || status === 'consumed')
    .flatMap(({ policy, votes }) => votes.filter(({ stage }) => policy.stages[stage]?.excludeExecutor === true))
    .flatMap(({ seat, voter }) => [seat, voter]);

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

/** Whom a policy names, in words. */
export const approverText = (approver: Approver): string => {
  if ('person' in approver) return approver.person;
  return 'team' in approver ? `team ${approver.team} (${approver.role})` : `who is on call by ${approver.onCall}`;
};
