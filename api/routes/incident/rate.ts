import { z } from 'zod';
import { Rating, RatingAsk } from '../../../domain/incident/rating.ts';
import { DomainError } from '../../../domain/errors.ts';
import { refuseUnratable } from '../../../domain/incident/rating.rules.ts';
import type { IncidentRow } from '../../../storage/incident/index.ts';
import { type Access, demandPerson } from '../../access.ts';
import type { Context } from '../../context.ts';
import { mayHaveKey, requestId } from '../../idempotency.ts';
import { operation, type Untagged } from '../../operation.ts';
import { incidentNumbered, visibleIncident } from './visible.ts';

/** People say how an incident was handled: whoever may see it, and stakeholders of its service. */
export const rateIncident = (context: Context): Untagged =>
  operation({
    id: 'rateIncident',
    route: 'POST /v1/incidents/{id}/rate',
    summary: 'Says how well it was handled; a later rating of yours replaces it',
    role: 'holder',
    params: z.strictObject({ id: z.string().max(20) }),
    headers: mayHaveKey,
    body: RatingAsk,
    answer: { status: 200, description: 'Your rating', schema: Rating },
    async handle({ params: { id }, body, access, headers }) {
      demandPerson(access, 'people rate, with a personal token');
      const { number, record } =
        (await heldIncident(context, id, access)) ?? (await visibleIncident(context, id, access));
      if (!record) throw new DomainError('conflict', `incident ${number} has not begun`);
      refuseUnratable(record);
      const request = requestId('rateIncident', { access, headers });
      const at = new Date().toISOString();
      return { body: await context.stores.ratings.rate(request, number, body, access.actor, at) };
    },
  });

/** The incident, for a stakeholder: somebody to whose address a channel sends the reports of its service. */
const heldIncident = async (
  { stores, recent }: Context,
  id: string,
  { actor }: Access,
): Promise<IncidentRow | undefined> => {
  const row = await incidentNumbered(stores, id);
  const name = row?.record?.service;
  if (!row || name === undefined || row.commission.privateTo !== undefined) return undefined;
  const [service, person] = await Promise.all([recent.find('Service', name), recent.find('Person', actor.name)]);
  if (!person) return undefined;
  const channels = await Promise.all(
    (service?.stakeholders ?? []).map((channel) => recent.find('NotificationChannel', channel)),
  );
  const address = person.email.toLowerCase();
  const isStakeholder = channels.some(
    (channel) => channel?.type === 'email' && channel.to.some((to) => to.toLowerCase() === address),
  );
  return isStakeholder ? row : undefined;
};
