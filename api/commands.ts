import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { canonical, sha256 } from '../domain/digest.ts';
import type { Accepted, Arrival, InboxRow } from '../domain/inbox.ts';
import { DomainError } from '../domain/errors.ts';
import type { Reference } from '../domain/reference.ts';
import type { InboxStore } from '../storage/inbox.ts';
import type { Delivery } from '../workers/delivery.ts';
import { senderOf } from './access.ts';
import { type Asker, idempotencyKeyOf, mayHaveKey } from './idempotency.ts';
import { deliverySeconds } from './metrics.ts';
import type { Answer } from './operation.ts';

const CommandState = z.object({ command: z.string(), state: z.enum(['applied', 'recorded']) });
export type CommandState = z.infer<typeof CommandState>;

const location = { Location: 'Where the command and its verdict are shown' };

/** What every command takes and is answered with. */
export const asCommand = {
  headers: mayHaveKey,
  answer: { status: 200, description: 'Applied', schema: CommandState, headers: location },
  alsoAnswers: [
    {
      status: 202,
      description: 'Recorded; a worker will apply it as soon as one is available',
      schema: CommandState,
      headers: location,
    },
  ],
};

const patienceMs = 2_000;
/** Facts that the API delivers itself at once; more of them are left to the deliverer. */
const mostAtOnce = 8;

/** What somebody asks of the workflow of a record, or of one of its runs. */
interface Command {
  belongsTo: Reference;
  target: string;
  name: string;
  team: string;
  ask: Record<string, unknown>;
}

export interface Commands {
  /** Writes a person's command down, tries to deliver it, and waits a moment for its verdict. */
  submit(command: Command, by: Asker): Promise<Answer>;
  /** Commits a fact and starts its delivery. With `patient` it waits a moment for what becomes of it. */
  accept(arrival: Arrival, patient?: boolean): Promise<Accepted>;
}

/** The fast path: the one who accepted a row is its first deliverer. */
export function createCommands(inbox: InboxStore, delivery: Delivery): Commands {
  let underWay = 0;

  /** Delivers what is new, and says how it stands after a moment. */
  const hand = async (arrival: Arrival, accepted: Accepted): Promise<Accepted> => {
    if (!accepted.isNew) return accepted;
    underWay += 1;
    const deliverySince = deliverySeconds.labels(arrival.kind).startTimer();
    const { deadBecause: _, ...rest } = arrival;
    const row: InboxRow = {
      ...rest,
      id: accepted.id,
      state: 'accepted',
      verdict: null,
      receivedAt: new Date().toISOString(),
      fence: accepted.fence,
      attempts: 0,
    };
    const handing = delivery.deliver(row).finally(() => {
      underWay -= 1;
      deliverySince();
    });
    // Whatever happens after the answer is seen to by the deliverer, once the lease has ended.
    handing.catch(() => {});
    const patience = setTimeout(patienceMs, undefined, { ref: false });
    const delivered = await Promise.race([handing, patience]).catch(() => undefined);
    return delivered && delivered.state !== 'later' ? { ...accepted, ...delivered } : accepted;
  };

  return {
    async submit({ ask, ...command }, { access, headers }) {
      const { target, name } = command;
      const body = Buffer.from(canonical({ target, name, ask }));
      const arrival: Arrival = {
        kind: 'command',
        source: senderOf(access),
        dedupKey: idempotencyKeyOf(headers) ?? randomUUID(),
        ...command,
        actor: access.actor,
        body,
        bodyHash: sha256(body),
        content: { ask },
      };
      const accepted = await inbox.accept(arrival, true);
      if (!accepted.isSameBody)
        throw new DomainError(
          'conflict',
          'this Idempotency-Key was already used with another command',
          'Idempotency-Key',
        );
      return answerOf(await hand(arrival, accepted));
    },
    async accept(arrival, patient = false) {
      const { content, deadBecause } = arrival;
      const isLive = deadBecause === undefined;
      const foreseen =
        isLive && 'facts' in content && content.family === 'deployment'
          ? await delivery.foresee(content.facts, arrival)
          : undefined;
      const isFast = isLive && !foreseen && (patient || underWay < mostAtOnce);
      const accepted = await inbox.accept({ ...arrival, ...(foreseen ? { foreseen } : {}) }, isFast);
      if (!isFast) return accepted;
      const handing = hand(arrival, accepted);
      return patient ? handing : accepted;
    },
  };
}

/** 200 when applied, 202 while nobody knows, the refusal otherwise. */
const answerOf = ({ id, state, verdict }: Accepted): Answer => {
  if (state === 'refused')
    throw new DomainError(verdict?.code ?? 'conflict', verdict?.reason ?? 'refused', verdict?.field);
  const status = state === 'applied' ? 200 : 202;
  return {
    status,
    body: { command: id, state: state === 'applied' ? 'applied' : 'recorded' } satisfies CommandState,
    headers: { location: `/v1/inbox/${id}` },
  };
};
