import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { AlertFormat } from '../../domain/alert/readers.ts';
import { ReportedEvent, ReportedEvents } from '../../domain/alert/generic.ts';
import { canonical, sha256 } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { senderOf } from '../access.ts';
import type { Context } from '../context.ts';
import { idempotencyKeyOf, mayHaveKey } from '../idempotency.ts';
import { type Ask, operation, type Untagged } from '../operation.ts';
import { createInstants } from './hook/instant.ts';

const format = 'events' satisfies AlertFormat;

/** Where whoever has a token tells of what happens, with one `curl`. */
export const eventOperations = ({ stores, recent }: Context): Untagged[] => {
  const nextInstant = createInstants();

  /** The team that answers for it, which has to be one in which the asker may tell. */
  const teamOf = async (
    { service, environment }: ReportedEvent,
    field: (name: string) => string,
    access: Ask<unknown, unknown, unknown>['access'],
  ): Promise<string> => {
    if (service === undefined) throw new DomainError('invalid', `${field('service')} is missing`, field('service'));
    const found = await recent.find('Service', service);
    if (!found) throw new DomainError('invalid', `the catalogue has no service ${service}`, field('service'));
    access.demand('operator', found.owner, `service ${service}`);
    if (environment !== undefined && !(await recent.find('Environment', environment)))
      throw new DomainError('invalid', `the catalogue has no environment ${environment}`, field('environment'));
    return found.owner;
  };

  return [
    operation({
      id: 'reportEvents',
      route: 'POST /v1/events',
      summary: 'Reports one event or several: something fires, or has ended',
      role: 'operator',
      headers: mayHaveKey,
      body: ReportedEvents,
      limit: 1024 * 1024,
      answer: {
        status: 202,
        description: 'Committed; one row for each team',
        schema: z.object({ accepted: z.array(z.string()) }),
      },
      async handle({ body, access, headers }) {
        const source = `api/${senderOf(access)}`;
        const key = idempotencyKeyOf(headers) ?? randomUUID();
        const isBatch = 'events' in body;
        const events = isBatch ? body.events : [body];
        const owned = await Promise.all(
          events.map(async (event, at) => ({
            event,
            team: await teamOf(event, (name) => (isBatch ? `events.${at}.${name}` : name), access),
          })),
        );
        const at = nextInstant(source);
        const accepted = await Promise.all(
          [...Map.groupBy(owned, ({ team }) => team)].map(([team, told]) =>
            stores.alertInbox.accept({
              source,
              team,
              format,
              dedupKey: `${key}/${team}`,
              body: Buffer.from(canonical({ events: told.map(({ event }) => timed(event, at)) })),
              // Of what was asked: a repeat comes at another time.
              bodyHash: sha256(canonical(told.map(({ event }) => event))),
              alerts: told.length,
              receivedAt: at,
            }),
          ),
        );
        if (accepted.some(({ isSameBody }) => !isSameBody))
          throw new DomainError(
            'conflict',
            'this Idempotency-Key was used before with other events',
            'Idempotency-Key',
          );
        return { body: { accepted: accepted.map(({ id }) => id) } };
      },
    }),
  ];
};

/** With the times that it has by now, so that a repeat does not make it begin, or end, once more. */
const timed = (event: ReportedEvent, at: string): ReportedEvent => {
  const { status, startedAt, endedAt } = event;
  if (status !== 'resolved') return { ...event, startedAt: startedAt ?? at };
  const isAhead = startedAt !== undefined && Date.parse(startedAt) > Date.parse(at);
  return { ...event, endedAt: endedAt ?? (isAhead ? startedAt : at) };
};
