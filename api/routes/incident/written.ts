import { DomainError } from '../../../domain/errors.ts';
import type { ReviewDocument } from '../../../domain/incident/review.ts';
import type { IncidentRow } from '../../../storage/incident/index.ts';
import type { Context } from '../../context.ts';
import { refuseStranger } from '../../eligibility.ts';

/** It is still today somewhere. */
const lateMs = 12 * 3_600_000;

/** Nobody would ever do what is for a stranger, or was due before it was written. What was there before may stay. */
export const refuseUndoable = async (
  context: Pick<Context, 'recent'>,
  { record }: IncidentRow,
  { owner, actions }: ReviewDocument,
): Promise<void> => {
  const before = record?.review?.document;
  const known = [before?.owner, ...(before?.actions ?? []).map((action) => action.owner)];
  if (owner !== undefined && !known.includes(owner)) await refuseStranger(context, owner, 'owner');
  const today = new Date(Date.now() - lateMs).toISOString().slice(0, 10);
  for (const [at, { text, owner: doer, dueOn }] of actions.entries()) {
    if (!known.includes(doer)) await refuseStranger(context, doer, `actions.${at}.owner`);
    const isNew = !before?.actions.some((action) => action.text === text && action.dueOn === dueOn);
    if (isNew && dueOn < today)
      throw new DomainError('invalid', `"${text}" is due on ${dueOn}, which is over`, `actions.${at}.dueOn`);
  }
};
