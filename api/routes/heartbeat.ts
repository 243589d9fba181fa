import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { operation, type Untagged } from '../operation.ts';
import { demandSecret } from './hook/secret.ts';

/** Where what runs again and again says that it did. */
export const heartbeatOperations = ({ stores, recent, secrets }: Context): Untagged[] => [
  operation({
    id: 'beat',
    route: 'POST /v1/heartbeats/{name}',
    summary: 'Says that the heartbeat is heard, with its secret; any body is ignored',
    role: 'sender',
    params: z.strictObject({ name: z.string().max(63) }),
    sender: { proof: 'sourceSecret', bodies: {} },
    answer: { status: 204, description: 'Noted' },
    async handle({ params: { name }, headers }) {
      const spec = await recent.find('Heartbeat', name);
      if (!spec) throw new DomainError('not-found', 'there is no heartbeat of that name');
      const kept = await Promise.all(spec.secrets.map((secret) => secrets.get(secret)));
      demandSecret(
        headers,
        kept.filter((secret) => secret !== undefined),
      );
      await stores.heartbeats.beat(name);
      return {};
    },
  }),
];
