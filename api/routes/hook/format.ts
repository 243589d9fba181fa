import { z } from 'zod';
import { DomainError } from '../../../domain/errors.ts';
import type { SourceSpec } from '../../../domain/source.ts';
import type { DeploymentFact } from '../../../domain/deployment.ts';
import type { Facts } from '../../../domain/inbox.ts';
import type { Ask, Operation } from '../../operation.ts';

/** What a sender is answered with: the rows of the inbox that hold what it sent. */
export const Receipt = z.object({ accepted: z.array(z.string()), note: z.string().optional() });

export const BySource = z.strictObject({ source: z.string().max(63) });

/** One request of a sender, as it came. */
export interface Delivery {
  source: SourceSpec & { name: string };
  body: Buffer;
  headers: Ask<unknown, unknown, unknown>['headers'];
}

/** A delivery's name and its deduplication key: under one key it is one row, however often it comes. */
export interface Label {
  name: string;
  key: string;
}

/** A part of what was sent: its bytes are kept as evidence of what they tell. */
export interface Told extends Label {
  body: Uint8Array;
  facts: DeploymentFact[];
  /** What it tells instead, where that is no deployment. */
  content?: Facts;
  /** How many alerts it tells of, under the name of its format; they are read from the body again as they are correlated. */
  alerts?: number;
}

export interface Reading {
  told: Told[];
  /** What was not used, and why. */
  notes: string[];
  status?: number | undefined;
}

/** What was sent, as it is kept where it was not sent in one form. */
export const bytesOf = (event: object): Buffer => {
  try {
    return Buffer.from(JSON.stringify(event));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new DomainError('invalid', 'the event is nested too deep');
  }
};

/** A way in which senders write: all that differs between them. */
export interface Format {
  /** Where it is sent to, if not to the place of its name. */
  path?: `/v1/hooks/${string}`;
  operation: Pick<Operation, 'id' | 'summary' | 'alsoAnswers' | 'alsoBy'> & {
    description: string;
    sender: NonNullable<Operation['sender']>;
    /** Answered with 200 and no body, as its senders expect. */
    isSilent?: true;
  };
  /** Most bytes of a body, where that is less than usual. */
  limit?: number;
  /** Throws for whoever does not prove to be the source, or sends what nobody could read. Nothing of that is kept. */
  verify(delivery: Delivery, secrets: readonly string[]): void;
  /** What a body that cannot be read is kept under; the format's name and the body's digest unless said. */
  label?(delivery: Delivery): Label;
  /** Throws a `DomainError` for a body that is hopeless; all of it is kept with the reason then. */
  read(delivery: Delivery): Reading;
}
