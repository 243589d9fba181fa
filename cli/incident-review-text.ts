import type { Review } from '../domain/incident/review.ts';
import { aligned, plain, status, when } from './print.ts';

type Facts = (readonly [string, string | undefined])[];

/** How the review stands: why it is held, who wrote it, and who signed it. */
export const reviewFacts = (review: Review | undefined): Facts => {
  if (!review) return [];
  const { status: stands, because, dueAt, authors, signedBy, signedAt } = review;
  const due = stands === 'reviewed' ? '' : `, due ${when(dueAt)}`;
  return [
    ['review', `${status(stands)}, ${plain(because)}${due}`],
    ['written by', authors.map(plain).join(', ')],
    ['signed by', signedBy && `${plain(signedBy)}, ${when(signedAt)}`],
  ];
};

/** What is to be done after it, by the numbers that `complete-action` takes. */
export const actionsText = (review: Review | undefined): string[] => {
  const actions = review?.document.actions ?? [];
  if (actions.length === 0) return [];
  const rows = actions.map(({ text, owner, dueOn, doneAt }, at) => [
    String(at + 1),
    doneAt === undefined ? `due ${dueOn}` : `${status('done')} ${when(doneAt)}`,
    plain(owner),
    plain(text),
  ]);
  return [`actions\n${aligned(rows, '  ')}`];
};
