import { reaches } from '../actor.rules.ts';
import { neededOf } from '../approval/stage.rules.ts';
import type { ApprovalPolicySpec, ApprovalStage, Approver } from '../approval.ts';
import type { Document } from '../document.ts';
import { taskedIn } from '../executors.ts';
import type { RunbookSpec } from '../runbook.ts';
import { gather } from './by-kind.ts';
import { type Problem, problemAt } from './location.ts';
import type { Located } from './read.ts';

/**
 * Warnings of approvals that nobody could decide, as far as documents tell: too few may approve, the only ones may ask
 * themselves, or have to execute. Also of templates that ask nobody.
 */
export const undecidable = (applied: readonly Located[], catalogue: readonly Document[]): Problem[] =>
  applied.flatMap(({ document, locations }) =>
    [...ofPolicy(document, catalogue), ...ofTemplate(document, catalogue)].map(({ path, message }) =>
      problemAt(locations.value(path), path, message),
    ),
  );

interface Warning {
  path: (string | number)[];
  message: string;
}

const mend = 'name more approvers, or give more people the role approver';

const ofPolicy = (document: Document, catalogue: readonly Document[]): Warning[] =>
  gather(
    {
      ApprovalPolicy: (policy) =>
        policy.stages.flatMap((stage, at) => {
          const message = faultOf(stage, mayDecide(policy, stage, catalogue));
          return message === undefined ? [] : [{ path: ['spec', 'stages', at, 'approvers'], message }];
        }),
    },
    document,
  );

const faultOf = ({ quorum, excludeRequester }: ApprovalStage, people: readonly string[]): string | undefined => {
  const who = people.join(', ') || 'nobody';
  const needed = neededOf(quorum, people.length);
  if (needed > people.length) return `it takes ${needed}, and ${who} may approve: nobody can decide; ${mend}`;
  const others = people.length - 1;
  return excludeRequester && neededOf(quorum, others) > others
    ? `it takes ${needed}, and ${who} may approve: what ${others === 0 ? who : 'one of them'} asks for cannot be decided; ${mend}`
    : undefined;
};

const runbookOf = (wanted: string | undefined, catalogue: readonly Document[]): RunbookSpec | undefined =>
  catalogue
    .filter(({ kind, name }) => kind === 'Runbook' && name === wanted)
    .flatMap((document) => gather({ Runbook: (spec) => [spec] }, document))[0];

const isProductive = (catalogue: readonly Document[]): boolean =>
  catalogue.some((document) => gather({ Environment: ({ production }) => [production] }, document).includes(true));

const unapproved: Warning = {
  path: ['spec'],
  message: 'without approvalPolicy its plans start in production unasked; notNeededWhen of a policy says when they may',
};

/** Whoever has to take a seat, or a task by name, executes, and is left out of the approval of the same plan. */
const ofTemplate = (document: Document, catalogue: readonly Document[]): Warning[] =>
  gather(
    {
      PlanTemplate: ({ approvalPolicy, activities }) => {
        const policy = catalogue.find(({ kind, name }) => kind === 'ApprovalPolicy' && name === approvalPolicy);
        if (approvalPolicy === undefined) return isProductive(catalogue) ? [unapproved] : [];
        const seats = activities.flatMap(({ people }) => people);
        const tasked = taskedIn(
          activities.map(({ task, runbook, undo }) => ({
            task,
            runbook: runbookOf(runbook, catalogue),
            undo: runbookOf(undo, catalogue),
          })),
        );
        const seated = seats.flatMap(({ team, role, count }) => {
          const able = membersOf(team, catalogue).filter((member) => reaches(member.role, role));
          return able.length <= count ? able.map(({ person }) => person) : [];
        });
        const executors = [...seated, ...tasked];
        return policy ? gather({ ApprovalPolicy: (spec) => lackOf(spec, executors, catalogue) }, policy) : [];
      },
    },
    document,
  );

const lackOf = (policy: ApprovalPolicySpec, executors: readonly string[], catalogue: readonly Document[]): Warning[] =>
  policy.stages.flatMap((stage) => {
    const people = mayDecide(policy, stage, catalogue);
    const left = people.filter((person) => !executors.includes(person));
    const isEnough = neededOf(stage.quorum, left.length) <= left.length;
    if (!stage.excludeExecutor || left.length === people.length || isEnough) return [];
    const busy = people.filter((person) => executors.includes(person)).join(', ');
    const message = `${busy} may approve and has a seat or a task by name, and whoever executes does not decide: nobody can; ${mend}`;
    return [{ path: ['spec', 'approvalPolicy'], message }];
  });

const membersOf = (team: string, catalogue: readonly Document[]) =>
  catalogue
    .filter(({ kind, name }) => kind === 'Team' && name === team)
    .flatMap((document) => gather({ Team: ({ members }) => members }, document));

/** All who could be asked in a stage, also by escalation or when their turn on call comes. */
const mayDecide = (
  { escalateTo }: ApprovalPolicySpec,
  { approvers }: ApprovalStage,
  catalogue: readonly Document[],
): string[] => {
  const members = catalogue.flatMap((document) => gather({ Team: (spec) => spec.members }, document));
  const named = [...approvers, ...escalateTo].flatMap((approver) => namesOf(approver, catalogue));
  return [...new Set(named)].filter((name) =>
    members.some(({ person, role }) => person === name && reaches(role, 'approver')),
  );
};

const namesOf = (approver: Approver, catalogue: readonly Document[]): string[] => {
  if ('person' in approver) return [approver.person];
  if ('team' in approver)
    return membersOf(approver.team, catalogue)
      .filter(({ role }) => reaches(role, approver.role))
      .map(({ person }) => person);
  return catalogue
    .filter(({ kind, name }) => kind === 'Schedule' && name === approver.onCall)
    .flatMap((document) => gather({ Schedule: ({ layers }) => layers.flatMap(({ people }) => people) }, document));
};
