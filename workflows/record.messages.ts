import { incidentUpdates } from './incident.messages.ts';
import { planUpdates } from './operation-plan.messages.ts';
import { problemUpdates } from './problem.messages.ts';
import { runUpdates } from './runbook.messages.ts';

/** The updates that the workflow of a record takes, by the word that references of its kind begin with. */
export type RecordUpdates = Readonly<Record<string, readonly string[]>>;

export const recordUpdates: RecordUpdates = {
  plan: Object.values(planUpdates),
  incident: Object.values(incidentUpdates),
  problem: Object.values(problemUpdates),
};

/** Whether the workflow of a record of this kind, or a run of its runbooks, takes the update. */
export const takes = (updates: RecordUpdates, kind: string, update: string): boolean =>
  [...(updates[kind] ?? []), ...Object.values(runUpdates)].includes(update);
