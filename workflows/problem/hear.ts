import type { Problem, ProblemTiming } from '../../domain/problem.ts';
import type { ProblemCommand } from '../../domain/problem/ask.ts';
import * as ask from '../../domain/problem/ask.rules.ts';
import { problemUpdates } from '../problem.messages.ts';
import type { Answers, Tracked } from '../track/index.ts';

/** Takes commands for the problem. */
export const listen = (problem: Tracked<Problem>, timing: ProblemTiming): void =>
  problem.accepts<ProblemCommand>(problemUpdates, answers(timing));

const answers = (timing: ProblemTiming): Answers<Problem, ProblemCommand> => ({
  assess: ['problem.assessed', (problem, why) => ask.assess(problem, why, timing)],
  assign: ['problem.assigned', ask.assign],
  link: ['problem.linked', ask.link],
  unlink: ['problem.unlinked', ask.unlink],
  claim: ['problem.claimed', ask.claim],
  'judge-claim': ['problem.claim-judged', ask.judgeClaim],
  'publish-known-error': ['problem.known-error-published', ask.publishKnownError],
  'add-action': ['problem.action-added', ask.addAction],
  'start-action': ['problem.action-started', ask.startAction],
  'complete-action': ['problem.action-done', ask.completeAction],
  'drop-action': ['problem.action-dropped', ask.dropAction],
  'accept-risk': ['problem.risk-asked', ask.acceptRisk],
  close: ['problem.closed', ask.close],
  note: ['problem.noted', ask.note],
});
