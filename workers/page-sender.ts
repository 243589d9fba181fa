import { digestOf } from '../activities/channels/digest.ts';
import { asPossibleRepeat } from '../activities/channels/repeat.ts';
import {
  type PageBudget,
  pageBudget,
  pageDelayMs,
  pagerDutyBudget,
  type PageFacts,
  pageTries,
} from '../domain/page.ts';
import type { Message } from '../domain/message.ts';
import type { OutboxRow, OutboxStorage } from '../storage/outbox.ts';
import type { Send } from './sender.ts';

type PageRow = OutboxRow & { message: { page: PageFacts } };

export const isPageRow = (row: OutboxRow): row is PageRow => row.message.page !== undefined;

/**
 * Sends a page that was claimed: at once and often, whatever is wrong, until it is sent or nobody needs it any more. One that does
 * not get through brings the person's next contact forward. More than a contact can take become one digest.
 */
export function createPageSender(
  outbox: Pick<OutboxStorage, 'admit' | 'finish' | 'putBack' | 'drop' | 'hasten'>,
  send: Send,
  isNeeded: (page: PageFacts) => Promise<boolean>,
  now: () => number = Date.now,
): (row: PageRow) => Promise<void> {
  const drop = (rows: readonly OutboxRow[]): Promise<void> =>
    outbox.drop(
      rows.map(({ key }) => key),
      'nobody needs this page any more: somebody has the incident, or it is over',
    );

  /** Returns the messages that are still needed and drops the other rows. The claimed row stays, even if its own page is obsolete, where it carries the digest. */
  const needed = async (row: PageRow, others: readonly OutboxRow[]): Promise<Message[]> => {
    const all = [row, ...others];
    const answers = await Promise.all(all.map(async ({ message: { page } }) => !page || (await isNeeded(page))));
    const wanted = all.filter((_, at) => answers[at]);
    await drop(all.filter((each) => !wanted.includes(each) && (each !== row || wanted.length === 0)));
    return wanted.map(({ message }) => message);
  };

  return async (row) => {
    const { key, fence, attempts } = row;
    const { page } = row.message;
    if (!row.isAdmitted && !(await isNeeded(page))) return drop([row]);
    const admission = await outbox.admit(key, fence, ...budgetOf(row.message));
    if (!admission) return;
    if (!admission.admitted) {
      const detail =
        'held back: the contact has had as many pages as it can take, and gets one message for all that wait';
      return outbox.putBack(key, fence, { delayMs: admission.waitMs, detail, held: true });
    }
    const messages = await needed(row, admission.others);
    if (messages.length === 0) return;
    const message = digestOf(messages);
    const sent = await send(row, row.mayBeRepeat ? asPossibleRepeat(message) : message);
    const { detail } = sent;
    if (sent.sent) return void (await outbox.finish(key, fence, { ok: true, detail }));
    const sinceMs = now() - Date.parse(admission.since);
    const delayMs = pageDelayMs(attempts, sinceMs, 'retryAfterMs' in sent ? sent.retryAfterMs : undefined);
    // Whoever will never take it is no reason to wait for the next one.
    const nextInMs = sent.fault === 'receiver' ? 0 : Math.max(0, pageTries.nextContactAfterMs - sinceMs);
    if (nextInMs <= delayMs)
      for (const { page: each } of messages) if (each) await outbox.hasten(each.turn, each.place + 1, nextInMs);
    await outbox.putBack(key, fence, {
      delayMs,
      detail,
      held: sent.fault === 'installation',
      isTry: true,
      isInDoubt: 'isInDoubt' in sent && sent.isInDoubt,
    });
  };
}

/** PagerDuty takes so much of an integration, and needs each incident for itself. */
const budgetOf = (message: PageRow['message']): [string | undefined, PageBudget] =>
  message.kind === 'pagerduty' ? [`pagerduty ${message.channel}`, pagerDutyBudget] : [message.page.contact, pageBudget];
