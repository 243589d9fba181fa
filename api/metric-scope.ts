import type { Role } from '../domain/actor.ts';
import { DomainError } from '../domain/errors.ts';
import type { Scope } from '../domain/metric.ts';
import { Name } from '../domain/name.ts';
import type { Access } from './access.ts';
import type { Context } from './context.ts';

/** What a figure or a report is of. */
export const ScopeQuery = {
  service: Name.optional().meta({ description: 'Of this service' }),
  team: Name.optional().meta({
    description: 'Of this team; without a service and a team of all that there is, for who may see it',
  }),
  environment: Name.optional(),
};

/** The team whose matter a scope is; undefined of all that there is. */
export const teamOf = async (
  { recent }: Pick<Context, 'recent'>,
  { service, team }: Scope,
): Promise<string | undefined> => (service === undefined ? team : (await recent.find('Service', service))?.owner);

/** Whether somebody may see what is the matter of a team, or of nobody: that takes seeing all teams. */
export const maySee = (access: Access, team: string | undefined): boolean =>
  team === undefined ? access.teamsWith('viewer') === undefined : access.roleIn(team) !== undefined;

/** What is asked of, for somebody who has the role there. */
export const scopeOf = async (
  { recent }: Pick<Context, 'recent'>,
  access: Access,
  { service, team, environment }: Scope,
  role: Role = 'viewer',
): Promise<Scope> => {
  if (service !== undefined) {
    const found = await recent.find('Service', service);
    if (!found) throw new DomainError('not-found', `there is no service ${service}`);
    access.demand(role, found.owner, `service ${service}`);
    if (team !== undefined) throw new DomainError('invalid', 'say a service or a team', 'team');
  } else if (team !== undefined) {
    access.demand(role, team, `team ${team}`);
    if (!(await recent.find('Team', team))) throw new DomainError('not-found', `there is no team ${team}`);
  } else if (access.teamsWith(role) !== undefined) {
    throw new DomainError('invalid', 'say of which team or service: you do not see all of them', 'team');
  }
  if (environment !== undefined && !(await recent.find('Environment', environment)))
    throw new DomainError('not-found', `there is no environment ${environment}`);
  return { ...(service && { service }), ...(team && { team }), ...(environment && { environment }) };
};
