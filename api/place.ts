import type { Role } from '../domain/actor.ts';
import { DomainError } from '../domain/errors.ts';
import type { ServiceSpec } from '../domain/service.ts';
import type { Access } from './access.ts';
import type { Context } from './context.ts';

/** The service of a place, to open a plan for it. Refuses a place that the catalogue does not have, and who may not. */
export const demandPlace = async (
  { recent }: Pick<Context, 'recent'>,
  access: Access,
  role: Role,
  { service: name, environment }: { service: string; environment: string },
): Promise<ServiceSpec> => {
  const service = await recent.find('Service', name);
  const found = await recent.find('Environment', environment);
  const missing = [...(service ? [] : [`service ${name}`]), ...(found ? [] : [`environment ${environment}`])];
  if (!service) throw new DomainError('invalid', `the catalogue has no ${missing.join(' and no ')}`, 'service');
  access.demand(role, service.owner, `service ${name}`);
  if (!found) throw new DomainError('invalid', `the catalogue has no ${missing.join('')}`, 'environment');
  return service;
};
