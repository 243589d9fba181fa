import { z } from 'zod';
import { Actor, Role } from '../../domain/actor.ts';
import { reaches } from '../../domain/actor.rules.ts';
import { DomainError } from '../../domain/errors.ts';
import { Duration } from '../../domain/duration.ts';
import { Name } from '../../domain/name.ts';
import type { Token } from '../../storage/token.ts';
import { type Access, makerOf } from '../access.ts';
import type { Context } from '../context.ts';
import { operation, type Untagged } from '../operation.ts';
import { mayHaveKey, requestId, validity } from '../idempotency.ts';
import { PageQuery, pageOf, pagesOf, positionOf, uuid } from '../page.ts';

const Shown = z.object({
  id: z.string(),
  prefix: z.string(),
  kind: z.string(),
  holder: z.string(),
  team: z.string().nullable(),
  scope: Role,
  createdAt: z.string(),
  createdBy: Actor,
  expiresAt: z.string(),
  revokedAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
});
export type Shown = z.infer<typeof Shown>;

const Me = z.object({
  actor: Actor,
  token: Shown.pick({ id: true, kind: true, holder: true, team: true, scope: true, createdBy: true }),
  isAuditor: z.boolean(),
  teams: z.array(z.object({ team: z.string(), role: Role })),
});
export type Me = z.infer<typeof Me>;

const Create = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('personal'),
    person: Name,
    scope: Role.default('approver'),
    validFor: Duration.default('90d'),
  }),
  z.strictObject({
    kind: z.literal('service'),
    name: Name,
    team: Name,
    scope: Role.default('operator'),
    validFor: Duration.default('90d'),
  }),
]);

/** Whoever hands out tokens can only hand out what the holder has: a personal token never exceeds its person. */
export const tokenOperations = ({ stores, recent }: Context): Untagged[] => {
  /** A token acts as its person in all their teams, so it takes an admin of all of them to make or to end one. */
  const demandAdminOf = async (person: string, access: Access): Promise<void> => {
    if (access.token.kind === 'bootstrap') return;
    if ((await recent.find('Person', person))?.auditor === true)
      throw new DomainError('not-allowed', 'only the admin token can create and revoke tokens of an auditor');
    const teams = (await recent.list('Team')).filter(({ spec }) =>
      spec.members.some((member) => member.person === person),
    );
    if (teams.length === 0) throw new DomainError('not-allowed', `${person} is in none of your teams`);
    for (const { name } of teams) access.demand('admin', name, `person ${person}`);
  };

  const demandAdminFor = async (token: Token, access: Access, missing: DomainError): Promise<void> => {
    if (token.kind === 'bootstrap' && access.token.kind !== 'bootstrap') throw missing;
    if (token.team === null) return demandAdminOf(token.holder, access);
    access.demand('admin', token.team, `token ${token.id}`);
  };

  return [
    operation({
      id: 'showMe',
      route: 'GET /v1/me',
      summary: 'Shows who you are and your roles',
      role: 'holder',
      answer: { status: 200, description: 'You', schema: Me },
      async handle({ access }) {
        const teams = (await recent.list('Team')).flatMap(({ name }) => {
          const role = access.roleIn(name);
          return role === undefined ? [] : [{ team: name, role }];
        });
        const { actor, isAuditor } = access;
        const { id, kind, holder, team, scope, createdBy } = access.token;
        return { body: { actor, token: { id, kind, holder, team, scope, createdBy }, isAuditor, teams } };
      },
    }),
    operation({
      id: 'createToken',
      route: 'POST /v1/tokens',
      summary: 'Creates a token; its secret is shown only once',
      role: 'admin',
      headers: mayHaveKey,
      body: Create,
      answer: {
        status: 201,
        description: 'The token with its secret',
        schema: z.object({ token: Shown, secret: z.string() }),
      },
      async handle({ body, access, headers }) {
        if (body.kind === 'service') {
          if (!(await recent.find('Team', body.team)))
            throw new DomainError('invalid', `there is no team ${body.team}`, 'team');
          access.demand('admin', body.team, `team ${body.team}`);
          if (reaches(body.scope, 'approver'))
            throw new DomainError('invalid', 'a service token can neither approve nor administer', 'scope');
        } else {
          if (!(await recent.find('Person', body.person)))
            throw new DomainError('invalid', `there is no person ${body.person}`, 'person');
          await demandAdminOf(body.person, access);
        }
        const { kind, scope, validFor } = body;
        const tell = kind === 'personal' ? (await recent.find('Person', body.person))?.email : undefined;
        const of = kind === 'service' ? { holder: body.name, team: body.team } : { holder: body.person };
        const { at, expiresAt } = validity(validFor);
        const made = await stores.tokens.create(
          requestId('createToken', { access, headers }),
          { kind, ...of, scope, expiresAt, createdBy: makerOf(access), tell },
          access.actor,
          at,
        );
        return { body: made };
      },
    }),
    operation({
      id: 'listTokens',
      route: 'GET /v1/tokens',
      summary: 'Lists the tokens of your teams without their secrets, newest first',
      role: 'admin',
      query: z.strictObject(PageQuery),
      answer: pagesOf(Shown),
      async handle({ query: { after, limit }, access }) {
        const teams = access.teamsWith('admin');
        const own = (await recent.list('Team')).filter(({ name }) => teams?.includes(name));
        const of = teams && { teams, people: own.flatMap(({ spec }) => spec.members.map(({ person }) => person)) };
        const items = await stores.tokens.list({ of, after: positionOf(after, uuid), limit });
        return { body: pageOf(items, limit, ({ createdAt, id }) => ({ at: createdAt, id })) };
      },
    }),
    operation({
      id: 'revokeToken',
      route: 'DELETE /v1/tokens/{id}',
      summary: 'Revokes a token at once: your own, or one that you may create',
      role: 'holder',
      params: z.strictObject({ id: z.uuid() }),
      answer: { status: 204, description: 'Revoked' },
      async handle({ params, access }) {
        const token = await stores.tokens.byId(params.id);
        const missing = new DomainError('not-found', `there is no valid token ${params.id}`);
        if (!token) throw missing;
        const isPersonal = access.token.kind === 'personal' && token.kind === 'personal';
        const isOwn = token.id === access.token.id || (isPersonal && token.holder === access.token.holder);
        // Whoever may not end a token is not told whose it is.
        if (!isOwn)
          await demandAdminFor(token, access, missing).catch((error: unknown) => {
            throw error instanceof DomainError && error.code === 'not-found' ? missing : error;
          });
        if (!(await stores.tokens.revoke(params.id, access.actor, new Date().toISOString()))) throw missing;
        return {};
      },
    }),
  ];
};
