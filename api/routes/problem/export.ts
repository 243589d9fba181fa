import type { Database } from '../../../storage/database.ts';
import { createProblemStore } from '../../../storage/problem.ts';

/** What an export has of a problem itself. */
export const exportedProblem = async (tx: Database, id: string) => ({
  state: (await createProblemStore(tx).find(Number(id)))?.record ?? null,
});
