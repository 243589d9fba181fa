import { DomainError } from '../../domain/errors.ts';
import { parametersOf } from '../../domain/plan-template/parameter.ts';
import { PlanRequest } from '../../domain/trigger/request.ts';
import type { Context } from '../context.ts';
import { declare, Opening, openingOf } from '../declaration.ts';
import { mayHaveKey } from '../idempotency.ts';
import { operation, type Untagged } from '../operation.ts';
import { demandPlace } from '../place.ts';

/** Where a person asks for a plan that nothing else sets off. */
export const requestOperations = (context: Context): Untagged[] => [
  operation({
    id: 'requestPlan',
    route: 'POST /v1/requests',
    summary: 'Requests an operation plan by a template, with its parameters',
    role: 'responder',
    headers: mayHaveKey,
    body: PlanRequest,
    answer: Opening,
    async handle({ body, access, headers }) {
      const { owner } = await demandPlace(context, access, 'viewer', body);
      const template = await context.recent.find('PlanTemplate', body.template);
      if (!template)
        throw new DomainError('invalid', `the catalogue has no plan template ${body.template}`, 'template');
      const { requestableBy, parameters } = template;
      if (requestableBy === undefined)
        throw new DomainError(
          'not-allowed',
          `plan template ${body.template} cannot be requested: it does not say by whom (requestableBy)`,
        );
      access.demand(requestableBy, owner, `service ${body.service}`);
      parametersOf(parameters, body.parameters);
      const facts = [body];
      const content = { family: 'request' as const, facts };
      const what = { what: 'request', name: 'plan.requested', team: owner, content };
      return openingOf(await declare(context, what, { access, headers }));
    },
  }),
];
