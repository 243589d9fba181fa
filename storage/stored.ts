import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Page } from './page.ts';

/** What is stored has not the shape of what it should be: written by hand, or by another version. Nobody who asks is at fault. */
export class UnreadableRow extends Error {
  constructor(name: string, { issues: [first] }: z.ZodError) {
    super(`${name} cannot be read: ${first?.path.join('.')}: ${first?.message}`);
    this.name = 'UnreadableRow';
  }
}

/** Reads what was stored under this name. Throws `UnreadableRow`. */
export const readStored = <Schema extends z.ZodType>(
  schema: Schema,
  stored: unknown,
  name: string,
): z.output<Schema> => {
  const read = schema.safeParse(stored);
  if (!read.success) throw new UnreadableRow(name, read.error);
  return read.data;
};

/** A part of a list: what can be read of it, and how much cannot. */
export interface Listed<Item> {
  items: Item[];
  unreadable: number;
  /** Where the next part begins, when this one is full. */
  next?: NonNullable<Page['after']>;
}

/** What a list has; nothing, where it is no list. */
export const elementsOf = (list: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`jsonb_array_elements(case when jsonb_typeof(${list}) = 'array' then ${list} else '[]' end)`;

/** Reads each row by itself: one that cannot be read takes no other along. */
export const readable = <Row, Item>(rows: readonly Row[], read: (row: Row) => Item): Item[] =>
  rows.flatMap((row) => {
    try {
      return [read(row)];
    } catch (error) {
      if (error instanceof UnreadableRow) return [];
      throw error;
    }
  });

/** The rows of a list, as `readable`. */
export const listed = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  read: (row: Row) => Item,
  place: (row: Row) => NonNullable<Page['after']>,
): Listed<Item> => {
  const items = readable(rows, read);
  const last = rows.length < limit ? undefined : rows.at(-1);
  return { items, unreadable: rows.length - items.length, ...(last && { next: place(last) }) };
};
