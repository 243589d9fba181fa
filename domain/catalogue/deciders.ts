import { reaches } from '../actor.rules.ts';
import { neededOf } from '../approval/stage.rules.ts';
import type { ApprovalPolicySpec, ApprovalStage, Approver } from '../approval.ts';
import type { Document } from '../document.ts';
import { taskedIn } from '../assignee.ts';
import { peopleOf } from '../on-call.ts';
import { isParty } from '../owner.ts';
import type { PlanTemplateSpec } from '../plan-template.ts';
import type { Fault } from './location.ts';
import { isOf, type Lookup } from './lookup.ts';

/**
 * Warnings of approvals that nobody could decide, as far as documents tell: too few may approve, the only ones may ask
 * themselves, or have to execute. Also of templates that ask nobody.
 */
export const undecidable = (document: Document, catalogue: Lookup): Fault[] => {
  if (isOf(document, 'ApprovalPolicy')) return ofPolicy(document.spec, catalogue);
  return isOf(document, 'PlanTemplate') ? ofTemplate(document.spec, catalogue) : [];
};

const mend = 'name more approvers, or give more people the role approver';

const ofPolicy = (policy: ApprovalPolicySpec, catalogue: Lookup): Fault[] =>
  policy.stages.flatMap((stage, at) => {
    if (asksOwner(policy, stage)) return [];
    const message = faultOf(stage, mayDecide(policy, stage, catalogue));
    return message === undefined ? [] : [{ path: ['spec', 'stages', at, 'approvers'], message }];
  });

const faultOf = ({ quorum, excludeRequester }: ApprovalStage, people: readonly string[]): string | undefined => {
  const who = people.join(', ') || 'nobody';
  const needed = neededOf(quorum, people.length);
  if (needed > people.length) return `it needs ${needed} to approve, and ${who} may: nobody can decide; ${mend}`;
  const others = people.length - 1;
  return excludeRequester && neededOf(quorum, others) > others
    ? `it needs ${needed} to approve, and ${who} may: what ${others === 0 ? who : 'one of them'} requests cannot be decided; ${mend}`
    : undefined;
};

const unapproved: Fault = {
  path: ['spec'],
  message:
    'without approvalPolicy its plans start in production without approval; to allow that for some, use notNeededWhen of a policy',
};

/** Whoever has to take a seat, or a task by name, executes, and is left out of the approval of the same plan. */
const ofTemplate = ({ approvalPolicy, activities }: PlanTemplateSpec, catalogue: Lookup): Fault[] => {
  const isProductive = catalogue.of('Environment').some(({ spec }) => spec.production);
  if (approvalPolicy === undefined) return isProductive ? [unapproved] : [];
  const policy = catalogue.find('ApprovalPolicy', approvalPolicy);
  if (!policy) return [];
  const tasked = taskedIn(
    activities.map(({ task, runbook, undo }) => ({
      task,
      runbook: catalogue.find('Runbook', runbook),
      undo: catalogue.find('Runbook', undo),
    })),
  );
  const seated = activities
    .flatMap(({ people }) => people)
    .flatMap(({ team, role, count }) => {
      const able = membersOf(team, catalogue).filter((member) => reaches(member.role, role));
      return able.length <= count ? able.map(({ person }) => person) : [];
    });
  return lackOf(policy, [...seated, ...tasked], catalogue);
};

const lackOf = (policy: ApprovalPolicySpec, executors: readonly string[], catalogue: Lookup): Fault[] =>
  policy.stages.flatMap((stage) => {
    if (asksOwner(policy, stage)) return [];
    const people = mayDecide(policy, stage, catalogue);
    const left = people.filter((person) => !executors.includes(person));
    const isEnough = neededOf(stage.quorum, left.length) <= left.length;
    if (!stage.excludeExecutor || left.length === people.length || isEnough) return [];
    const busy = people.filter((person) => executors.includes(person));
    const has = busy.length === 1 ? 'has' : 'have';
    const message = `${busy.join(', ')} may approve but ${has} a seat or a task by name, and whoever executes cannot decide: nobody can; ${mend}`;
    return [{ path: ['spec', 'approvalPolicy'], message }];
  });

/** Whom it asks depends on the plan. */
const asksOwner = ({ escalateTo }: ApprovalPolicySpec, { approvers }: ApprovalStage): boolean =>
  [...approvers, ...escalateTo].some((approver) => 'team' in approver && isParty(approver.team));

const membersOf = (team: string, catalogue: Lookup) => catalogue.find('Team', team)?.members ?? [];

/** All who could be asked in a stage, also by escalation or when their turn on call comes. */
const mayDecide = ({ escalateTo }: ApprovalPolicySpec, { approvers }: ApprovalStage, catalogue: Lookup): string[] => {
  const members = catalogue.of('Team').flatMap(({ spec }) => spec.members);
  const named = [...approvers, ...escalateTo].flatMap((approver) => namesOf(approver, catalogue));
  return [...new Set(named)].filter((name) =>
    members.some(({ person, role }) => person === name && reaches(role, 'approver')),
  );
};

const namesOf = (approver: Approver, catalogue: Lookup): string[] => {
  if ('person' in approver) return [approver.person];
  if ('onCall' in approver) {
    const schedule = catalogue.find('Schedule', approver.onCall);
    return schedule ? peopleOf(schedule) : [];
  }
  return membersOf(approver.team, catalogue)
    .filter(({ role }) => reaches(role, approver.role))
    .map(({ person }) => person);
};
