import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import type { Page } from '../storage/page.ts';
import type { Listed } from '../storage/stored.ts';

/** Query of every list: how many, and where the last page ended. */
export const PageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.string().max(600).optional().meta({ description: 'The `next` of the previous page' }),
};

/** The answer that has all there is. */
export const allOf = (description: string, item: z.ZodType) => ({
  status: 200,
  description,
  schema: z.object({ items: z.array(item) }),
});

/** The answer of every list that has pages. */
export const pagesOf = (item: z.ZodType) => ({
  status: 200,
  description: 'A page',
  schema: z.object({
    items: z.array(item),
    next: z.string().optional(),
    unreadable: z.int().optional().meta({ description: 'How many more rows cannot be read' }),
  }),
});

/** Of a plan, an approval or a task. */
const idForm = /^[\w.-]{1,400}$/;
/** Of a row of the inbox, or a token. */
export const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads a cursor. Throws `invalid` for one that we did not give for this list. */
export const positionOf = (cursor: string | undefined, form = idForm): Page['after'] => {
  if (cursor === undefined) return undefined;
  const [at = '', id = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split('\n');
  if (!isInstant(at) || !form.test(id)) throw new DomainError('invalid', 'expected the `next` of a page', 'after');
  return { at, id };
};

/** As we write it ourselves: there is no 30 February. */
const isInstant = (text: string): boolean =>
  /^[12]\d{3}-/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString() === text;

/** A page of what can be read, with the cursor of the next one. */
export const pageOfListed = <Item, Shown>(
  { items, unreadable, next }: Listed<Item>,
  show: (item: Item) => Shown,
): { items: Shown[]; next?: string; unreadable?: number } => ({
  items: items.map(show),
  ...(next && { next: cursorOf(next) }),
  ...(unreadable > 0 && { unreadable }),
});

const cursorOf = ({ at, id }: NonNullable<Page['after']>): string => Buffer.from(`${at}\n${id}`).toString('base64url');

/** A page with the cursor of the next one, which is there when the page is full. */
export const pageOf = <Item>(
  items: readonly Item[],
  limit: number,
  place: (item: Item) => NonNullable<Page['after']>,
): { items: readonly Item[]; next?: string } => {
  const last = items.at(-1);
  if (!last || items.length < limit) return { items };
  return { items, next: cursorOf(place(last)) };
};
