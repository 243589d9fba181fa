import type { Message } from '../../domain/message.ts';

/** What became of a message: sent, or a reason and whose fault that is. */
export type Sent =
  | { sent: true; detail: string }
  /** It will never take it: the message is given up. */
  | { sent: false; fault: 'receiver'; detail: string }
  /** Trying again makes sense, for some days. */
  | {
      sent: false;
      fault: 'passing';
      detail: string;
      retryAfterMs?: number | undefined;
      /** It may have arrived, and nobody said so. */
      isInDoubt?: boolean | undefined;
    }
  /** Ours to mend: the message waits for that, and with it others of the channel, unless it concerns this one alone. */
  | {
      sent: false;
      fault: 'installation';
      concerns: 'message' | 'channel';
      detail: string;
      isInDoubt?: boolean | undefined;
    };

export interface Sending {
  key: string;
  /** When the message was written, for receivers that want the time of the fact. */
  createdAt: string;
  /** An id that is equal on every attempt and shows nothing. */
  idOf(key: string): string;
  /** What the provider called the first message of this record to the same address, if there was one. */
  firstId(): Promise<string | undefined>;
}

/** One way to reach somebody. Does not throw: what went wrong is said. */
export type Channel<Kind extends Message['kind']> = (
  message: Extract<Message, { kind: Kind }>,
  sending: Sending,
) => Promise<Sent>;
