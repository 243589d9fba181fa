import type { Command } from 'commander';
import type { Me, Shown } from '../api/routes/token.ts';
import { type Query, route } from './api.ts';
import { CommandFailure } from './failure.ts';
import { facts, note, plain, say, asJson, table, when } from './print.ts';
import type { Session } from './session.ts';
import { listVerb } from './verb.ts';

type CreateOptions = Partial<Record<'person' | 'service' | 'team' | 'scope' | 'validFor', string>>;

/** `evenkeel token`: who may ask what. */
export function addToken(program: Command, session: Session): void {
  const token = program.command('token').description('tokens of people and pipelines');

  token
    .command('create')
    .description('creates a token and prints its secret, once, alone on stdout')
    .option('--person <name>', 'for a person of the catalogue')
    .option('--service <name>', 'for a pipeline or another program of a team')
    .option('--team <team>', 'the team of a --service')
    .option('--scope <role>', 'the most it may do: viewer, responder, operator, approver (default for people) or admin')
    .option('--valid-for <duration>', 'when it expires (default: 90d)')
    .action(async (options: CreateOptions) => {
      const said = await session.api.post<{ token: Shown; secret: string }>('/v1/tokens', askOf(options));
      if (session.isJson) return say(asJson(said));
      say(said.secret);
      note(`${said.token.kind} token ${said.token.id} of ${said.token.holder}, ${said.token.scope} at most`);
      note(`It expires ${when(said.token.expiresAt)}. The secret is not shown again.`);
    });

  listVerb(token, 'lists tokens without their secrets, newest first').action((query: Query) =>
    session.list('/v1/tokens', query, tokensText),
  );

  token
    .command('revoke <id>')
    .description('revokes a token at once')
    .action(async (id: string) => {
      await session.api.delete(route`/v1/tokens/${id}`);
      session.show({ id, state: 'revoked' }, () => `${id} is revoked`);
    });

  program
    .command('whoami')
    .description('shows who you are and your roles')
    .action(() => session.get('/v1/me', meText));
}

const askOf = ({ person, service, team, scope, validFor }: CreateOptions): object => {
  if ((person === undefined) === (service === undefined)) {
    throw new CommandFailure(2, 'expected either --person NAME, or --service NAME with --team TEAM');
  }
  if (person !== undefined && team !== undefined) throw new CommandFailure(2, '--team goes with --service only');
  if (person !== undefined) return { kind: 'personal', person, scope, validFor };
  if (team === undefined) throw new CommandFailure(2, `--service ${service} needs its --team`);
  return { kind: 'service', name: service, team, scope, validFor };
};

const tokensText = (tokens: readonly Shown[]): string =>
  table(
    ['id', 'prefix', 'kind', 'holder', 'team', 'scope', 'state', 'used'],
    tokens.map(({ id, prefix, kind, holder, team, scope, expiresAt, revokedAt, lastUsedAt }) => [
      id,
      prefix,
      kind,
      plain(holder),
      team ?? '',
      scope,
      revokedAt === null ? `until ${when(expiresAt)}` : `revoked ${when(revokedAt)}`,
      when(lastUsedAt) || 'never',
    ]),
    'no tokens',
  );

const meText = ({ actor, token, isAuditor, teams }: Me): string =>
  [
    `${actor.type} ${plain(actor.name)}${isAuditor ? ', auditor' : ''}`,
    facts([
      ['token', `${token.kind}, ${token.id}`],
      ['at most', token.scope],
      ...teams.map(({ team, role }) => [`team ${team}`, role] as const),
    ]),
  ].join('\n');
