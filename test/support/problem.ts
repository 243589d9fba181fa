import { problemReference, problemWorkflowIdOf } from '../../domain/identifiers.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Ops } from './ops.ts';
import { skip } from './time.ts';
import { untilFits } from './until-fits.ts';

/** A problem that a person opens. */
export const openProblem = async (ops: Ops, body: object = {}, by = 'dan') => {
  const reply = await ops.as(by)('POST', '/v1/problems', { title: 'It keeps happening', service: 'checkout', ...body });
  const number = Number(reply.body['problem']);
  const now = async (): Promise<Problem | undefined> => (await ops.stores.problems.find(number))?.record ?? undefined;
  const until = (fits: (problem: Problem) => boolean): Promise<Problem> => untilFits('the problem', now, fits);
  await until(() => true);
  return {
    number,
    reference: problemReference(number),
    now,
    until,
    becomes: (status: Problem['status']) => until((problem) => problem.status === status),
    ask: (person: string, what: string, asked: object = {}) =>
      ops.as(person)('POST', `/v1/problems/${number}/${what}`, asked),
    skip: (milliseconds: number) => skip(ops.client, problemWorkflowIdOf(number), milliseconds),
  };
};
