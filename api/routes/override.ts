import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { hasAllOf, peopleOf } from '../../domain/on-call.ts';
import { Override, OverrideAsk } from '../../domain/override.ts';
import { accept, ask, decline, withdraw } from '../../domain/override.rules.ts';
import { type Access, demandPerson, refuseLentToken } from '../access.ts';
import type { Context } from '../context.ts';
import { mayHaveKey, requestId } from '../idempotency.ts';
import { operation, type Untagged } from '../operation.ts';
import { pageOfListed } from '../page.ts';
import { answeredMail, askedMail } from './override-mail.ts';

const ById = z.strictObject({ id: z.uuid() });
const ByName = z.strictObject({ name: z.string().max(63) });
const Answered = z.strictObject({ reason: z.string().min(1).max(1000).optional() });
const answer = { status: 200, description: 'The override', schema: Override };

/** People ask each other to be on call for them: it counts once the person who is asked has accepted. */
export const overrideOperations = ({ stores, recent }: Context): Untagged[] => {
  /** Whoever may be on call in a schedule: those with turns, and the members of the teams that use it. */
  const concerned = async (name: string): Promise<string[]> => {
    const schedule = await stores.catalogue.find('Schedule', name);
    if (!schedule) throw new DomainError('not-found', `there is no schedule ${name}`);
    const teams = (await recent.list('Team')).filter(({ spec }) => spec.schedule === name);
    return [...peopleOf(schedule), ...teams.flatMap(({ spec }) => spec.members.map(({ person }) => person))];
  };
  /** Each gives away what is theirs: nobody loses a turn by a swap of two others. */
  const refuseForeignTurns = async (name: string, by: string, { from, until, person, inReturn }: OverrideAsk) => {
    const schedule = await stores.schedules.find(name);
    if (!schedule || !inReturn) return;
    const given = [
      { who: by, field: 'from', span: { from, until } },
      { who: person, field: 'inReturn.from', span: inReturn },
    ];
    for (const { who, field, span } of given)
      if (!hasAllOf(schedule, who, { from: Date.parse(span.from), until: Date.parse(span.until) }))
        throw new DomainError(
          'invalid',
          `${who} is not on call for all of ${span.from} to ${span.until}: see evenkeel schedule shifts`,
          field,
        );
  };

  const mailTo = async (person: string): Promise<string | undefined> => (await recent.find('Person', person))?.email;

  const change = async (
    id: string,
    access: Access,
    reason: string | undefined,
    rule: typeof accept,
  ): Promise<{ body: Override }> => {
    demandPerson(access, 'only a person with a personal token answers for being on call');
    const deed = { by: access.actor.name, at: new Date().toISOString() };
    const before = await stores.overrides.find(id);
    if (!before) throw new DomainError('not-found', `there is no override ${id}`);
    // Whoever asks does not answer with a token that they made for the person.
    if (before.person === deed.by) refuseLentToken(access, [before.askedBy]);
    const told = deed.by === before.askedBy ? before.person : before.askedBy;
    const to = told === deed.by ? undefined : await mailTo(told);
    const body = await stores.overrides.change(
      id,
      (override) => rule(override, deed),
      (changed) => ({
        actor: access.actor,
        at: deed.at,
        reason,
        notify: to === undefined ? undefined : answeredMail(changed, deed.by, to, reason),
      }),
    );
    return { body };
  };

  return [
    operation({
      id: 'askOverride',
      route: 'POST /v1/schedules/{name}/overrides',
      summary: 'Asks a person to be on call for a time; takes effect at once for yourself',
      role: 'responder',
      params: ByName,
      headers: mayHaveKey,
      body: OverrideAsk,
      answer: { status: 201, description: 'The override', schema: Override },
      async handle({ params: { name }, body, access, headers }) {
        demandPerson(access, 'only a person with a personal token asks for an override');
        const by = access.actor.name;
        const people = await concerned(name);
        if (!people.includes(by))
          throw new DomainError('not-allowed', `${by} is neither in schedule ${name} nor in a team that uses it`);
        if (!people.includes(body.person))
          throw new DomainError(
            'invalid',
            `${body.person} is neither in schedule ${name} nor in a team that uses it`,
            'person',
          );
        await refuseForeignTurns(name, by, body);
        const at = new Date().toISOString();
        const override = ask(requestId('askOverride', { access, headers }), name, body, { by, at });
        const to = override.status === 'asked' ? await mailTo(body.person) : undefined;
        const notify = to === undefined ? undefined : askedMail(override, to);
        return { body: await stores.overrides.ask(override, { actor: access.actor, at, reason: body.reason, notify }) };
      },
    }),
    operation({
      id: 'listOverrides',
      route: 'GET /v1/schedules/{name}/overrides',
      summary: 'Lists what was asked of people in a schedule, newest first',
      role: 'viewer',
      params: ByName,
      answer: {
        status: 200,
        description: 'The latest 200',
        schema: z.object({ items: z.array(Override), unreadable: z.int().optional() }),
      },
      async handle({ params: { name } }) {
        await concerned(name);
        return { body: pageOfListed(await stores.overrides.list(name), (item) => item) };
      },
    }),
    operation({
      id: 'acceptOverride',
      route: 'POST /v1/overrides/{id}/accept',
      summary: 'Accepts to be on call; it counts from now on',
      role: 'responder',
      params: ById,
      answer,
      handle: ({ params: { id }, access }) => change(id, access, undefined, accept),
    }),
    operation({
      id: 'declineOverride',
      route: 'POST /v1/overrides/{id}/decline',
      summary: 'Declines to be on call',
      role: 'responder',
      params: ById,
      body: Answered,
      answer,
      handle: ({ params: { id }, body, access }) => change(id, access, body.reason, decline),
    }),
    operation({
      id: 'withdrawOverride',
      route: 'POST /v1/overrides/{id}/withdraw',
      summary: 'Withdraws what you asked; what has passed of it stays as it was',
      role: 'responder',
      params: ById,
      body: Answered,
      answer,
      handle: ({ params: { id }, body, access }) => change(id, access, body.reason, withdraw),
    }),
  ];
};
