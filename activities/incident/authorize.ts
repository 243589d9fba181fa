import { DomainError } from '../../domain/errors.ts';
import { idOf, incidentReference } from '../../domain/identifiers.ts';
import { isOver } from '../../domain/incident/record.rules.ts';
import type { AnnouncedRun } from '../../domain/ports.ts';
import {
  hasBegun,
  isGiven,
  refuseBeforeItsApprovals,
  refuseBeforeItsSteps,
  refused,
  refuseUnorderedRound,
  type RunGrounds,
  stepDigestOf,
  type StepReference,
} from '../../domain/run-authorization.ts';
import { groupsOf, type RunbookSpec, type SingleStep } from '../../domain/runbook.ts';
import type { ActivityPorts } from '../ports.ts';
import type { StepInPlace } from '../record-kind.ts';
import { knownIncident } from './known.ts';
import { orderedRunbook } from './restore.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'incidents' | 'approvals' | 'commands' | 'outbox'>;

/** Which of the incident's runbooks an activity is: `restore-2` is the second. */
export const restorationIn = (activity: string): number => Number(/^restore-(\d{1,6})$/.exec(activity)?.[1] ?? 0);

export const stepOf = ({ steps }: RunbookSpec, name: string): SingleStep => {
  const step = groupsOf(steps)
    .flat()
    .find((candidate) => candidate.name === name);
  if (!step) throw new DomainError('not-found', `the runbook has no step ${name}`);
  return step;
};

/**
 * The step of a runbook that restores, to run or to undo, if that may be: the runbook was ordered, whoever has to agree has
 * agreed, the incident is not over, and it is the turn of the step. Refuses with `not-allowed`, `conflict` or `not-found`.
 */
export async function authorizeStep(
  ports: Ports,
  reference: StepReference,
  direction: 'forth' | 'back',
  run: AnnouncedRun,
): Promise<StepInPlace> {
  const { belongsTo, activity, workflowId, round, step: name } = reference;
  const number = Number(idOf(belongsTo));
  const { restoration, spec, circumstances } = await orderedRunbook(ports, number, restorationIn(activity));
  const { record } = await knownIncident(ports.incidents, number);
  const step = stepOf(spec, name);
  if (run.belongsTo !== belongsTo || run.activity !== activity || run.workflowId !== workflowId || run.kind !== 'run')
    throw refused(`${workflowId} is no run of incident ${number}`);
  const { digest } = restoration;
  const approvals = await ports.approvals.of(belongsTo);
  const effects = await ports.outbox.of(belongsTo);
  const grounds: RunGrounds = {
    groups: groupsOf(spec.steps),
    digest,
    consumed: approvals.filter(({ status }) => status === 'consumed'),
    run,
    retriesOfStep: round === 1 ? 0 : await ports.commands.retriesOrdered(workflowId, name),
    effects,
    skipped: await ports.commands.skipped(belongsTo, workflowId),
  };
  if (spec.restores?.policy !== undefined && !isGiven(grounds, incidentReference(number), digest))
    throw refused(`runbook ${restoration.runbook} is not approved for incident ${number}`);
  if (direction === 'forth') {
    if (record && isOver(record) && !hasBegun(reference, effects))
      throw new DomainError('conflict', `incident ${number} is over`);
    refuseBeforeItsApprovals(reference, grounds);
    refuseBeforeItsSteps(reference, grounds);
    const isSkipped = grounds.skipped.some(
      (skipped) => skipped.isSettled && skipped.target === workflowId && skipped.name === name,
    );
    if (isSkipped && !hasBegun(reference, effects)) throw refused(`step ${name} has been skipped`);
  }
  refuseUnorderedRound(reference, grounds);
  return { step, circumstances, digest: stepDigestOf(digest, reference) };
}
