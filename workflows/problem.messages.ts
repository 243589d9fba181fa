import type { ProblemAsk } from '../domain/problem/ask.ts';

export const problemWorkflowType = 'manageProblem';

/** Name of the update for each thing that can be asked of a problem. */
export const problemUpdates = {
  assess: 'assessProblem',
  assign: 'assignProblem',
  link: 'linkIncidentToProblem',
  unlink: 'unlinkIncidentFromProblem',
  claim: 'claimOfProblem',
  'judge-claim': 'judgeClaimOfProblem',
  'publish-known-error': 'publishKnownError',
  'add-action': 'addProblemAction',
  'start-action': 'startProblemAction',
  'complete-action': 'completeProblemAction',
  'drop-action': 'dropProblemAction',
  'accept-risk': 'acceptProblemRisk',
  close: 'closeProblem',
  note: 'noteOnProblem',
} as const satisfies Record<ProblemAsk['type'], string>;
