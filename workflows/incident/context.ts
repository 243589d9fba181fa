import type { Incident, IncidentTiming } from '../../domain/incident.ts';
import type { DueWarning } from '../../domain/incident/clock.rules.ts';
import type { Recipient, Said } from '../../domain/notice.ts';
import type { Reference } from '../../domain/reference.ts';
import type { Stored } from '../activities.ts';
import type { Tracked } from '../track/index.ts';

/** What the parts of an incident's workflow share: its record, its limits, and what has been heard. */
export interface IncidentContext {
  incident: Tracked<Incident>;
  belongsTo: Reference;
  stored: Stored;
  timing: IncidentTiming;
  /** Counts the news of its alerts. */
  told: () => number;
  /** News that the last look has taken into account. */
  looked: number;
  /** Counts what was heard of approvals. */
  heardApprovals: () => number;
  /** Runbooks were looked for that fit. */
  hasSuggested: boolean;
  /** Whoever was told last that it is theirs. */
  toldAssignee: string | undefined;
  /** When somebody is to be warned of a clock, and by what that was read. */
  warnings: readonly DueWarning[];
  clockedBy: string | undefined;
  /** Stakeholders have the report of its end. */
  hasReported: boolean;
  /** A runbook is under way; the history is not cut meanwhile. */
  isRestoring: boolean;
}

/** Notifies somebody once for each key, when what is said can be read in PostgreSQL. */
export const notify = async (
  { incident, belongsTo, stored }: IncidentContext,
  key: string,
  to: Recipient,
  said: Said,
): Promise<void> => {
  await incident.saved();
  const { workflowId } = incident.current;
  await stored.notifyPeople({ key: `${workflowId}/${key}`, belongsTo, to, said });
};
