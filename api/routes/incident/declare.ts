import { z } from 'zod';
import { DomainError } from '../../../domain/errors.ts';
import { IncidentDeclaration } from '../../../domain/incident/declaration.ts';
import { pastOf } from '../../../domain/incident/past.rules.ts';
import type { Context } from '../../context.ts';
import { declare } from '../../declaration.ts';
import { refuseStranger } from '../../eligibility.ts';
import { mayHaveKey } from '../../idempotency.ts';
import { operation, type Untagged } from '../../operation.ts';
import { refuseOpenBefore } from './other.ts';

const Declared = z.object({ accepted: z.string(), state: z.string(), incident: z.int().optional() });
export type Declared = z.infer<typeof Declared>;

/** Anybody with a token says that something is broken, whoever answers for it. */
export const declareIncident = ({ commands, recent, stores }: Context): Untagged =>
  operation({
    id: 'declareIncident',
    route: 'POST /v1/incidents',
    summary: 'Declares an incident; whoever is on call for it is paged',
    role: 'holder',
    headers: mayHaveKey,
    body: IncidentDeclaration,
    answer: {
      status: 202,
      description: 'Committed, with the number if there is one already',
      schema: Declared,
      headers: { Location: 'Where it is shown what became of it' },
    },
    async handle({ body, access, headers }) {
      const service = body.service === undefined ? undefined : await recent.find('Service', body.service);
      if (body.service !== undefined && !service)
        throw new DomainError('invalid', `the catalogue has no service ${body.service}`, 'service');
      if (body.environment !== undefined && !(await recent.find('Environment', body.environment)))
        throw new DomainError('invalid', `the catalogue has no environment ${body.environment}`, 'environment');
      if (body.team !== undefined && !(await recent.find('Team', body.team)))
        throw new DomainError('invalid', `the catalogue has no team ${body.team}`, 'team');
      if (body.follows !== undefined) await refuseOpenBefore({ stores }, body.follows, access);
      pastOf(body.impactAt, new Date().toISOString(), 'impactAt');
      for (const person of body.privateTo ?? []) await refuseStranger({ recent }, person, 'privateTo');
      const { location, number, ...committed } = await declare(
        { commands },
        {
          what: 'incident',
          name: 'incident.declared',
          team: body.privateTo === undefined ? (service?.owner ?? body.team!) : undefined,
          content: { family: 'incident', facts: [body] },
        },
        { access, headers },
      );
      return { headers: { location }, body: { ...committed, ...(number === undefined ? {} : { incident: number }) } };
    },
  });
