import type { Approval } from './approval.ts';
import { digestOf } from './digest.ts';
import { DomainError } from './errors.ts';
import { isEffectOf, stepSubjectOf } from './identifiers.ts';
import type { AnnouncedRun, Skipped } from './ports.ts';
import type { Reference } from './reference.ts';
import type { SingleStep } from './runbook.ts';

/** A step as a message names it. What it does is read from the record in PostgreSQL. */
export interface StepReference {
  belongsTo: Reference;
  revision: number;
  activity: string;
  step: string;
  purpose: 'run' | 'undo';
  /** Of which the first needs no order; each further one needs a person's command. */
  round: number;
  workflowId: string;
  /** By the clock of the run, in milliseconds. */
  at: number;
}

/** What the database says of a run whose step is to be run, whatever record it belongs to. */
export interface RunGrounds {
  /** The steps of its runbook in their order; those side by side are one group. */
  groups: readonly (readonly SingleStep[])[];
  /** Of what was approved. */
  digest: string;
  /** Approvals of the record that are used up. */
  consumed: readonly Pick<Approval, 'subject' | 'digest'>[];
  /** The run as its record announced it. */
  run: AnnouncedRun;
  /** Retries of the step that people have ordered. */
  retriesOfStep: number;
  /** Effects of the record, as they were kept. */
  effects: readonly { key: string; state: string }[];
  /** What people had skipped: activities by the workflow of the record, and steps by that of their run. */
  skipped: readonly Skipped[];
}

export const refused = (reason: string): DomainError => new DomainError('not-allowed', reason);

/** What a vote on a step binds: the digest of what was approved as a whole, with the step. */
export const stepDigestOf = (digest: string, { activity, step }: Pick<StepReference, 'activity' | 'step'>): string =>
  digestOf([digest, activity, step]);

export const isGiven = ({ consumed }: Pick<RunGrounds, 'consumed'>, subject: string, digest: string): boolean =>
  consumed.some((approval) => approval.subject === subject && approval.digest === digest);

/** An attempt of the step was begun: it is let come to its end, whatever has been said since. */
export const hasBegun = (
  { workflowId, step }: Pick<StepReference, 'workflowId' | 'step'>,
  effects: RunGrounds['effects'],
): boolean => effects.some(({ key }) => isEffectOf(key, workflowId, step) === 'step');

/** The steps that a step waits for; those that stand side by side do not wait for each other. */
const stepsBefore = ({ groups }: RunGrounds, { step }: StepReference): SingleStep[] =>
  groups
    .slice(
      0,
      groups.findIndex((group) => group.some(({ name }) => name === step)),
    )
    .flat();

/** The approvals ahead of a step are given; what was done is undone whatever anybody has to say of it. */
export const refuseBeforeItsApprovals = (reference: StepReference, grounds: RunGrounds): void => {
  for (const before of stepsBefore(grounds, reference)) {
    const digest = stepDigestOf(grounds.digest, { activity: reference.activity, step: before.name });
    if (before.kind === 'approval' && !isGiven(grounds, stepSubjectOf(grounds.run.id, before.name), digest))
      throw refused(`step ${before.name} has not been approved`);
  }
};

/** It leaves something outside, of which there is an effect. */
export const acts = ({ kind }: SingleStep): boolean => kind === 'http' || kind === 'command';

/** A workflow may say that a step is done; its effect says whether it is, and whether it was undone again. */
export const refuseBeforeItsSteps = (reference: StepReference, grounds: RunGrounds): void => {
  const { workflowId } = reference;
  for (const step of stepsBefore(grounds, reference).filter(acts))
    if (!isBehind(step, [workflowId], grounds))
      throw refused(`step ${step.name}, which comes before, has not been done`);
};

/** Whether one of these runs has done the step and not undone it, or people had it skipped. */
export const isBehind = (
  { name: step }: SingleStep,
  runs: readonly string[],
  { effects, skipped }: Pick<RunGrounds, 'effects' | 'skipped'>,
): boolean =>
  runs.some((run) => {
    const own = effects.flatMap(({ key, state }) => {
      const of = isEffectOf(key, run, step);
      return of === undefined ? [] : [{ of, state }];
    });
    if (own.some(({ of }) => of === 'undo')) return false;
    return (
      own.some(({ state }) => state === 'sent') || skipped.some(({ target, name }) => target === run && name === step)
    );
  });

/** Rounds beyond the first have been ordered by a person, in a command that the database has. */
export const refuseUnorderedRound = (
  { step, round }: Pick<StepReference, 'step' | 'round'>,
  { retriesOfStep }: Pick<RunGrounds, 'retriesOfStep'>,
): void => {
  if (retriesOfStep < round - 1) throw refused(`nobody ordered round ${round} of step ${step}`);
};
