import type { Approver } from '../approval.ts';
import type { Document, Kind } from '../document.ts';
import type { HumanTask, SingleStep } from '../runbook.ts';
import { type ByKind, gather } from './by-kind.ts';
import { type PlacedStep, stepsOf } from './step.ts';
import type { Path } from './location.ts';

/** One document names another. */
export interface Mention {
  kind: Kind;
  name: string;
  path: Path;
}

const one = (kind: Kind, name: string | undefined, ...path: Path): Mention[] =>
  name === undefined ? [] : [{ kind, name, path: ['spec', ...path] }];

const each = (kind: Kind, names: readonly string[], ...path: Path): Mention[] =>
  names.flatMap((name, at) => one(kind, name, ...path, at));

const ofTask = ({ assignee }: Pick<HumanTask, 'assignee'>, ...path: Path): Mention[] =>
  'person' in assignee
    ? one('Person', assignee.person, ...path, 'assignee', 'person')
    : one('Team', assignee.team, ...path, 'assignee', 'team');

const ofStep = ({ step, path }: PlacedStep): Mention[] => [
  ...(step.kind === 'approval' ? one('ApprovalPolicy', step.policy, ...path, 'policy') : []),
  ...(step.kind === 'task' ? ofTask(step, ...path) : []),
  ...(step.undo?.kind === 'task' ? ofTask(step.undo, ...path, 'undo') : []),
  ...ofCheck(step, path),
];

const ofCheck = (step: SingleStep, path: Path): Mention[] =>
  step.kind === 'check' && step.evidence.kind === 'attestation'
    ? one('Person', step.evidence.by, ...path, 'evidence', 'by')
    : [];

const ofApprovers = (approvers: readonly Approver[], ...path: Path): Mention[] =>
  approvers.flatMap((approver, at) => {
    if ('person' in approver) return one('Person', approver.person, ...path, at, 'person');
    if ('team' in approver) return one('Team', approver.team, ...path, at, 'team');
    return one('Schedule', approver.onCall, ...path, at, 'onCall');
  });

const mentions: ByKind<Mention> = {
  Service: (spec) => [
    ...one('Team', spec.owner, 'owner'),
    ...each('Service', spec.dependsOn, 'dependsOn'),
    ...one('PlanTemplate', spec.plans.deployment, 'plans', 'deployment'),
    ...one('PlanTemplate', spec.plans.rollback, 'plans', 'rollback'),
    ...each('NotificationChannel', spec.stakeholders, 'stakeholders'),
  ],
  Source: (spec) => [
    ...one('Team', spec.team, 'team'),
    ...spec.mappings.flatMap(({ to }, at) => [
      ...one('Service', to.service, 'mappings', at, 'to', 'service'),
      ...one('Environment', to.environment, 'mappings', at, 'to', 'environment'),
    ]),
  ],
  Team: (spec) => [
    ...spec.members.flatMap(({ person }, at) => one('Person', person, 'members', at, 'person')),
    ...one('Schedule', spec.schedule, 'schedule'),
  ],
  Person: (spec) => one('Person', spec.delegate?.to, 'delegate', 'to'),
  Schedule: (spec) => [
    ...spec.layers.flatMap(({ people }, at) => each('Person', people, 'layers', at, 'people')),
    ...spec.overrides.flatMap(({ person }, at) => one('Person', person, 'overrides', at, 'person')),
  ],
  ReadinessChecklist: (spec) =>
    spec.checks.flatMap(({ remediation, evidence }, at) => [
      ...one('Runbook', remediation, 'checks', at, 'remediation'),
      ...(evidence.kind === 'attestation' ? one('Person', evidence.by, 'checks', at, 'evidence', 'by') : []),
    ]),
  PlanTemplate: (spec) => [
    ...(['A', 'B', 'C'] as const).flatMap((level) =>
      one('ReadinessChecklist', spec.checklists[level], 'checklists', level),
    ),
    ...one('ApprovalPolicy', spec.approvalPolicy, 'approvalPolicy'),
    ...one('MaintenanceWindow', spec.window, 'window'),
    ...spec.activities.flatMap(({ runbook, undo, people, task }, at) => [
      ...one('Runbook', runbook, 'activities', at, 'runbook'),
      ...one('Runbook', undo, 'activities', at, 'undo'),
      ...people.flatMap(({ team }, index) => one('Team', team, 'activities', at, 'people', index, 'team')),
      ...(task ? ofTask(task, 'activities', at, 'task') : []),
    ]),
  ],
  Runbook: (spec) => stepsOf(spec).flatMap(ofStep),
  ApprovalPolicy: (spec) => [
    ...spec.stages.flatMap(({ approvers }, at) => ofApprovers(approvers, 'stages', at, 'approvers')),
    ...ofApprovers(spec.escalateTo, 'escalateTo'),
  ],
};

/** Every name of another document, with the place where it is written. */
export const mentionsOf = (document: Document): Mention[] => gather(mentions, document);
