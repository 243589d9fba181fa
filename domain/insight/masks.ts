import type { ProblemPolicySpec } from '../problem-policy.ts';
import { patternOf } from '../rule/pattern.ts';
import type { Mask } from './mask.rules.ts';

/** What a team says that differs from title to title. Its patterns take no longer than the title is long. */
export const masksOf = ({ masks }: Pick<ProblemPolicySpec, 'masks'>): Mask[] =>
  masks.map(
    ({ name, pattern }) =>
      (text) =>
        patternOf(pattern).matcher(text).replaceAll(`<${name}>`),
  );
