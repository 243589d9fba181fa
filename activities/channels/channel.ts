import type { Message } from '../../domain/ports.ts';

/** What became of a message: sent, or a reason and whether trying again makes sense. */
export type Sent =
  | { sent: true; detail: string }
  | { sent: false; isFinal: boolean; detail: string; retryAfterMs?: number | undefined };

export interface Sending {
  key: string;
  /** When the message was written, for receivers that want the time of the fact. */
  createdAt: string;
  /** An id that is equal on every attempt and shows nothing. */
  idOf(key: string): string;
}

/** One way to reach somebody. Does not throw: what went wrong is said. */
export type Channel<Kind extends Message['kind']> = (
  message: Extract<Message, { kind: Kind }>,
  sending: Sending,
) => Promise<Sent>;
