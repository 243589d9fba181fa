import type { LedgerEntry } from '../audit.ts';
import { reportReference } from '../identifiers.ts';
import type { ReportCommission } from '../performance-report.ts';

/** The first entry of a report: who asked for it, and of what. */
export const orderedEntry = ({
  id,
  orderedBy: actor,
  orderedAt: at,
  scope,
  period,
  isSent,
}: ReportCommission): LedgerEntry => {
  const subject = reportReference(id);
  return { key: `${subject}/ordered`, at, actor, action: 'report.ordered', subject, detail: { scope, period, isSent } };
};
