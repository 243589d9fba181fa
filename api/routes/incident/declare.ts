import { z } from 'zod';
import { canonical, sha256 } from '../../../domain/digest.ts';
import { DomainError } from '../../../domain/errors.ts';
import { idOf } from '../../../domain/identifiers.ts';
import { IncidentDeclaration } from '../../../domain/incident/declaration.ts';
import { pastOf } from '../../../domain/incident/past.rules.ts';
import { randomUUID } from 'node:crypto';
import { senderOf } from '../../access.ts';
import type { Context } from '../../context.ts';
import { refuseStranger } from '../../eligibility.ts';
import { idempotencyKeyOf, mayHaveKey } from '../../idempotency.ts';
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
      const bytes = Buffer.from(canonical(body));
      const accepted = await commands.accept(
        {
          kind: 'fact',
          source: `api/${senderOf(access)}`,
          dedupKey: `incident/${idempotencyKeyOf(headers) ?? randomUUID()}`,
          name: 'incident.declared',
          // A row of nobody's is seen by who sent it alone.
          ...(body.privateTo === undefined ? { team: service?.owner ?? body.team! } : {}),
          actor: access.actor,
          body: bytes,
          bodyHash: sha256(bytes),
          content: { family: 'incident', facts: [body] },
        },
        true,
      );
      if (!accepted.isSameBody)
        throw new DomainError(
          'conflict',
          'this Idempotency-Key was used before with another incident',
          'Idempotency-Key',
        );
      const { id, state, verdict } = accepted;
      const [record] = verdict?.records ?? [];
      return {
        headers: { location: `/v1/inbox/${id}` },
        body: { accepted: id, state, ...(record === undefined ? {} : { incident: Number(idOf(record)) }) },
      };
    },
  });
