import { condition, continueAsNew } from '@temporalio/workflow';
import { evenkeel } from '../../domain/actor.rules.ts';
import { problemReference } from '../../domain/identifiers.ts';
import type { Problem, ProblemInput } from '../../domain/problem.ts';
import { nextProblemDeadline } from '../../domain/problem/deadline.rules.ts';
import { isOver, open } from '../../domain/problem/record.rules.ts';
import { hasRecurred } from '../../domain/problem/verification.rules.ts';
import { createStored, createTurns } from '../activities.ts';
import { approvalDecided } from '../approval.messages.ts';
import { unlessCancelled } from '../cancellation.ts';
import { now } from '../time.ts';
import { type Carried, track } from '../track/index.ts';
import { act, isToBeCounted, judge } from './act.ts';
import type { ProblemContext } from './context.ts';
import { listen } from './hear.ts';
import { askForRisks } from './risk.ts';
import { tellIncidents, tellOwner } from './tell.ts';

/** What a run hands to the next, beside the record. */
type CarriedProblem = Pick<ProblemContext, 'toldOwner' | 'toldVersion'>;

/**
 * Carries one problem from its opening to its end. It waits for people, for numbers and for dates, for months; it continues as new
 * wherever nothing is under way.
 */
export async function manageProblem(
  input: ProblemInput,
  carried?: Carried<Problem>,
  before?: CarriedProblem,
): Promise<void> {
  const { number, timing } = input;
  const stored = createStored(createTurns());
  const belongsTo = problemReference(number);
  const problem = track<Problem>({
    initial: open(input),
    opening: { by: evenkeel, at: now(), action: 'problem.opened' },
    carried,
    subject: belongsTo,
    belongsTo,
    save: stored.saveProblem,
    again: (next) => {
      const { toldOwner, toldVersion } = context;
      return continueAsNew<typeof manageProblem>(input, next, { toldOwner, toldVersion });
    },
    messagesPerRun: timing.messagesPerRun,
  });
  const context: ProblemContext = {
    problem,
    belongsTo,
    stored,
    heardApprovals: problem.counts(approvalDecided),
    toldOwner: before?.toldOwner,
    toldVersion: before?.toldVersion ?? 0,
    isAsking: false,
  };
  listen(problem, timing);

  await problem.unlessRefused(carryOut(context));
}

const carryOut = async (context: ProblemContext): Promise<void> => {
  const { problem, stored, belongsTo } = context;
  askForRisks(context).catch(unlessCancelled);
  while (!isOver(problem.current)) {
    const { current } = problem;
    if (problem.mustContinue) await problem.continueAsNew(() => !context.isAsking);
    const due = nextProblemDeadline(current);
    if (hasRecurred(current) || isToBeCounted(current)) await judge(context);
    else if (due && due.at <= Date.now()) await act(context, due);
    else if (current.owner !== context.toldOwner) await tellOwner(context);
    else if ((current.knownError?.version ?? 0) > context.toldVersion) await tellIncidents(context);
    else await waitFor(() => problem.current !== current || problem.mustContinue, due?.at);
  }
  await problem.saved();
  await stored.reportCompletion({ belongsTo });
  await problem.settled();
};

const waitFor = async (change: () => boolean, until: number | undefined): Promise<void> => {
  if (until === undefined) await condition(change);
  else await condition(change, Math.max(1, until - Date.now()));
};
