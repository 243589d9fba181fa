import type { Recipient, Said } from '../../domain/notice.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Reference } from '../../domain/reference.ts';
import type { Stored } from '../activities.ts';
import type { Tracked } from '../track/index.ts';

/** What the parts of a problem's workflow share. */
export interface ProblemContext {
  problem: Tracked<Problem>;
  belongsTo: Reference;
  stored: Stored;
  /** Counts what was heard of approvals. */
  heardApprovals: () => number;
  /** Whoever was told last that it is theirs. */
  toldOwner: string | undefined;
  /** The version of its known error that open incidents were told of. */
  toldVersion: number;
  /** Somebody is asked whether they accept its risk; the history is not cut meanwhile. */
  isAsking: boolean;
}

/** Whoever answers for it; the team where nobody does. */
export const ownerOf = ({ owner, team }: Problem): Recipient => (owner === undefined ? { team } : { person: owner });

/** Notifies somebody once for each key, when what is said can be read in PostgreSQL. */
export const notify = async (
  { problem, belongsTo, stored }: ProblemContext,
  key: string,
  to: Recipient,
  said: Said,
): Promise<void> => {
  await problem.saved();
  await stored.notifyPeople({ key: `${problem.current.workflowId}/${key}`, belongsTo, to, said });
};
