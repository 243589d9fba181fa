import { type RawBuilder, sql } from 'kysely';

/** A part of a list, the newest first. */
export interface Page {
  /** Where the page before ended. */
  after?: { at: string; id: string } | undefined;
  limit: number;
}

export interface TeamsPage extends Page {
  /** Teams that the asker may see; undefined for all. */
  teams?: readonly string[] | undefined;
}

/** Holds for what comes behind the end of the page before, in the order of these two columns. */
export const isBehind = (after: Page['after'], at: RawBuilder<unknown>, id: RawBuilder<unknown>) =>
  after ? sql`(${at}, ${id}) < (${after.at}::timestamptz, ${after.id})` : sql`true`;

/** Holds for what belongs to one of the teams, and for all when none are given. */
export const isOfTeams = (teams: TeamsPage['teams']) => (teams ? sql`team = any(${teams})` : sql`true`);

/** Holds where the column, or what is made of columns, has the value, and everywhere when none is asked for. */
export const is = (column: string | RawBuilder<unknown>, value: string | undefined) =>
  value === undefined ? sql`true` : sql`${typeof column === 'string' ? sql.ref(column) : column} = ${value}`;
