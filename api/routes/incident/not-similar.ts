import { z } from 'zod';
import { DomainError } from '../../../domain/errors.ts';
import { keepDifference } from '../../../storage/insight/difference.ts';
import type { Context } from '../../context.ts';
import { operation, type Untagged } from '../../operation.ts';
import { ifVisible } from '../problem/visible.ts';
import { visibleIncident } from './visible.ts';

const Difference = z.strictObject({
  other: z.int().min(1).meta({ description: 'The incident that it is not the same as' }),
  reason: z.string().min(1, 'a reason is needed').max(1_000),
});
const Said = z.object({ incident: z.int(), other: z.int() });
export type SaidDifference = z.infer<typeof Said>;

/** Somebody who knows says that two incidents are not the same: neither is taken for the other again, and both count by themselves. */
export const sayNotSimilar = (context: Context): Untagged =>
  operation({
    id: 'sayNotSimilar',
    route: 'POST /v1/incidents/{id}/not-similar',
    summary: 'Says that it is not the same as another incident, which is remembered; to say it twice changes nothing',
    role: 'responder',
    params: z.strictObject({ id: z.string().max(20) }),
    body: Difference,
    answer: { status: 200, description: 'What is remembered', schema: Said },
    async handle({ params, body: { other, reason }, access }) {
      const { number, commission } = await visibleIncident(context, params.id, access, 'responder');
      const second = await ifVisible(visibleIncident(context, String(other), access, 'responder'));
      if (!second) throw new DomainError('invalid', `there is no incident ${other}`, 'other');
      if (number === other) throw new DomainError('invalid', 'an incident is the same as itself', 'other');
      if (commission.privateTo !== undefined || second.commission.privateTo !== undefined)
        throw new DomainError('conflict', 'a private incident is taken for no other one', 'other');
      const at = new Date().toISOString();
      await keepDifference(context.db, { incident: number, other, reason, by: access.actor, at });
      return { body: { incident: number, other } };
    },
  });
