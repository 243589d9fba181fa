import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { milliseconds } from '../domain/duration.ts';
import { DomainError } from '../domain/errors.ts';
import { uuidOf } from '../domain/digest.ts';
import { senderOf } from './access.ts';
import type { Ask } from './operation.ts';

/** Who asks, with the headers of the request. */
export type Asker = Pick<Ask<unknown, unknown, unknown>, 'access' | 'headers'>;

const Key = z
  .string()
  .min(1)
  .max(200)
  .meta({ description: 'The same key again does nothing new and returns the same answer', example: 'deploy-4711' });

/** The header that makes a request safe to repeat, for operations that take it and for those that need it. */
export const mayHaveKey = z.object({ 'Idempotency-Key': Key.optional() });
export const needsKey = z.object({ 'Idempotency-Key': Key });

/** The `Idempotency-Key` of a request, if it has one. Refuses one that could not be kept. */
export const idempotencyKeyOf = (headers: Asker['headers']): string | undefined => {
  const key = headers['idempotency-key'];
  if (key === '' || (key !== undefined && key.length > 200))
    throw new DomainError('invalid', 'an Idempotency-Key has 1 to 200 characters', 'Idempotency-Key');
  return key;
};

/** The id of what a request makes: by its `Idempotency-Key` when it has one, so that a repeat makes nothing new. */
export const requestId = (operation: string, { access, headers }: Asker): string => {
  const key = idempotencyKeyOf(headers);
  return key === undefined ? randomUUID() : uuidOf(`${senderOf(access)}\n${operation}\n${key}`);
};

/** From now on, for so long. */
export const validity = (validFor: string): { at: string; expiresAt: string } => {
  const at = Date.now();
  return { at: new Date(at).toISOString(), expiresAt: new Date(at + milliseconds(validFor)).toISOString() };
};
