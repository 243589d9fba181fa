import { condition } from '@temporalio/workflow';
import type { Risk } from '../../domain/problem.ts';
import { isOver } from '../../domain/problem/record.rules.ts';
import { askedRisk, riskAccepted, riskPut, riskRefused } from '../../domain/problem/risk.rules.ts';
import { decide } from '../approval.ts';
import { refusalOf } from '../refusal.ts';
import { now } from '../time.ts';
import { notify, ownerOf, type ProblemContext } from './context.ts';

/** Puts each risk that somebody asks to live with to whoever may accept it, one after the other, until the problem is over. */
export async function askForRisks(context: ProblemContext): Promise<void> {
  const { problem } = context;
  for (;;) {
    await condition(
      () => isOver(problem.current) || (askedRisk(problem.current) !== undefined && !problem.mustContinue),
    );
    const risk = askedRisk(problem.current);
    if (isOver(problem.current) || !risk) return;
    context.isAsking = true;
    try {
      await askForRisk(context, risk);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      await answer(context, risk.attempt, false, refusal);
    } finally {
      context.isAsking = false;
    }
  }
}

const askForRisk = async (context: ProblemContext, { attempt }: Risk): Promise<void> => {
  const { problem, stored, belongsTo, heardApprovals } = context;
  const { workflowId } = problem.current;
  const isWanted = (): boolean => askedRisk(problem.current)?.attempt === attempt;
  await problem.saved();
  const { id, status } = await decide(stored, {
    ask: { about: 'record', belongsTo, revision: attempt, attempt, executors: [], workflowId, at: Date.now() },
    heard: heardApprovals,
    // The next run puts the same question again, which finds the first.
    isOff: () => !isWanted() || problem.mustContinue,
    keep: (state) => {
      const asked = askedRisk(problem.current);
      if (asked?.attempt !== attempt || asked.approval === state.id) return;
      problem.apply(riskPut(problem.current, asked, state.id), { action: 'problem.risk-put' });
    },
  });
  if (status === 'open') {
    if (!isWanted()) await stored.withdrawApproval({ id, status: 'cancelled', at: Date.now() });
    return;
  }
  const isPassed =
    status === 'approved' && (await stored.passApproval({ id, by: `${workflowId}/risk-${attempt}`, at: Date.now() }));
  await answer(context, attempt, isPassed, status);
};

const answer = async (context: ProblemContext, attempt: number, isAccepted: boolean, said: string): Promise<void> => {
  const { problem } = context;
  const asked = askedRisk(problem.current);
  if (asked?.attempt !== attempt) return;
  if (isAccepted) {
    problem.apply(riskAccepted(problem.current, asked, now()), {
      action: 'problem.risk-accepted',
      detail: { until: asked.until },
    });
    return;
  }
  const { rev } = problem.apply(riskRefused(problem.current, asked), { action: 'problem.risk-refused', reason: said });
  await notify(context, `risk-refused/${rev}`, ownerOf(problem.current), { reason: 'problem-risk-refused' });
};
