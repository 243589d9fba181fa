import { randomUUID } from 'node:crypto';
import { DomainError } from '../../domain/errors.ts';
import { planOf, Transition } from '../../domain/trigger/transition.ts';
import type { Context } from '../context.ts';
import { declare, Opening, openingOf } from '../declaration.ts';
import { idempotencyKeyOf, mayHaveKey } from '../idempotency.ts';
import { operation, type Untagged } from '../operation.ts';
import { demandPlace } from '../place.ts';

/** Where it is reported that a service goes live, passes to another team, or goes out of use. */
export const transitionOperations = (context: Context): Untagged[] => [
  operation({
    id: 'reportTransition',
    route: 'POST /v1/transitions',
    summary: 'Reports a transition of a service; the plan that the service names for it is opened',
    role: 'operator',
    headers: mayHaveKey,
    body: Transition,
    answer: Opening,
    async handle({ body, access, headers }) {
      const { owner, plans } = await demandPlace(context, access, 'operator', body);
      const { kind, service, to } = body;
      if (to !== undefined && !(await context.recent.find('Team', to)))
        throw new DomainError('invalid', `the catalogue has no team ${to}`, 'to');
      if (to === owner) throw new DomainError('invalid', `service ${service} belongs to team ${to} already`, 'to');
      if (plans[planOf[kind]] === undefined)
        throw new DomainError('invalid', `service ${service} names no plan for it: plans.${planOf[kind]}`, 'kind');
      const factKey = idempotencyKeyOf(headers) ?? randomUUID();
      const content = { family: 'transition' as const, facts: [{ transition: body, factKey }] };
      const what = { what: 'transition', name: 'transition.reported', team: owner, content };
      return openingOf(await declare(context, what, { access, headers }));
    },
  }),
];
