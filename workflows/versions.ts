import { patched } from '@temporalio/workflow';

/**
 * What workflows do otherwise than those of before did: each change with how it was. A change may go, and the old way with
 * it, once no history of before is open and none has to replay. The openings carry the older ones (see `PlanTiming`).
 */
const changes = {
  'never-begun': 'a step that was stopped before it began was taken back',
  'readiness-news': 'news of readiness while the last look was under way was not looked at',
  'release-at-end': 'an activity that ended while its run was to continue as new kept the environment',
  'pause-holds-start': 'a plan that was paused while it waited for its window started',
  'missed-start': 'a start that was missed before it was waited for was not looked for anew',
  'approval-consumed': 'the plan did not note that its approval was used up',
  'undo-waits-for-decision': 'anything that happened to the plan counted as a decision on an undo that failed',
  'standing-after-break': 'nothing was known of what a run had done that broke off',
  'tasks-end-with-others': 'open tasks were waited for when something else had failed',
  'last-status-report': 'a status report of the last moment, or one written while another was sent, was dropped',
  'undo-holds-its-environment': 'what was done was taken back whoever had the environment by then',
  'rollback-of-its-own': 'a plan was cancelled by the rollback that had opened it',
} as const;

/** True where this history began, or went on, after the change. */
export const knows = (change: keyof typeof changes): boolean => patched(change);
