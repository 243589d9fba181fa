import type { Actor } from '../actor.ts';
import type { LedgerEntry } from '../audit.ts';
import { problemReference } from '../identifiers.ts';
import type { ProblemCommission } from '../problem.ts';

/** The first entry of the problem's ledger: what it was opened for, and by whom. */
export const acceptedEntry = (
  commission: ProblemCommission,
  actor: Actor,
  evidence: Record<string, unknown>,
): LedgerEntry => {
  const { number, openedAt: at, ...detail } = commission;
  const belongsTo = problemReference(number);
  return {
    key: `${belongsTo}/accepted`,
    at,
    actor,
    action: 'problem.accepted',
    subject: belongsTo,
    belongsTo,
    detail: { ...detail, ...evidence },
  };
};
