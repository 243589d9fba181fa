import { type Circumstances, ruleContext } from '../circumstances.ts';
import { DomainError } from '../errors.ts';
import type { Restores } from '../restoration.ts';
import { evaluateRule } from '../rule.ts';

/** Whether a runbook is for this service and environment. A rule that cannot be evaluated here does not fit. */
export const fits = ({ when }: Pick<Restores, 'when'>, circumstances: Circumstances): boolean => {
  if (when === undefined) return true;
  try {
    return evaluateRule(when, ruleContext(circumstances));
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
};
