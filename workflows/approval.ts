import type { ApprovalAsk } from '../activities/approval/question.ts';
import type { ApprovalState } from '../activities/approval/state.ts';
import { condition } from '@temporalio/workflow';
import type { Stored } from './activities.ts';

export interface Deciding {
  ask: ApprovalAsk;
  /** Told each time the state was read, so that it can be kept. */
  keep(state: ApprovalState): void;
  /** Counts what was heard of approvals; the wait looks at the database after each. */
  heard(): number;
  /** Nobody is to answer it any more, or it is put again by the next run. */
  isOff(): boolean;
}

/**
 * Puts a question and waits for its answer: remind, then escalate once if the policy names more people, then expire.
 * Silence is never approval. Returns an open state only when the wait is off.
 */
export async function decide(stored: Stored, { ask, keep, heard, isOff }: Deciding): Promise<ApprovalState> {
  let seen = heard();
  let state = await stored.openApproval(ask);
  const remindedFor = new Set<number>();
  keep(state);
  while (state.status === 'open' && !isOff()) {
    const { remindAt, deadlineAt } = state;
    const isReminder = remindAt !== undefined && remindAt > Date.now() && !remindedFor.has(deadlineAt);
    const until = isReminder ? remindAt : deadlineAt;
    const isHeard = await condition(() => heard() !== seen || isOff(), Math.max(1, until - Date.now()));
    if (isOff()) break;
    if (isHeard) {
      seen = heard();
      state = await stored.readApproval(state.id);
    } else if (isReminder) {
      remindedFor.add(deadlineAt);
      await stored.remindApprovers(state.id);
    } else {
      // The database is asked first: a decision of the last moment counts.
      state = await stored.readApproval(state.id);
      if (state.status === 'open' && state.mayEscalate)
        state = await stored.escalateApproval({ id: state.id, at: Date.now() });
      else if (state.status === 'open') state = await stored.expireApproval({ id: state.id, at: Date.now() });
    }
    keep(state);
  }
  return state;
}
