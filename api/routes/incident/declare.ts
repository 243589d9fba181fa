import { z } from 'zod';
import { IncidentDeclaration } from '../../../domain/incident/declaration.ts';
import { pastOf } from '../../../domain/incident/past.rules.ts';
import type { Context } from '../../context.ts';
import { declare, ownerOf } from '../../declaration.ts';
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
      const owner = await ownerOf({ recent }, body);
      if (body.follows !== undefined) await refuseOpenBefore({ stores }, body.follows, access);
      pastOf(body.impactAt, new Date().toISOString(), 'impactAt');
      for (const person of body.privateTo ?? []) await refuseStranger({ recent }, person, 'privateTo');
      const {
        location,
        opened,
        reason: _,
        ...committed
      } = await declare(
        { commands },
        {
          what: 'incident',
          name: 'incident.declared',
          team: body.privateTo === undefined ? owner : undefined,
          content: { family: 'incident', facts: [body] },
        },
        { access, headers },
      );
      return {
        headers: { location },
        body: { ...committed, ...(opened === undefined ? {} : { incident: Number(opened) }) },
      };
    },
  });
