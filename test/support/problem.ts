import { expect } from 'vitest';
import { problemReference, problemWorkflowIdOf } from '../../domain/identifiers.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Ops } from './ops.ts';
import { skip } from './time.ts';
import { untilFits } from './until-fits.ts';

/** A problem that a person opens. */
export const openProblem = async (ops: Ops, body: object = {}, by = 'dan') => {
  const reply = await ops.as(by)('POST', '/v1/problems', { title: 'It keeps happening', service: 'checkout', ...body });
  const problem = problemOf(ops, Number(reply.body['problem']));
  await problem.until(() => true);
  return problem;
};

/** The open problems that have one of these incidents, in the order of their numbers, as soon as there are so many. */
export const problemsWith = async (ops: Ops, incidents: readonly number[], count = 1): Promise<Problem[]> => {
  const found = async (): Promise<Problem[]> => {
    const { items } = await ops.stores.problems.list({ limit: 200, open: true });
    return items
      .flatMap(({ record }) => record ?? [])
      .filter((problem) => problem.incidents.some(({ number }) => incidents.includes(number)))
      .toSorted((a, b) => a.number - b.number);
  };
  await expect.poll(async () => (await found()).length, { timeout: 15_000 }).toBe(count);
  return found();
};

export const problemOf = (ops: Ops, number: number) => {
  const now = async (): Promise<Problem | undefined> => (await ops.stores.problems.find(number))?.record ?? undefined;
  const until = (fits: (problem: Problem) => boolean): Promise<Problem> => untilFits('the problem', now, fits);
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
