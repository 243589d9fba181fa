import { BudgetHold } from '../domain/objective/hold.ts';
import { readable, readStored } from './stored.ts';

export interface BudgetHoldRow {
  id: string;
  policy: string;
  rule: number;
  objective: string;
  service: string;
  team: string;
  openedAt: string;
  endedAt: string | null;
  record: unknown;
}

/** The columns of a row, for a statement. */
export const budgetHoldColumns = 'id, policy, rule, objective, service, team, opened_at, ended_at, record';

/** Throws `UnreadableRow`. */
export const readHold = ({ id, record }: BudgetHoldRow): BudgetHold =>
  readStored(BudgetHold, record, `budget hold ${id}`);

export const isReadable = (row: BudgetHoldRow): boolean => readable([row], readHold).length === 1;

/** A hold that nobody can read goes on holding, by what its columns say, until it is ended or an admin overrides it. */
export const holdOrFreeze = (row: BudgetHoldRow): BudgetHold => readable([row], readHold)[0] ?? frozenBy(row);

const frozenBy = ({ id, policy, rule, objective, service, team, openedAt, endedAt }: BudgetHoldRow): BudgetHold => ({
  id,
  policy,
  rule,
  objective,
  service,
  team,
  actions: ['freeze'],
  exceptions: [],
  override: { role: 'admin', expiry: '1d' },
  why: `budget hold ${id} of ${objective} cannot be read`,
  openedAt,
  ...(endedAt === null ? {} : { endedAt }),
});
