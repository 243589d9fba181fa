import type { IncidentAsk } from '../domain/incident/ask.ts';
import { completeTask, reassignTask } from './task.messages.ts';

export const incidentWorkflowType = 'manageIncident';

/** Name of the update for each thing that can be asked of an incident. */
export const incidentUpdates = {
  acknowledge: 'acknowledgeIncident',
  unacknowledge: 'unacknowledgeIncident',
  assign: 'assignIncident',
  escalate: 'escalateIncident',
  snooze: 'snoozeIncident',
  triage: 'triageIncident',
  'set-severity': 'setIncidentSeverity',
  prioritize: 'prioritizeIncident',
  'set-role': 'setIncidentRole',
  mitigate: 'mitigateIncident',
  'start-runbook': 'startIncidentRunbook',
  hold: 'holdIncident',
  resume: 'resumeIncident',
  restore: 'restoreIncident',
  resolve: 'resolveIncident',
  reopen: 'reopenIncident',
  cancel: 'cancelIncident',
  merge: 'mergeIncident',
  split: 'splitIncident',
  link: 'linkIncident',
  unlink: 'unlinkIncident',
  close: 'closeIncident',
  'request-review': 'requestIncidentReview',
  'write-review': 'writeIncidentReview',
  'sign-review': 'signIncidentReview',
  'complete-action': 'completeIncidentAction',
  workaround: 'applyWorkaround',
  note: 'noteOnIncident',
  'report-status': 'reportIncidentStatus',
  'complete-task': completeTask,
  'reassign-task': reassignTask,
} as const satisfies Record<IncidentAsk['type'], string>;

/** Signal: something became of its alerts. Whoever hears it asks the database. */
export const alertsChanged = 'alertsChanged';
