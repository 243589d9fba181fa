import type { LedgerEntry } from '../audit.ts';
import { patternRunReference } from '../identifiers.ts';
import type { PatternCommission } from '../pattern.ts';

/** The first entry of a run: who asked for it, and of what. */
export const patternsOrderedEntry = ({
  id,
  orderedBy: actor,
  orderedAt: at,
  scope,
  period,
  opens,
}: PatternCommission): LedgerEntry => {
  const subject = patternRunReference(id);
  return {
    key: `${subject}/ordered`,
    at,
    actor,
    action: 'patterns.ordered',
    subject,
    detail: { scope, period, opens },
  };
};
