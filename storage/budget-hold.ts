import { sql } from 'kysely';
import { evenkeel } from '../domain/actor.rules.ts';
import type { Actor } from '../domain/actor.ts';
import { DomainError } from '../domain/errors.ts';
import type { BudgetHold } from '../domain/objective/hold.ts';
import { holdOf, isHoldOf } from '../domain/objective/hold-of.ts';
import type { ObjectiveStore, Place } from '../domain/objective/ports.ts';
import type { Wanted } from '../domain/objective/wanted.ts';
import { budgetHoldColumns, type BudgetHoldRow as Row, holdOrFreeze, isReadable, readHold } from './budget-hold-row.ts';
import type { Database } from './database.ts';
import { append } from './ledger.ts';
import { isBehind, isOfTeams, type TeamsPage } from './page.ts';
import { type Listed, listed } from './stored.ts';

export interface BudgetHoldStorage extends Pick<ObjectiveStore, 'settleHolds' | 'unsettled' | 'holdsOn'> {
  find(id: string): Promise<BudgetHold | undefined>;
  /** The newest first; those that are open, those that have ended, or all. */
  list(page: TeamsPage & { open?: boolean | undefined }): Promise<Listed<BudgetHold>>;
  /** Changes a hold under its row lock, with its entry of the ledger. The change may throw a `DomainError`. */
  change(
    id: string,
    what: { action: 'overridden' | 'reviewed'; by: Actor; at: string; reason: string },
    change: (hold: BudgetHold) => BudgetHold,
  ): Promise<BudgetHold>;
}

const columns = sql.raw(budgetHoldColumns);

/** Holds of spent error budgets in PostgreSQL: what it says counts, and no message. */
export const createBudgetHoldStore = (db: Database): BudgetHoldStorage => ({
  async settleHolds(place, wanted, at) {
    const openOf = sql`select ${columns} from budget_hold where objective = ${place.objective} and ended_at is null order by id`;
    // Nearly always there is nothing to do.
    if (wanted.length === 0 && (await openOf.execute(db)).rows.length === 0) return [];
    return db.transaction().execute(async (tx) => {
      const { rows } = await sql<Row>`${openOf} for update`.execute(tx);
      const moment = new Date(at).toISOString();
      const [staying, ending] = [true, false].map((stays) =>
        rows.filter((row) => wanted.some((one) => isOf(row, place, one)) === stays),
      ) as [Row[], Row[]];
      for (const row of ending) await end(tx, row, moment);
      const ended = ending.map((row) => ({ ...holdOrFreeze(row), endedAt: moment }));
      const fresh = wanted
        .filter((one) => !staying.some((row) => isOf(row, place, one)))
        .map((one) => holdOf(place, one, moment));
      for (const hold of fresh) await begin(tx, hold);
      return [...ended.map((hold) => ({ hold, isOpened: false })), ...fresh.map((hold) => ({ hold, isOpened: true }))];
    });
  },
  async unsettled() {
    const { rows } = await sql<Place>`
      select distinct objective, service, team from budget_hold where ended_at is null
      union select a.objective, o.state->>'service', o.state->>'team' from objective_alert a join objective o on o.name = a.objective
        where o.state->>'service' is not null and o.state->>'team' is not null
      order by 1 limit 5000`.execute(db);
    return rows;
  },
  async holdsOn(service) {
    const { rows } = await sql<Row>`
      select ${columns} from budget_hold where service = ${service} and ended_at is null order by opened_at, id limit 200`.execute(
      db,
    );
    return rows.map(holdOrFreeze);
  },
  async find(id) {
    const { rows } = await sql<Row>`select ${columns} from budget_hold where id = ${id}`.execute(db);
    return rows[0] && holdOrFreeze(rows[0]);
  },
  async list({ teams, after, limit, open }) {
    const { rows } = await sql<Row>`
      select ${columns} from budget_hold
      where ${isOfTeams(teams)} and ${open === undefined ? sql`true` : sql`(ended_at is null) = ${open}`} and ${isBehind(after, sql`opened_at`, sql`id::text`)}
      order by opened_at desc, id::text desc limit ${limit}`.execute(db);
    return listed(rows, limit, readHold, ({ openedAt, id }) => ({ at: openedAt, id }));
  },
  change: (id, { action, by: actor, at, reason }, change) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql<Row>`select ${columns} from budget_hold where id = ${id} for update`.execute(tx);
      if (!rows[0]) throw new DomainError('not-found', `there is no budget hold ${id}`);
      const next = change(holdOrFreeze(rows[0]));
      await sql`update budget_hold set record = ${JSON.stringify(next)}::jsonb where id = ${id}`.execute(tx);
      const subject = `budget-hold/${id}`;
      const detail = { objective: next.objective, service: next.service, until: next.overridden?.until };
      await append(tx, {
        key: `${subject}/${action}/${at}`,
        at,
        actor,
        action: `budget-hold.${action}`,
        subject,
        reason,
        detail,
      });
      return next;
    }),
});

/** One that cannot be read is of no rule, so that it ends and another one begins. */
const isOf = (row: Row, place: Place, wanted: Wanted): boolean =>
  isReadable(row) && isHoldOf(readHold(row), place, wanted);

const begin = async (tx: Database, hold: BudgetHold): Promise<void> => {
  const { id, policy, rule, objective, service, team, openedAt: at, why: reason, actions } = hold;
  await sql`
    insert into budget_hold (id, policy, rule, objective, service, team, opened_at, record)
    values (${id}, ${policy}, ${rule}, ${objective}, ${service}, ${team}, ${at}, ${JSON.stringify(hold)}::jsonb)`.execute(
    tx,
  );
  const subject = `budget-hold/${id}`;
  const detail = { policy, rule, objective, service, actions };
  await append(tx, {
    key: `${subject}/opened`,
    at,
    actor: evenkeel,
    action: 'budget-hold.opened',
    subject,
    reason,
    detail,
  });
};

/** What cannot be read stays as it is. */
const end = async (tx: Database, row: Row, at: string): Promise<void> => {
  const { id, objective, service } = row;
  const record = isReadable(row) ? JSON.stringify({ ...readHold(row), endedAt: at }) : null;
  await sql`update budget_hold set ended_at = ${at}, record = coalesce(${record}::jsonb, record) where id = ${id}`.execute(
    tx,
  );
  const subject = `budget-hold/${id}`;
  const detail = { objective, service };
  await append(tx, { key: `${subject}/ended`, at, actor: evenkeel, action: 'budget-hold.ended', subject, detail });
};
