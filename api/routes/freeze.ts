import { z } from 'zod';
import { Duration, milliseconds } from '../../domain/duration.ts';
import { DomainError } from '../../domain/errors.ts';
import { Freeze } from '../../domain/freeze.ts';
import { signalOf } from '../../domain/inbox.ts';
import { Name } from '../../domain/name.ts';
import { holdLifted } from '../../workflows/hold.messages.ts';
import type { Access } from '../access.ts';
import type { Context } from '../context.ts';
import { mayHaveKey, requestId } from '../idempotency.ts';
import { operation, type Untagged } from '../operation.ts';
import { allOf } from '../page.ts';

const reason = z.string().min(1, 'a reason is needed').max(1000);
const longestMs = 30 * 86_400_000;
const Start = z.strictObject({
  service: Name.optional(),
  environment: Name.optional(),
  reason,
  for: Duration.default('24h').meta({ description: 'When it ends by itself, at most 30 days' }),
});
const End = z.strictObject({ reason });
const ById = z.strictObject({ id: z.uuid() });

/** Emergency freezes: nothing that has not begun begins, whatever was approved, until one is ended or its time is up. */
export const freezeOperations = ({ stores, recent }: Context): Untagged[] => {
  /** The operators of a service hold it; what others have in the same place takes an admin. */
  const demand = async (access: Access, service: string | undefined): Promise<void> => {
    if (service === undefined) {
      if (!access.holds('admin'))
        throw new DomainError('not-allowed', 'only an admin can freeze more than one service');
      return;
    }
    const found = await recent.find('Service', service);
    if (!found) throw new DomainError('invalid', `the catalogue has no service ${service}`, 'service');
    access.demand('operator', found.owner, `service ${service}`);
  };

  return [
    operation({
      id: 'startFreeze',
      route: 'POST /v1/freezes',
      summary: 'Holds everything that has not begun: of a service, in an environment, or everywhere',
      role: 'operator',
      body: Start,
      headers: mayHaveKey,
      answer: { status: 201, description: 'The freeze', schema: Freeze },
      async handle({ body: { for: duration, ...body }, access, headers }) {
        const [at, lastsMs] = [Date.now(), milliseconds(duration)];
        if (lastsMs > longestMs) throw new DomainError('invalid', 'a freeze lasts 30 days at most', 'for');
        if (body.environment !== undefined && !(await recent.find('Environment', body.environment)))
          throw new DomainError('invalid', `the catalogue has no environment ${body.environment}`, 'environment');
        await demand(access, body.service);
        const freeze = {
          ...body,
          id: requestId('startFreeze', { access, headers }),
          startedBy: access.actor,
          startedAt: new Date(at).toISOString(),
          until: new Date(at + lastsMs).toISOString(),
        };
        return { body: await stores.freezes.start(freeze) };
      },
    }),
    operation({
      id: 'endFreeze',
      route: 'POST /v1/freezes/{id}/end',
      summary: 'Ends a freeze early',
      role: 'operator',
      params: ById,
      body: End,
      answer: { status: 200, description: 'The freeze', schema: Freeze },
      async handle({ params: { id }, body, access }) {
        const freeze = await stores.freezes.find(id);
        if (!freeze) throw new DomainError('not-found', `there is no freeze ${id}`);
        await demand(access, freeze.service);
        const ended = await stores.freezes.end(id, access.actor, new Date().toISOString(), body.reason);
        for (const { workflowId: target, belongsTo, team } of await stores.freezes.held(ended))
          await stores.inbox.accept(
            signalOf({ source: 'freeze', dedupKey: `${id}/${target}`, name: holdLifted, target, belongsTo, team }),
          );
        return { body: ended };
      },
    }),
    operation({
      id: 'listFreezes',
      route: 'GET /v1/freezes',
      summary: 'Lists freezes, newest first',
      role: 'viewer',
      answer: allOf('The latest 200, those that are over as well', Freeze),
      handle: async () => ({ body: { items: await stores.freezes.list() } }),
    }),
  ];
};
