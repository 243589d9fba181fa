import type { Reply } from '../egress.ts';
import { retryAfterMs } from '../retry-after.ts';
import type { Sent } from './channel.ts';
import { mayHaveArrived } from './repeat.ts';

/** No receiver gets longer to answer. */
export const timeoutMs = 10_000;

/** What a reply to a message means. Any status but 2xx is a failure, and tried again unless the receiver is gone. */
export const sentBy = (reply: Reply, idOf: (body: string) => string | undefined = () => undefined): Sent => {
  if (!reply.sent)
    return reply.refused || isUntrusted(reply.reason)
      ? ours(reply.reason)
      : { sent: false, fault: 'passing', detail: reply.reason, isInDoubt: mayHaveArrived(reply.reason) };
  const detail = `status ${reply.status}`;
  if (reply.status >= 200 && reply.status < 300) return { sent: true, detail: idOf(reply.body) ?? detail };
  if (reply.status === 410) return { sent: false, fault: 'receiver', detail };
  // It does not believe who we are, whatever we send.
  if ([401, 403, 407].includes(reply.status)) return ours(detail);
  return { sent: false, fault: 'passing', detail, retryAfterMs: retryAfterMs(reply.headers, Date.now()) };
};

/** This installation's to mend: all messages of the channel wait for that. */
export const ours = (detail: string): Sent => ({ sent: false, fault: 'installation', concerns: 'channel', detail });

/** The channel has gone from the catalogue, or is of another type now. */
export const noChannel = (kind: string, name: string): Sent => ({
  sent: false,
  fault: 'receiver',
  detail: `there is no ${kind} ${name}`,
});

/** Nobody that is trusted here vouches for the receiver: its `authority` is to be named. */
const isUntrusted = (reason: string): boolean => /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/.test(reason);
