import { DomainError } from '../../domain/errors.ts';
import type { ProblemStore } from '../../domain/problem/ports.ts';

/** The problem as PostgreSQL has it. Refuses one that there is not. */
export const knownProblem = async (problems: ProblemStore, number: number) => {
  const found = await problems.find(number);
  if (!found) throw new DomainError('not-found', `there is no problem ${number}`);
  return found;
};
