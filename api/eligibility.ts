import { decidersOf } from '../domain/approval/stage.rules.ts';
import { DomainError } from '../domain/errors.ts';
import type { Reference } from '../domain/reference.ts';
import type { Context } from './context.ts';

/** Nobody would ever answer for somebody who is not there. */
export const refuseStranger = async (
  { recent }: Pick<Context, 'recent'>,
  person: string,
  field: string,
): Promise<void> => {
  if (!(await recent.find('Person', person)))
    throw new DomainError('invalid', `the catalogue has no person ${person}`, field);
};

/** Whoever has voted on a record, or on a step of it, does not come to execute it. */
export async function refuseDecider(
  { stores }: Context,
  belongsTo: Reference,
  person: string,
  field?: string,
): Promise<void> {
  const approvals = await stores.approvals.of(belongsTo);
  if (decidersOf(approvals).includes(person))
    throw new DomainError(
      'not-allowed',
      `${person} has voted on ${belongsTo}, and whoever decides does not execute`,
      field,
    );
}
