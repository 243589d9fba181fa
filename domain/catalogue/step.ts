import type { RunbookSpec, SingleStep } from '../runbook.ts';
import type { Path } from './location.ts';

export interface PlacedStep {
  step: SingleStep;
  /** Within the spec. */
  path: Path;
}

/** The steps that do something, with those inside of parallel ones. */
export const stepsOf = ({ steps }: Pick<RunbookSpec, 'steps'>): PlacedStep[] =>
  steps.flatMap((step, at): PlacedStep[] =>
    step.kind === 'parallel'
      ? step.steps.map((inner, index) => ({ step: inner, path: ['steps', at, 'steps', index] }))
      : [{ step, path: ['steps', at] }],
  );
